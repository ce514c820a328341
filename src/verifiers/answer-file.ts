/**
 * Answers by key in a file of one JSON object a line, only ever appended to.
 *
 * A process that is killed while it writes leaves a torn last line. Opening the file ends that line, and readers pass over
 * every line that is no answer: what is lost is asked again. So several processes may append to one file.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";

export class AnswerFile<Value> {
  readonly #path: string;
  readonly #entries: [key: string, value: Value][] = [];

  /** Reads the file, or makes its folder. */
  constructor(path: string, schema: z.ZodType<Value>) {
    this.#path = path;
    if (!existsSync(path)) {
      mkdirSync(dirname(path), { recursive: true });
      return;
    }
    const Line = z.object({ key: z.string(), value: schema });
    const text = readFileSync(path, "utf8");
    if (text !== "" && !text.endsWith("\n")) appendFileSync(path, "\n");
    for (const line of text.split("\n")) {
      const parsed = Line.safeParse(jsonOrNull(line));
      if (parsed.success) this.#entries.push([parsed.data.key, parsed.data.value]);
    }
  }

  /** What the file held when it was opened, the oldest first. Given out once. */
  entries(): [key: string, value: Value][] {
    return this.#entries.splice(0);
  }

  /** One write, so that a line of another process never stands inside. */
  append(key: string, value: Value): void {
    appendFileSync(this.#path, `${JSON.stringify({ key, value })}\n`);
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // torn, or not ours: no answer
  }
}
