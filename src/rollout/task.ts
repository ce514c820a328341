/**
 * What a task is: rows, a prompt for each, a verifier, and cases whose reward the author knows. Entry "rlvr/task".
 *
 * The entry also has what loaders are made of: `Rng` and `proceduralRows` for rows that are drawn from a seed, `readDataset`
 * and `readSplit` for rows that lie in files (JSONL, JSON, Parquet).
 */
import type { z } from "zod";
import type { Tier } from "../sandbox/tier.ts";
import type { Verifier } from "../verifiers/verdict.ts";
import type { Prompt } from "./prompt.ts";

export { hashText, Rng } from "../rng.ts"; // for rows that are drawn from a seed
export type { Graded, NotGraded, Outcome, Verdict, Verifier } from "../verifiers/verdict.ts";
export { graded, notGraded } from "../verifiers/verdict.ts";
export { configureTask } from "./configure-task.ts";
export { type ReadDatasetOptions, readDataset } from "./dataset.ts";
export { DifficultyOptions, Levels, type Mixture, withDifficulty } from "./difficulty.ts";
export { type ProceduralOptions, type Procedure, proceduralRows, splitByContent } from "./procedural.ts";
export type { Prompt } from "./prompt.ts";
export { type ReadSplitOptions, readSplit } from "./read-split.ts";
export { type ReadableRowsOptions, readableRows } from "./readable-rows.ts";

/** train feeds the updates, eval is measured and never trained on. */
export type Split = "train" | "eval";

export interface TaskCase<Row> {
  readonly row: Row;
  readonly completion: string;
  readonly reward: number;
}

/** One step of a completion, as the task sees it. */
export interface JudgedStep {
  /** Where it ends in the completion, in UTF-16 units; the next one begins there. */
  readonly end: number;
  /** Null where the task cannot tell. */
  readonly right: boolean | null;
}

type Rows<Schema extends z.ZodType> = Iterable<z.input<Schema>> | AsyncIterable<z.input<Schema>>;

export interface TaskDefinition<Schema extends z.ZodType, Options extends z.ZodType = z.ZodUnknown> {
  /** The folder's name. */
  readonly name: string;
  /** One line for people. */
  readonly description: string;
  readonly row: Schema;
  /** The text that the policy continues, or the messages that it answers: `{ role, content }`, for chat models only. */
  readonly prompt: (row: z.output<Schema>) => Prompt;
  readonly verify: Verifier<z.output<Schema>>;
  /**
   * Settings of the loader, all with defaults: an object whose fields are read from texts. `name?field=value&…` names the
   * task with other settings, for `loadTask` and on the command line.
   */
  readonly options?: Options;
  /**
   * Rows of a split. Equal (split, seed, options) give equal rows; it may be infinite. Every row has an id that is unique
   * in its split. Yields the schema's input.
   */
  readonly load: (split: Split, seed: number, options: z.output<Options>) => Rows<Schema>;
  /**
   * The reasoning steps of a completion and whether each is right, for process supervision; the last one holds the answer.
   * Where steps end may depend on the completion alone, or a reward model could read the row's answer off them.
   */
  readonly steps?: (
    completion: string,
    row: z.output<Schema>,
  ) => readonly JudgedStep[] | Promise<readonly JudgedStep[]>;
  /** A completion that must get full reward: what supervised fine-tuning imitates and `check` verifies. */
  readonly solution?: (row: z.output<Schema>) => string;
  /**
   * A row from what an outside trainer knows of its problem: the answer of its data set, and the prompt ("" if it sent none),
   * which a chat template may surround. Null where they make none. For `rlvr serve`.
   */
  readonly fromAnswer?: (answer: unknown, prompt: string) => z.input<Schema> | null;
  /** At least one right, one wrong and one unparsable completion. */
  readonly cases: readonly TaskCase<z.input<Schema>>[];
  /** Longest completion worth sampling, in tokens of the task's own base model; of one character where it has none. */
  readonly maxTokens: number;
  /** Texts that end a completion, besides the end-of-sequence token. */
  readonly stop?: readonly string[];
  /**
   * Opens the sandbox in which the verifier runs code, and says how well it holds: `tier` of a `codeVerifier`. A run demands
   * a least tier of it before it starts, and records it. Absent where no code is run.
   */
  readonly sandbox?: () => Promise<Tier>;
  /** For `check` and `audit`; changes no reward. */
  readonly audit?: AuditNotes;
}

/** What `check` and `audit` cannot know by themselves. */
export interface AuditNotes {
  /**
   * number: one number, however it is written (8, 8.0, 16/2).
   * few: there are few different answers, such as yes and no, so guessing pays.
   * many: a row has several right answers, so a changed answer may be right as well.
   */
  readonly answers?: "number" | "few" | "many";
  /** Relative error that the verifier is meant to accept; 0 by default. */
  readonly tolerance?: number;
  /** Longest time that a verdict may take, in milliseconds; 1000 by default. */
  readonly verdictMs?: number;
  /** Families of attacks besides those that every verifier must withstand, such as "code". */
  readonly families?: readonly string[];
}

/** A definition whose loader fills in the defaults of its options. */
export interface Task<Schema extends z.ZodType = z.ZodType> extends Omit<TaskDefinition<Schema>, "options" | "load"> {
  readonly options?: z.ZodType;
  /** `options` are not parsed yet; `configureTask` binds them. */
  readonly load: (split: Split, seed: number, options?: unknown) => Rows<Schema>;
}

/** Names the type of a task, so that `prompt`, `verify` and `load` know the parsed row and options. */
export function defineTask<Schema extends z.ZodType<{ id: string }>, Options extends z.ZodType = z.ZodUnknown>(
  definition: TaskDefinition<Schema, Options>,
): Task<Schema> {
  const { options, load } = definition;
  const parsed = (given: unknown) => (options === undefined ? given : options.parse(given ?? {})) as z.output<Options>;
  return { ...definition, load: (split, seed, given) => load(split, seed, parsed(given)) };
}
