/** summary.json: what a run reached, in figures that can be compared. And examples.json: the same in texts. */
import { z } from "zod";
import { shareInterval, wilson } from "../rollout/intervals.ts";
import { Verdict } from "../verifiers/verdict.ts";
import { majorityAtK, type Vote } from "./majority.ts";
import { mean, passAtK } from "./statistics.ts";

const Share = z.number().min(0).max(1);
const Ci95 = z.tuple([Share, Share]).describe("[low, high]");

export const Measurement = z.strictObject({
  greedy: Share.describe("share of problems that the greedy completion solves"),
  pass1: Share.describe("mean accuracy of a sampled completion"),
  pass8: Share.describe("share of problems that at least one of 8 samples solves, unbiased"),
  maj8: Share.describe("share of problems that the majority of 8 samples solves, expected"),
  n: z.int().min(1).describe("problems"),
  samples: z.int().min(8).describe("sampled completions for each problem"),
  ci95: z
    .strictObject({ greedy: Ci95, pass1: Ci95, pass8: Ci95, maj8: Ci95 })
    .describe("Wilson's interval for greedy, bootstrap over problems for the others"),
});
export type Measurement = z.infer<typeof Measurement>;

export const Summary = z.strictObject({
  before: Measurement.describe("the base model on held-out problems"),
  after: Measurement.describe("the trained model on the same problems"),
  meanLength: z.strictObject({ before: z.number(), after: z.number() }).describe("sampled completions, in tokens"),
  parts: z
    .strictObject({ before: z.record(z.string(), z.number()), after: z.record(z.string(), z.number()) })
    .default({ before: {}, after: {} })
    .describe("means of the numbers that the verifier gives each sampled completion, such as its layout"),
  seconds: z.number().min(0).describe("training, measurements left out"),
  seed: z.int(),
  steps: z.int().min(0),
  rollouts: z.int().min(0).describe("completions sampled for training; 0 in supervised fine-tuning"),
  tokens: z.int().min(0).describe("completion tokens trained on: sampled, or imitated"),
});
export type Summary = z.infer<typeof Summary>;

export const Answer = z.strictObject({ completion: z.string(), verdict: Verdict });

/** The same held-out problems, greedily answered by the base model and by the trained one. */
export const Examples = z.array(
  z.strictObject({ promptId: z.string(), prompt: z.string(), before: Answer, after: Answer }),
);
export type Examples = z.infer<typeof Examples>;

/** What was seen on one held-out problem. */
export interface ProblemResult {
  readonly greedy: boolean;
  /** At least 8. */
  readonly samples: readonly Vote[];
}

/** @throws {RlvrError} E_CONFIG if there is no problem, or one with fewer than 8 samples. */
export function measure(problems: readonly ProblemResult[], seed: number): Measurement {
  const solved = problems.map(({ samples }) => samples.filter(({ correct }) => correct).length);
  const pass = (k: number) => problems.map(({ samples }, i) => passAtK(samples.length, solved[i]!, k));
  const pass1 = pass(1);
  const pass8 = pass(8);
  const maj8 = problems.map(({ samples }) => majorityAtK(samples, 8));
  const greedy = problems.map((problem) => (problem.greedy ? 1 : 0));
  return {
    greedy: mean(greedy),
    pass1: mean(pass1),
    pass8: mean(pass8),
    maj8: mean(maj8),
    n: problems.length,
    samples: Math.min(...problems.map(({ samples }) => samples.length)),
    ci95: {
      greedy: wilson(greedy.filter((one) => one === 1).length, greedy.length),
      pass1: shareInterval(pass1, seed),
      pass8: shareInterval(pass8, seed),
      maj8: shareInterval(maj8, seed),
    },
  };
}
