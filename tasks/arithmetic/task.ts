/**
 * Sums and differences of four two-digit numbers: too much for one forward pass of a tiny model, easy in three steps.
 *
 * Two-digit numbers n with n % 9 = 4 are operands of eval problems only, all others of train problems only.
 */
import { defineTask, Rng } from "rlvr/task";
import { exactNumber, layoutAnswer, parseLayout, withMetrics, writtenSteps } from "rlvr/verifiers";
import { z } from "zod";
import { judgedSteps, question, runningTotals, workedSteps } from "./steps.ts";

const TERMS = 4;
const EVAL_ROWS = 1000;

const Row = z.strictObject({
  id: z.string(),
  terms: z.array(z.int().min(-99).max(99)).length(TERMS).describe("signed; every running total is ≥ 0"),
  answer: z.int().describe("their sum"),
});

const TWO_DIGITS = Array.from({ length: 90 }, (_, i) => i + 10);
const OPERANDS = {
  train: TWO_DIGITS.filter((n) => n % 9 !== 4), // 80 numbers
  eval: TWO_DIGITS.filter((n) => n % 9 === 4), // 13, 22, 31, 40, 49, 58, 67, 76, 85, 94
};

/** Signs are fair coins, except that no running total falls below 0. */
function drawTerms(rng: Rng, operands: readonly number[]): number[] {
  let total = 0;
  return Array.from({ length: TERMS }, () => {
    const operand = rng.pick(operands);
    const term = rng.next() < 0.5 && operand <= total ? -operand : operand;
    total += term;
    return term;
  });
}

const sameAnswer = exactNumber(layoutAnswer);

const example = { id: "example", terms: [13, 22, -31, 40], answer: 44 };

export default defineTask({
  name: "arithmetic",
  description: "sums and differences of four two-digit numbers",
  row: Row,
  prompt: ({ terms }) => question(terms),
  solution: ({ terms, answer }) => `<think>${workedSteps(terms)}</think><answer>${answer}</answer>`,
  maxTokens: 68, // the longest solution has 66 characters, fewer tokens where tags are single ones

  verify: withMetrics(sameAnswer, (completion) => {
    const steps = writtenSteps(completion);
    return { layout: parseLayout(completion).ok ? 1 : 0, steps: steps.count, steps_true: steps.trueShare };
  }),

  steps: (completion, row) => judgedSteps(completion, row.terms, sameAnswer(completion, row).outcome === "correct"),

  /** train is endless; eval is the same 1,000 distinct problems whatever the seed. */
  *load(split, seed) {
    const rng = split === "train" ? new Rng(seed, "arithmetic/train") : new Rng(0, "arithmetic/eval");
    const seen = new Set<string>();
    for (let i = 0; split === "train" || i < EVAL_ROWS; ) {
      const terms = drawTerms(rng, OPERANDS[split]);
      if (split === "eval") {
        if (seen.has(question(terms))) continue;
        seen.add(question(terms));
      }
      yield { id: `${split}-${i++}`, terms, answer: runningTotals(terms).at(-1) as number };
    }
  },

  cases: [
    { row: example, completion: "<think>13+22=35,35-31=4,4+40=44</think><answer>44</answer>", reward: 1 },
    { row: example, completion: "<think></think><answer>44</answer>", reward: 1 },
    { row: example, completion: "<think>13+22=36</think><answer>44</answer>", reward: 1 }, // steps are not rewarded
    { row: example, completion: "<think>13+22=35,35-31=4,4+40=45</think><answer>45</answer>", reward: 0 },
    { row: example, completion: "44", reward: 0 },
    { row: example, completion: "<answer>44</answer>", reward: 0 },
    { row: example, completion: "<think>13+22=35</think>44", reward: 0 },
    { row: example, completion: "<think></think><answer>43</answer><answer>44</answer>", reward: 0 },
    { row: example, completion: "<think></think><answer>43 44</answer>", reward: 0 },
  ],
});
