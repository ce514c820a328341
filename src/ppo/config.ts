/** The settings of a PPO run: names, defaults, checks and help text live here and nowhere else. */
import { z } from "zod";
import { SCHEDULES } from "../policy/schedule.ts";

const positive = z.number().positive();
const share = z.number().min(0).max(1);
const nonNegative = z.number().min(0);

const Fields = z.strictObject({
  steps: z.int().min(1).default(200).describe("training steps: each samples, judges and updates"),
  promptsPerStep: z.int().min(1).default(128).describe("prompts of a step"),
  samplesPerPrompt: z.int().min(1).default(4).describe("completions of each prompt; the critic needs only one"),
  maxTokens: z.int().min(1).default(512).describe("longest completion, in tokens; longer ones are cut off"),
  temperature: positive.default(1).describe("sampling temperature; log-probs in training use the same"),

  truncation: z
    .enum(["mask", "score", "zero", "soft"])
    .default("mask")
    .describe("a cut-off completion: leave it out, keep its score, give it 0, or add the soft overlong punishment"),
  overlongBuffer: share.default(0.2).describe("share of maxTokens over which the soft overlong punishment grows to −1"),
  afterTruncation: z
    .enum(["zero", "bootstrap"])
    .default("zero")
    .describe("value of the state at which a completion was cut off: 0, or what the critic says of it"),
  missingEosPenalty: nonNegative.default(0).describe("subtracted from the score of a completion that did not end"),

  gamma: share.default(1).describe("γ, discount of a token"),
  lambda: share.default(1).describe("λ of GAE; 1 for rewards that can be verified, .95 for those of a model"),
  lambdaCritic: share.nullable().default(null).describe("λ of the critic's targets; null = lambda. VAPO has 1"),
  adaptiveLambda: positive
    .nullable()
    .default(null)
    .describe("α of λ = 1 − 1/(α·length) in place of lambda (VAPO: .05); null = off"),
  rewards: z
    .enum(["as-is", "rescaled"])
    .default("as-is")
    .describe("token rewards; rescaled = divided by their deviation over the batch, the mean stays"),
  advantages: z
    .enum(["as-is", "whitened", "whitened-per-minibatch"])
    .default("whitened")
    .describe("advantages; whitened = mean 0 and variance 1 over the tokens of the step or of each update"),

  clipLow: z.number().min(0).max(1).default(0.2).describe("ε_low of the ratio clip"),
  clipHigh: positive.default(0.28).describe("ε_high of the ratio clip"),
  dualClip: positive
    .nullable()
    .default(3)
    .describe("cap of the ratio where the advantage is negative, above 1 + clipHigh; null = none"),
  aggregate: z
    .enum(["token-mean", "sequence-mean", "sequence-sum", "constant-length"])
    .default("token-mean")
    .describe("how token losses, the critic's too, are averaged over an update"),
  importanceMax: positive
    .nullable()
    .default(2)
    .describe("largest trainer/sampler probability ratio of a token, more is cut (TIS); null = no correction"),
  mismatchLimit: positive
    .nullable()
    .default(0.1)
    .describe("mean |sampler − trainer log-prob| in nats above which the run stops; null = never"),
  entropyCoef: nonNegative.default(0).describe("weight of the entropy bonus; 1e-3 is usual where it is used"),

  klCoef: nonNegative.default(0).describe("β, KL to the reference policy in the reward; 0 needs no reference"),
  klControl: z.enum(["fixed", "adaptive"]).default("fixed").describe("whether β is adapted to reach klTarget"),
  klTarget: positive.default(6).describe("KL of a whole completion, in nats, that the adaptive β aims at"),
  klHorizon: positive.default(10_000).describe("completions in which the adaptive β changes by a fifth at most"),
  targetKl: positive
    .nullable()
    .default(null)
    .describe("approximate KL to the old policy, in nats a token, at which a step's policy updates end; null = never"),

  critic: z
    .enum(["shared", "own"])
    .default("shared")
    .describe("shared = a second head on the policy's trunk; own = a model of its own, a copy of the policy at first"),
  valueCoef: positive.default(0.1).describe("c_v, weight of the value loss on a shared trunk"),
  valueClip: positive.nullable().default(0.2).describe("ε of the value clip; null = none"),
  valueWarmupSteps: z.int().min(0).default(0).describe("steps in which only a critic of its own is trained"),
  criticLearningRate: positive.nullable().default(null).describe("of a critic of its own; null = learningRate"),

  ptxCoef: nonNegative
    .default(0)
    .describe("γ of PPO-ptx: weight of the log-likelihood of examples in each update; InstructGPT has 27.8"),
  ptxExamples: z.int().min(1).default(64).describe("examples of a step for PPO-ptx, divided among its minibatches"),

  epochs: z.int().min(1).default(2).describe("passes over the completions of a step"),
  minibatches: z.int().min(1).default(2).describe("updates in one pass"),
  learningRate: positive.default(1e-6).describe("peak; 1e-6 for billions of parameters, 3e-5 to 1e-3 for a million"),
  warmupSteps: z.int().min(0).default(10).describe("steps of linear warm-up; a fresh optimizer's first step is large"),
  schedule: z.enum(SCHEDULES).default("constant").describe("learning rate after warm-up"),
  maxGradNorm: positive.default(1).describe("gradients of a larger global norm are scaled down to it"),
  weightDecay: nonNegative.default(0).describe("decoupled weight decay of AdamW"),
});

export const PpoConfig = Fields.superRefine((config, context) => {
  const refuse = (path: keyof typeof config, message: string) => {
    context.addIssue({ code: "custom", path: [path], message });
  };
  if (config.dualClip !== null && config.dualClip <= 1 + config.clipHigh) {
    refuse("dualClip", `must be above 1 + clipHigh = ${1 + config.clipHigh}, or null`);
  }
  if (config.klControl === "adaptive" && config.klCoef === 0) {
    refuse("klCoef", "must be above 0 to be adapted: it changes by a share of itself");
  }
  if (config.critic === "shared" && config.valueWarmupSteps > 0) {
    refuse("valueWarmupSteps", "must be 0 with a shared critic: training its trunk alone would move the policy");
  }
  if (config.critic === "shared" && config.criticLearningRate !== null) {
    refuse("criticLearningRate", "must be null with a shared critic: valueCoef weighs its loss");
  }
  if (config.ptxCoef > 0 && config.temperature !== 1) {
    refuse("ptxCoef", "must be 0 at a temperature other than 1: examples are not samples at that temperature");
  }
});
export type PpoConfig = z.infer<typeof PpoConfig>;
