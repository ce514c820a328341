/**
 * Rows that a program draws: endless for train, a fixed number of distinct ones for eval, and no problem in both.
 *
 * A problem's *content* decides its split: equal content has an equal hash. So the splits are disjoint whatever the seed,
 * the level and the number of rows.
 */
import { RlvrError } from "../errors.ts";
import { Rng } from "../rng.ts";
import type { Mixture } from "./difficulty.ts";
import type { Split } from "./task.ts";

const EVAL_SHARE = 0.2; // enough for 1,000 distinct problems even of small families
const EVAL_ROWS = 1000;
/** In a row. Draws are cheap, and every task here succeeds within a few dozen. */
const MAX_REJECTED = 20_000;

/**
 * eval for one content in five. A number drawn for the text decides, not the text's hash itself: the last bit of FNV-1a is
 * the parity of the bytes, so a remainder of it would give eval the sums of one parity.
 */
export function splitByContent(content: string): Split {
  return new Rng(0, content).next() < EVAL_SHARE ? "eval" : "train";
}

export interface Procedure<Problem> {
  /** The task's name: its streams of random numbers depend on it. */
  readonly name: string;
  /** A problem of the level; null to draw again. Everything random comes from `rng`. */
  readonly draw: (rng: Rng, difficulty: number) => Problem | null;
  /** Equal for problems that are the same, however they are written. The split follows from it alone. */
  readonly content: (problem: Problem) => string;
}

export interface ProceduralOptions {
  readonly split: Split;
  /** Of train; eval is the same for every seed. */
  readonly seed: number;
  readonly difficulty: Mixture;
}

/**
 * Problems with an id and their difficulty. train never ends and may repeat itself; eval has 1,000 distinct problems, fewer
 * where the levels have no more.
 *
 * @throws E_TASK_DATA where `draw` gives nothing of the split 20,000 times in a row
 */
export function* proceduralRows<Problem extends object>(
  { name, draw, content }: Procedure<Problem>,
  { split, seed, difficulty: mixture }: ProceduralOptions,
): Generator<Problem & { id: string; difficulty: number }, undefined> {
  const rng = new Rng(split === "train" ? seed : 0, `${name}/${split}`);
  const seen = new Set<string>();
  let rejected = 0;
  for (let count = 0; split === "train" || count < EVAL_ROWS; ) {
    if (rejected === MAX_REJECTED) {
      if (count > 0) return; // eval has them all
      throw new RlvrError("E_TASK_DATA", `${name} draws no ${split} problem in ${MAX_REJECTED} tries, expected one`);
    }
    rejected++;
    const difficulty = rng.weighted(mixture);
    const problem = draw(rng, difficulty);
    if (problem === null) continue;
    const text = content(problem);
    if (splitByContent(text) !== split || seen.has(text)) continue;
    if (split === "eval") seen.add(text);
    yield { ...problem, id: `${split}-${count++}`, difficulty };
    rejected = 0;
  }
}
