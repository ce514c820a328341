/** Settings of the runs that learn from preferences. */
import { z } from "zod";
import { SCHEDULES } from "../policy/index.ts";
import { LABELS } from "./preference-data.ts";
import { RunSettings } from "./settings.ts";

const Common = {
  steps: z.int().min(1).default(300).describe("updates"),
  batchSize: z.int().min(1).default(32).describe("pairs, examples or rankings of an update"),
  warmupSteps: z.int().min(0).default(20).describe("steps of linear warm-up"),
  schedule: z.enum(SCHEDULES).default("linear").describe("learning rate after warm-up"),
  maxGradNorm: z.number().positive().default(1).describe("gradients of a larger global norm are scaled down to it"),
  weightDecay: z.number().min(0).default(0).describe("decoupled weight decay of AdamW"),
  labels: z
    .enum(LABELS)
    .default("as-given")
    .describe(
      "several votes on a pair: as-given = a pair each; votes = their share; trust = by each annotator's accuracy",
    ),
};

export const DpoSettings = z.strictObject({
  loss: z
    .enum(["dpo", "robust-dpo", "hinge", "ipo", "simpo", "orpo", "kto", "rrhf"])
    .default("dpo")
    .describe("kto reads good and bad completions, rrhf rankings, the others pairs"),
  beta: z
    .number()
    .positive()
    .optional()
    .describe("strength of the tie to the reference; τ of ipo, λ of orpo; 0.1 if left out, 2 for simpo"),
  labelSmoothing: z.number().min(0).lt(0.5).default(0).describe("share of labels that are thought to be flipped"),
  gammaBetaRatio: z.number().min(0).default(0.25).describe("simpo's margin γ/β, in nats per token"),
  ipoPer: z.enum(["token", "sequence"]).default("token").describe("whether ipo averages log-probs over tokens"),
  nllCoef: z.number().min(0).default(0).describe("α of the chosen completions' likelihood, added to a loss of pairs"),
  desirableWeight: z.number().min(0).default(1).describe("λ_D of kto"),
  undesirableWeight: z.number().min(0).default(1).describe("λ_U of kto"),
  middleRating: z.number().default(3).describe("kto: ratings above it are good, below it bad"),
  rankWeight: z.number().min(0).default(1).describe("weight of rrhf's ranking term"),
  learningRate: z.number().positive().default(1e-4).describe("peak; 1e-4 for a million parameters, 1e-6 for billions"),
  ...Common,
});

export const RmSettings = z.strictObject({
  loss: z
    .enum(["pairs", "rankings", "plackett-luce"])
    .default("pairs")
    .describe("pairs = Bradley–Terry; rankings = all pairs of a ranking in one element of the batch"),
  labelSmoothing: z.number().min(0).lt(0.5).default(0).describe("share of labels that are thought to be flipped"),
  marginWeight: z.number().min(0).default(1).describe("weight of a pair's margin in the loss of pairs; 0 = ignore it"),
  centering: z.number().min(0).default(0).describe("weight of (r_w + r_l)², which holds scores near 0; TRL has 0.01"),
  normalize: z
    .enum(["none", "standard", "center"])
    .default("standard")
    .describe("scores of all completions after training: standard = mean 0, deviation 1; center = mean 0"),
  headScale: z.number().min(0).default(1).describe("of the fresh score head's weights, relative to 1/√(width + 1)"),
  learningRate: z.number().positive().default(3e-4).describe("peak; 3e-4 for a million parameters, 1e-5 for billions"),
  ...Common,
});

const Shared = RunSettings.omit({ task: true, minTier: true }).extend({
  model: z
    .string()
    .default("")
    .describe("the model to begin with: a folder, a run, or org/name of the Hugging Face Hub"),
  data: z.string().default("").describe("preferences: .jsonl, .json or .parquet in any layout of `rlvr prefs check`"),
  heldOut: z.string().default("").describe("comparisons that are measured on; empty = none"),
  evalEvery: z.int().min(0).default(50).describe("steps between measurements on heldOut; 0 = at the end alone"),
  checkpointEvery: z.int().min(0).default(200).describe("steps between checkpoints; 0 = only at the end"),
});

export const DpoRun = Shared.extend({ dpo: DpoSettings.prefault({}) });
export type DpoRun = z.infer<typeof DpoRun>;
export const RmRun = Shared.extend({ rm: RmSettings.prefault({}) });
export type RmRun = z.infer<typeof RmRun>;

export interface Optimization extends z.infer<z.ZodObject<typeof Common>> {
  readonly learningRate: number;
}
