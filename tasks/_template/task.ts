/** The number after n: the smallest task. Put rows, prompt, verifier and cases of your own in its place. */
import { defineTask } from "rlvr/task";
import { answerTag, exactNumber } from "rlvr/verifiers";
import { z } from "zod";

const Row = z.strictObject({ id: z.string(), n: z.int(), answer: z.int() });

const example = { id: "example", n: 7, answer: 8 };

export default defineTask({
  name: "_template",
  description: "the number after n",
  row: Row,
  prompt: ({ n }) => `What comes after ${n}? Answer in <answer></answer>.`,
  solution: ({ answer }) => `<answer>${answer}</answer>`,
  verify: exactNumber(answerTag),
  audit: { answers: "number" },
  maxTokens: 32,

  *load(split) {
    const first = split === "train" ? 0 : 1000; // disjoint ranges: nothing leaks
    for (let n = first; n < first + 1000; n++) yield { id: `${n}`, n, answer: n + 1 };
  },

  cases: [
    { row: example, completion: "7+1 is <answer>8</answer>", reward: 1 },
    { row: example, completion: "<answer>7</answer>", reward: 0 },
    { row: example, completion: "8", reward: 0 },
  ],
});
