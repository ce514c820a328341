/** The settings of a GRPO run: names, defaults, checks and help text live here and nowhere else. */
import { z } from "zod";
import { SCHEDULES } from "../policy/schedule.ts";

const positive = z.number().positive();
const share = z.number().min(0).max(1);

const Fields = z.strictObject({
  steps: z.int().min(1).default(200).describe("training steps: each samples, judges and updates"),
  promptsPerStep: z.int().min(1).default(32).describe("P, prompts of a step"),
  groupSize: z.int().min(1).default(16).describe("G, completions sampled for each prompt"),
  maxTokens: z.int().min(1).default(512).describe("longest completion, in tokens; longer ones are cut off"),
  temperature: positive.default(1).describe("sampling temperature; log-probs in training use the same"),
  topK: z
    .int()
    .min(0)
    .default(0)
    .describe("0 = off, the only value: training does not replay a truncated distribution"),
  topP: share.default(1).describe("1 = off, the only value, as for topK"),
  minP: share.default(0).describe("0 = off, the only value, as for topK"),

  advantage: z
    .enum([
      "centered",
      "group-normalized",
      "leave-one-out",
      "batch-scaled",
      "batch-whitened",
      "reinforce++",
      "length-weighted",
      "greedy-baseline",
      "pass-at-k",
      "sum-then-normalize",
      "normalize-then-sum",
      "process",
    ])
    .default("centered")
    .describe(
      "centered = Dr. GRPO, group-normalized = GRPO, leave-one-out = RLOO, batch-scaled = Lite-PPO, batch-whitened = " +
        "REINFORCE++ baseline, length-weighted = OPO, greedy-baseline = ReMax, normalize-then-sum = GDPO",
    ),
  rewardWeights: z
    .record(z.string(), z.number())
    .default({})
    .describe("weight of each named reward, for sum-then-normalize and normalize-then-sum"),
  truncation: z
    .enum(["mask", "score", "zero", "soft"])
    .default("mask")
    .describe("a cut-off completion: leave it out, keep its score, give it 0, or add the soft overlong punishment"),
  overlongBuffer: share.default(0.2).describe("share of maxTokens over which the soft overlong punishment grows to −1"),
  dynamicSampling: z
    .enum(["keep", "drop", "refill"])
    .default("refill")
    .describe("groups without signal: train on them, leave them out, or leave them out and sample others"),
  maxRefills: z.int().min(0).default(3).describe("extra sampling rounds of a step, for refill"),
  zeroVarianceTolerance: z.number().min(0).default(1e-6).describe("rewards of a group that differ by less are equal"),

  surrogate: z
    .enum(["clipped", "gspo", "cispo"])
    .default("clipped")
    .describe("ratio of a token (PPO, GRPO), ratio of a sequence (GSPO), or a bounded weight without clipping (CISPO)"),
  clipLow: z.number().min(0).max(1).default(0.2).describe("ε_low of the ratio clip; GSPO wants 3e-4"),
  clipHigh: positive.default(0.28).describe("ε_high of the ratio clip; GSPO wants 4e-4"),
  dualClip: positive
    .nullable()
    .default(3)
    .describe("cap of the ratio where the advantage is negative, above 1 + clipHigh; null = none"),
  cispoMax: positive.default(5).describe("largest weight of a token in CISPO"),
  aggregate: z
    .enum(["token-mean", "sequence-mean", "sequence-sum", "constant-length"])
    .default("token-mean")
    .describe("how token losses are averaged over the whole update: DAPO, GRPO, summed, Dr. GRPO"),
  importance: z
    .enum(["none", "token-truncate", "token-mask", "sequence-truncate", "sequence-mask"])
    .default("token-truncate")
    .describe("correction where sampler and trainer disagree: TIS, IcePop, and both for sequences"),
  importanceMax: positive.default(2).describe("largest trainer/sampler probability ratio; more is cut or left out"),
  importanceMin: z.number().min(0).default(0).describe("smallest ratio, as importanceMax; IcePop uses .5"),
  mismatchLimit: positive
    .nullable()
    .default(0.1)
    .describe("mean |sampler − trainer log-prob| in nats above which the run stops; null = never"),

  klCoef: z.number().min(0).default(0).describe("β, weight of the KL to the reference policy; 0 needs no reference"),
  klIn: z.enum(["loss", "reward"]).default("loss").describe("where the KL penalty stands"),
  klEstimator: z
    .enum(["unbiased", "k1", "k2", "k3", "weighted-k3"])
    .default("unbiased")
    .describe("unbiased = k2 in the loss, k1 in the reward: the two whose gradient is that of the KL"),
  entropyCoef: z.number().min(0).default(0).describe("weight of the entropy bonus; 1e-3 is usual where it is used"),

  epochs: z.int().min(1).default(1).describe("passes over the completions of a step"),
  minibatches: z.int().min(1).default(1).describe("updates in one pass"),
  learningRate: positive.default(1e-6).describe("peak; 1e-6 for billions of parameters, 3e-5 to 1e-3 for a million"),
  warmupSteps: z.int().min(0).default(10).describe("steps of linear warm-up; a fresh optimizer's first step is large"),
  schedule: z.enum(SCHEDULES).default("constant").describe("learning rate after warm-up"),
  maxGradNorm: positive.default(1).describe("gradients of a larger global norm are scaled down to it"),
  weightDecay: z.number().min(0).default(0).describe("decoupled weight decay of AdamW"),
});

export const GrpoConfig = Fields.superRefine((config, context) => {
  const refuse = (path: keyof typeof config, message: string) => {
    context.addIssue({ code: "custom", path: [path], message });
  };
  for (const [name, off] of [
    ["topK", 0],
    ["topP", 1],
    ["minP", 0],
  ] as const) {
    if (config[name] !== off) {
      refuse(name, `must be ${off} (off): its tokens would come from a distribution that training does not see`);
    }
  }
  if (config.surrogate !== "cispo" && config.dualClip !== null && config.dualClip <= 1 + config.clipHigh) {
    refuse("dualClip", `must be above 1 + clipHigh = ${1 + config.clipHigh}, or null`);
  }
  if (config.klIn === "loss" && config.klEstimator === "k1") {
    refuse("klEstimator", "must not be k1 in the loss: its gradient is 0 in expectation; take k2, or klIn reward");
  }
  if (config.advantage === "process" && config.klIn === "reward" && config.klCoef > 0) {
    refuse("klIn", "must be loss with process advantages: they see step rewards only");
  }
  const several = config.advantage === "sum-then-normalize" || config.advantage === "normalize-then-sum";
  if (several && Object.keys(config.rewardWeights).length === 0) {
    refuse("rewardWeights", `must name at least one reward for ${config.advantage}`);
  }
  if (config.importanceMin >= config.importanceMax) refuse("importanceMin", "must be below importanceMax");
  if (config.groupSize < 2 && !["reinforce++", "greedy-baseline", "process"].includes(config.advantage)) {
    refuse("groupSize", `must be at least 2 for ${config.advantage}: a completion is compared with its siblings`);
  }
});
export type GrpoConfig = z.infer<typeof GrpoConfig>;
