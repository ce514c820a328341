/** Sums of fractions, compared as math. Put rows, prompt, verifier and cases of your own in its place. */
import { defineTask } from "rlvr/task";
import { mathAnswer } from "rlvr/verifiers";
import { z } from "zod";

const Row = z.strictObject({
  id: z.string(),
  a: z.int().positive(),
  b: z.int().positive(),
  answer: z.string().describe("LaTeX"),
});

const rowOf = (a: number, b: number) => ({ id: `${a}-${b}`, a, b, answer: `\\frac{${a + b}}{${a * b}}` });

const example = rowOf(2, 3);

export default defineTask({
  name: "_template-math",
  description: "the sum of 1/a and 1/b",
  row: Row,
  prompt: ({ a, b }) => `What is 1/${a} + 1/${b}? Put the answer in \\boxed{}.`,
  solution: ({ answer }) => `\\boxed{${answer}}`,
  verify: mathAnswer(),
  maxTokens: 64,

  *load(split) {
    // a and b of eval are larger than those of train: nothing leaks
    const first = split === "train" ? 2 : 40;
    for (let a = first; a < first + 30; a++) for (let b = a + 1; b < first + 30; b++) yield rowOf(a, b);
  },

  cases: [
    { row: example, completion: "3/6 + 2/6 is \\boxed{\\frac56}", reward: 1 },
    { row: example, completion: "\\boxed{10/12}", reward: 1 },
    { row: example, completion: "\\boxed{0.83}", reward: 0 },
    { row: example, completion: "5/6", reward: 0 },
  ],
});
