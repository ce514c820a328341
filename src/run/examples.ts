/** What supervised fine-tuning imitates: a task's solutions, or the lines of a file. */
import { readFile } from "node:fs/promises";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { type Example, encodePrompt, type Model, type Prompt } from "../policy/index.ts";
import { Rng } from "../rng.ts";
import { endlessRows, type RowSource, readRows, type Task } from "../rollout/index.ts";
import type { TaskRow } from "./evaluate.ts";

/** An endless stream of examples with a position; saved and passed as `start`, it goes on from here. */
export interface ExampleSource<Item = Example> {
  readonly position: number;
  take(count: number): Promise<Item[]>;
  close(): Promise<void>;
}

/** The solutions of train rows, shuffled by the seed. @throws {RlvrError} E_TASK if the task has none. */
export function solutionExamples(task: Task, model: Model, seed: number, start: number): ExampleSource {
  const rows = endlessRows(task, "train", seed, start) as RowSource<TaskRow>;
  const example = solver(task, model);
  return {
    get position() {
      return rows.position;
    },
    take: async (count) => (await rows.take(count)).map(example),
    close: () => rows.close(),
  };
}

/** The solutions of the first eval rows. */
export async function heldOutSolutions(task: Task, model: Model, seed: number, count: number): Promise<Example[]> {
  return ((await readRows(task, "eval", seed, count)) as TaskRow[]).map(solver(task, model));
}

function solver(task: Task, model: Model): (row: TaskRow) => Example {
  const { solution } = task;
  if (!solution) {
    throw new RlvrError("E_TASK", `the task ${JSON.stringify(task.name)} has no solution(row) to imitate`, {
      hint: "add one to its definition, or give --data with a file of prompts and completions",
    });
  }
  return (row) => encodeExample(model, row.id, task.prompt(row), solution(row));
}

/** Examples over and over, each pass in an order of its own that (seed, pass) decide. */
export function shuffledExamples<Item>(examples: readonly Item[], seed: number, start: number): ExampleSource<Item> {
  let position = start;
  let pass = -1;
  let order: Item[] = [];
  const next = () => {
    const wanted = Math.floor(position / examples.length);
    if (wanted !== pass) {
      pass = wanted;
      order = new Rng(seed, `sft/examples/${pass}`).shuffle([...examples]);
    }
    return order[position++ % examples.length]!;
  };
  return {
    get position() {
      return position;
    },
    take: async (count) => Array.from({ length: count }, next),
    close: async () => {},
  };
}

const Message = z.looseObject({ role: z.string(), content: z.string() });
const Line = z.looseObject({
  prompt: z.union([z.string().min(1), z.array(Message).min(1)]),
  completion: z.string(),
});

/** Most wrong lines that an error lists. */
const LISTED = 5;

/**
 * A file of JSON lines `{"prompt": …, "completion": …}`; empty lines are skipped, other fields ignored.
 * @throws {RlvrError} E_TASK_DATA that names the lines which are wrong.
 */
export async function readExamples(path: string, model: Model): Promise<Example[]> {
  const text = await readFile(path, "utf8").catch((cause: Error) => {
    throw new RlvrError("E_TASK_DATA", `${path} cannot be read: ${cause.message}`, { cause });
  });
  const examples: Example[] = [];
  const faults: string[] = [];
  for (const [i, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    const where = `${path}:${i + 1}`;
    const parsed = parseLine(line, where, model);
    if (typeof parsed === "string") faults.push(parsed);
    else examples.push(parsed);
  }
  if (faults.length > 0) {
    const more = faults.length > LISTED ? `\n  and ${faults.length - LISTED} more` : "";
    throw new RlvrError("E_TASK_DATA", `${faults.slice(0, LISTED).join("\n  ")}${more}`, {
      hint: 'each line is a JSON object such as {"prompt": "1+1=", "completion": "2"}',
    });
  }
  if (examples.length > 0) return examples;
  throw new RlvrError("E_TASK_DATA", `${path} has no examples, expected at least one line`);
}

/** The example, or what is wrong with the line. */
function parseLine(line: string, where: string, model: Model): Example | string {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return `${where} is not JSON: ${JSON.stringify(line.slice(0, 60))}`;
  }
  const parsed = Line.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return `${where}: ${issue?.path.join(".") || "the line"}: ${issue?.message}`;
  }
  try {
    return encodeExample(model, where, parsed.data.prompt, parsed.data.completion);
  } catch (error) {
    if (!(error instanceof RlvrError)) throw error;
    return error.message.startsWith(where) ? error.message : `${where}: ${error.message}`;
  }
}

/** @throws {RlvrError} E_TOKENIZER for text that the tokenizer has no ids for, E_TASK_DATA if it is too long. */
function encodeExample(model: Model, id: string, prompt: Prompt, completion: string): Example {
  const { tokenizer, config } = model;
  const eosId = tokenizer.eosIds[0];
  if (eosId === undefined) {
    throw new RlvrError("E_TOKENIZER", "the tokenizer has no end-of-sequence id, which an example must end with");
  }
  const encoded = {
    id,
    prompt: encodePrompt(model, prompt),
    completion: Int32Array.of(...tokenizer.encode(completion), eosId),
  };
  const length = encoded.prompt.length + encoded.completion.length;
  if (length <= config.maxPositions) return encoded;
  const most = `expected at most ${config.maxPositions}, the model's positions`;
  throw new RlvrError("E_TASK_DATA", `${id} has ${length} tokens, ${most}`);
}
