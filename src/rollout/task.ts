/** What a task is: rows, a prompt for each, a verifier, and cases whose reward the author knows. Entry "rlvr/task". */
import type { z } from "zod";
import type { Verifier } from "../verifiers/verdict.ts";

export { hashText, Rng } from "../rng.ts"; // for rows that are drawn from a seed
export type { Graded, NotGraded, Outcome, Verdict, Verifier } from "../verifiers/verdict.ts";
export { graded, notGraded } from "../verifiers/verdict.ts";

/** train feeds the updates, eval is measured and never trained on. */
export type Split = "train" | "eval";

export interface TaskCase<Row> {
  readonly row: Row;
  readonly completion: string;
  readonly reward: number;
}

export interface TaskDefinition<Schema extends z.ZodType> {
  /** The folder's name. */
  readonly name: string;
  /** One line for people. */
  readonly description: string;
  readonly row: Schema;
  /** The text that the policy continues. */
  readonly prompt: (row: z.output<Schema>) => string;
  readonly verify: Verifier<z.output<Schema>>;
  /**
   * Rows of a split. Equal (split, seed) give equal rows; it may be infinite. Every row has an id that is unique in its
   * split. Yields the schema's input.
   */
  readonly load: (split: Split, seed: number) => Iterable<z.input<Schema>> | AsyncIterable<z.input<Schema>>;
  /** A completion that must get full reward: what supervised fine-tuning imitates and `check` verifies. */
  readonly solution?: (row: z.output<Schema>) => string;
  /** At least one right, one wrong and one unparsable completion. */
  readonly cases: readonly TaskCase<z.input<Schema>>[];
  /** Longest completion worth sampling, in tokens of the task's own base model. */
  readonly maxTokens: number;
  /** Texts that end a completion, besides the end-of-sequence token. */
  readonly stop?: readonly string[];
}

export type Task<Schema extends z.ZodType = z.ZodType> = TaskDefinition<Schema>;

/** Names the type of a task, so that `prompt` and `verify` know the parsed row. */
export function defineTask<Schema extends z.ZodType<{ id: string }>>(definition: TaskDefinition<Schema>): Task<Schema> {
  return definition;
}
