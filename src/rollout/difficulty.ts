/** Difficulty 1..5: which levels a task draws, how often each, and what the policy earns at each. */
import { z } from "zod";
import type { Verifier } from "../verifiers/verdict.ts";

/** level → how often, adding up to 1; for `Rng.weighted`. */
export type Mixture = readonly (readonly [level: number, weight: number])[];

const LEVELS = 5;
/** `3`, `1-3`, with a weight `1-3:2`. */
const PART = /^([1-5])(?:-([1-5]))?(?::(\d{1,4}(?:\.\d{1,4})?))?$/;

/**
 * Levels as a text: `3` · `1-3`, each as often · `1,3,5` · `1-2:3,5:1`, levels 1 and 2 three times as often as level 5.
 *
 * A level that is named twice counts twice.
 */
export const Levels = z.string().transform((text, context): Mixture => {
  const weights = new Map<number, number>();
  for (const part of text.split(",")) {
    const [, from, to = from, weight = "1"] = PART.exec(part.trim()) ?? [];
    if (from === undefined || Number(to) < Number(from) || Number(weight) === 0) {
      const message = `${JSON.stringify(part)} is no level, expected 1 to ${LEVELS}: "3", "1-3", "1,3,5" or "1-2:3,5:1"`;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    }
    for (let level = Number(from); level <= Number(to); level++) {
      weights.set(level, (weights.get(level) ?? 0) + Number(weight));
    }
  }
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  return [...weights].sort(([a], [b]) => a - b).map(([level, weight]) => [level, weight / total]);
});

/** The options of a task with a difficulty: `name?difficulty=1-3`. */
export const DifficultyOptions = z.strictObject({
  difficulty: Levels.prefault("1-5").describe("levels to draw, and how often: 3, 1-3, 1,3,5 or 1-2:3,5:1"),
});

/**
 * Logs the reward under the row's difficulty, `difficulty_3`: its mean over a step is the mean reward at that level. Null:
 * nobody knows how difficult the row is.
 */
export function withDifficulty<Row>(verifier: Verifier<Row>): Verifier<Row & { readonly difficulty: number | null }> {
  return async (completion, row, context) => {
    const verdict = await verifier(completion, row, context);
    if (verdict.status === "not-graded" || row.difficulty === null) return verdict;
    return { ...verdict, metrics: { ...verdict.metrics, [`difficulty_${row.difficulty}`]: verdict.reward } };
  };
}
