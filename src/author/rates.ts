/** How often a verifier is wrong about answers whose worth is known, with 95 % intervals. */
import { type Interval, shareInterval } from "../rollout/intervals.ts";
import type { Judging } from "./judging.ts";
import { REWRITES } from "./rewrites.ts";
import { isRight, type Right } from "./right.ts";

export interface Rate {
  readonly errors: number;
  readonly of: number;
  readonly rows: number;
  readonly share: number;
  /** Texts of one row are not independent, so rows are resampled. */
  readonly ci95: Interval;
}

/** @param trials row and whether it was an error; at least one */
export function rateOf(trials: readonly (readonly [row: number, error: boolean])[], seed: number): Rate {
  const byRow = new Map<number, boolean[]>();
  for (const [row, error] of trials) byRow.set(row, [...(byRow.get(row) ?? []), error]);
  const shares = [...byRow.values()].map((errors) => errors.filter((error) => error).length / errors.length);
  const errors = trials.filter(([, error]) => error).length;
  return {
    errors,
    of: trials.length,
    rows: shares.length,
    share: errors / trials.length,
    ci95: shareInterval(shares, seed),
  };
}

export interface FalseNegatives {
  readonly falseNegatives: Rate;
  /** Rewrites that are ever refused, with a completion that shows it. */
  readonly refused: readonly { readonly rewrite: string; readonly rate: Rate; readonly example: string }[];
}

/** Judges other writings of right completions. */
export async function falseNegatives(
  rights: readonly Right[],
  isNumber: boolean,
  judging: Judging,
  seed: number,
): Promise<FalseNegatives> {
  const all: [number, boolean][] = [];
  const refused: { rewrite: string; rate: Rate; example: string }[] = [];
  for (const { name, numbersOnly, rewrite } of REWRITES) {
    if (numbersOnly && !isNumber) continue;
    const judged = await Promise.all(
      rights.map(async (right, row) => {
        const text = rewrite(right);
        if (text === null) return null;
        const { verdict } = await judging.judge(right.row, text);
        return { row, text, isError: !isRight(verdict, right.reward) };
      }),
    );
    const some = judged.filter((one) => one !== null);
    const trials = some.map(({ row, isError }): [number, boolean] => [row, isError]);
    const example = some.find(({ isError }) => isError)?.text;
    all.push(...trials);
    if (example !== undefined) refused.push({ rewrite: name, rate: rateOf(trials, seed), example });
  }
  return { falseNegatives: rateOf(all, seed), refused };
}
