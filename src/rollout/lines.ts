/** Lines of a text file, streamed: a file of any size takes the memory of its longest line. */
import { createReadStream } from "node:fs";
import { RlvrError } from "../errors.ts";

const NEWLINE = 0x0a;
/** A line that never ends is no line of rows, and must not fill the memory. */
const MAX_LINE_BYTES = 64 * 1024 * 1024;

export interface Line {
  readonly text: string;
  /** From 1. */
  readonly number: number;
  /** False for a last line without a newline: whole, or torn. */
  readonly ended: boolean;
}

/**
 * Split at "\n" alone: node:readline would also split at U+2028, which JSON leaves as it is. A byte-order mark at the
 * beginning is left out.
 *
 * @throws E_TASK_DATA for a line of more than 64 MiB
 */
export async function* readLines(path: string | URL): AsyncGenerator<Line, undefined> {
  let pieces: Buffer[] = []; // of a line that spans chunks
  let bytes = 0;
  let number = 0;
  const take = (piece: Buffer, ended: boolean): Line => {
    const text = Buffer.concat([...pieces, piece]).toString("utf8");
    pieces = [];
    bytes = 0;
    number++;
    return { text: number === 1 ? text.replace(/^\ufeff/, "") : text, number, ended };
  };
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      yield take(chunk.subarray(start, end), true);
      start = end + 1;
    }
    if (start === chunk.length) continue;
    pieces.push(chunk.subarray(start));
    bytes += chunk.length - start;
    if (bytes > MAX_LINE_BYTES) {
      throw new RlvrError(
        "E_TASK_DATA",
        `${path}:${number + 1} has more than ${MAX_LINE_BYTES} bytes, expected a row`,
        {
          hint: "JSONL has one row a line; give a file with one JSON array the ending .json.",
        },
      );
    }
  }
  if (pieces.length > 0) yield take(Buffer.alloc(0), false);
}
