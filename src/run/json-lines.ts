/**
 * Append-only files of one JSON value a line.
 *
 * A process that is killed while it writes leaves a torn last line, one without its newline. Opening a file to append
 * removes it, readers skip it; so a line is there whole or not at all.
 */
import {
  appendFileSync,
  closeSync,
  createReadStream,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
} from "node:fs";
import type { z } from "zod";
import { RlvrError } from "../errors.ts";

const NEWLINE = 0x0a;
const CHUNK = 64 * 1024;

export class JsonLines {
  readonly path: string;
  readonly #file: number;

  /** Opens or creates the file and drops a torn last line. */
  constructor(path: string) {
    this.path = path;
    this.#file = openSync(path, "a+");
    ftruncateSync(this.#file, wholeLines(this.#file));
  }

  /** In bytes; always at the end of a line. */
  get size(): number {
    return fstatSync(this.#file).size;
  }

  /** One write for all rows. */
  append(rows: readonly unknown[]): void {
    if (rows.length > 0) appendFileSync(this.#file, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  }

  /**
   * Forgets everything after `size` bytes.
   * @throws {RlvrError} E_RUN if the file is shorter than that, or a line crosses that position.
   */
  truncate(size: number): void {
    if (this.size < size || !endsLine(this.#file, size)) {
      throw new RlvrError(
        "E_RUN",
        `${this.path} has ${this.size} bytes, expected at least ${size} that end with a whole line`,
        {
          hint: "The file was changed by hand. Restore it, or delete the newest checkpoint to go on from an older one.",
        },
      );
    }
    ftruncateSync(this.#file, size);
  }

  /** Returns when everything appended is on the disk. */
  sync(): void {
    fsyncSync(this.#file);
  }

  close(): void {
    closeSync(this.#file);
  }
}

function endsLine(file: number, size: number): boolean {
  const byte = new Uint8Array(1);
  return size === 0 || (readSync(file, byte, 0, 1, size - 1) === 1 && byte[0] === NEWLINE);
}

/** Length in bytes up to and including the last newline. */
function wholeLines(file: number): number {
  const chunk = new Uint8Array(CHUNK);
  let end = fstatSync(file).size;
  while (end > 0) {
    const start = Math.max(0, end - CHUNK);
    const read = readSync(file, chunk, 0, end - start, start);
    const newline = chunk.subarray(0, read).lastIndexOf(NEWLINE);
    if (newline >= 0) return start + newline + 1;
    end = start;
  }
  return 0;
}

/**
 * The rows of a file, one at a time, without a torn last line; none if there is no file.
 * @throws {RlvrError} E_RUN naming file and line if a whole line is not what `schema` says.
 */
export async function* readJsonLines<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): AsyncGenerator<z.output<Schema>> {
  if (!existsSync(path)) return;
  let line = 0;
  for await (const text of lines(path)) {
    line++;
    yield parseLine(text, schema, `${path}:${line}`);
  }
}

function parseLine<Schema extends z.ZodType>(text: string, schema: Schema, where: string): z.output<Schema> {
  const hint = "The file was changed by hand, or by another version of rlvr. Restore it or delete the line.";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new RlvrError("E_RUN", `${where} is not JSON: ${JSON.stringify(text.slice(0, 80))}`, { hint, cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new RlvrError("E_RUN", `${where} has an unexpected ${issue?.path.join(".") || "value"}: ${issue?.message}`, {
    hint,
  });
}

/** Split at "\n" alone: node:readline would also split at U+2028, which JSON leaves as it is. */
async function* lines(path: string): AsyncGenerator<string> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let start = 0;
    const bytes: Buffer = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield bytes.toString("utf8", start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
}
