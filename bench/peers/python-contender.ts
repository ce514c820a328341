/** A peer written in Python: a child process that waits for "run N" and answers in JSON lines (see protocol.py). */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import type { Contender } from "../contender.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
/** Lines of the child's standard error that a failure quotes. */
const QUOTED_LINES = 12;

const Ready = z.object({ ready: z.record(z.string(), z.union([z.string(), z.number()])) });
const Answer = z.object({ seconds: z.array(z.number()), tokens: z.number(), peakBytes: z.number() });

type Options = Readonly<Record<string, string | number>>;

/** Starts `bench/peers/<script>` and resolves when it is warm. Rejects with the child's last words if it fails. */
export function startPython(python: string, name: string, script: string, options: Options): Promise<Contender> {
  return startChild(name, [python, join(HERE, script)], options);
}

/** Any program that speaks the protocol. */
export async function startChild(
  name: string,
  [command, ...start]: readonly [string, ...string[]],
  options: Options,
): Promise<Contender> {
  const args = Object.entries(options).flatMap(([key, value]) => [`--${key}`, String(value)]);
  const child = spawn(command, [...start, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, PYTHONDONTWRITEBYTECODE: "1" },
  });
  const lastWords: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    lastWords.push(line);
    if (lastWords.length > QUOTED_LINES) lastWords.shift();
  });
  child.stdin.on("error", (error) => lastWords.push(String(error))); // the missing answer tells of a dead child
  const ended = once(child, "close").catch((error: unknown) => lastWords.push(String(error)));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  async function readLine<T>(schema: z.ZodType<T>): Promise<T> {
    const { value, done } = await lines.next();
    if (done !== true) return schema.parse(JSON.parse(value));
    await ended;
    throw new Error(`${name} ended without an answer:\n${lastWords.join("\n")}`);
  }

  const { ready: facts } = await readLine(Ready);
  return {
    name,
    facts,
    async run(reps) {
      child.stdin.write(`run ${reps}\n`);
      return readLine(Answer);
    },
    async close() {
      child.stdin.end("quit\n");
      await ended;
    },
  };
}
