/** From the names in the config to functions: one table for each choice. */
import { AGGREGATES, type Aggregate } from "../policy/aggregate.ts";
import {
  type Importance,
  maskSequences,
  maskTokens,
  noCorrection,
  truncateSequences,
  truncateTokens,
} from "../policy/importance.ts";
import { klOfToken } from "../policy/kl.ts";
import type { Loss } from "../policy/loss.ts";
import { clippedSurrogate, type Surrogate } from "../policy/surrogate.ts";
import { TRUNCATION, type TruncationPolicy } from "../policy/truncation.ts";
import {
  batchScaled,
  batchWhitened,
  centered,
  greedyBaseline,
  groupNormalized,
  leaveOneOut,
  lengthWeighted,
  passAtK,
} from "./advantages.ts";
import type { GrpoConfig } from "./config.ts";
import { type Credit, perCompletion, perStep, perToken } from "./credit.ts";
import { grpoLoss, type KL_LOSSES } from "./loss.ts";
import { normalizeThenSum, sumThenNormalize } from "./several-rewards.ts";
import { cispoSurrogate } from "./surrogate-cispo.ts";
import { gspoSurrogate } from "./surrogate-gspo.ts";

type Table<Key extends keyof GrpoConfig, Value> = Record<GrpoConfig[Key] & string, (config: GrpoConfig) => Value>;

const CREDITS = {
  centered: ({ zeroVarianceTolerance: t }) => perCompletion(centered(t)),
  "group-normalized": ({ zeroVarianceTolerance: t }) => perCompletion(groupNormalized({ tolerance: t })),
  "leave-one-out": ({ zeroVarianceTolerance: t }) => perCompletion(leaveOneOut(t)),
  "batch-scaled": ({ zeroVarianceTolerance: t }) => perCompletion(batchScaled({ tolerance: t })),
  "batch-whitened": ({ zeroVarianceTolerance: t }) => perCompletion(batchWhitened({ tolerance: t })),
  "length-weighted": ({ zeroVarianceTolerance: t }) => perCompletion(lengthWeighted(t)),
  "pass-at-k": ({ zeroVarianceTolerance: t }) => perCompletion(passAtK(t)),
  "reinforce++": () => perToken(),
  "greedy-baseline": () => perCompletion(greedyBaseline),
  "sum-then-normalize": ({ rewardWeights, zeroVarianceTolerance: t }) =>
    perCompletion(sumThenNormalize(rewardWeights, { tolerance: t })),
  "normalize-then-sum": ({ rewardWeights, zeroVarianceTolerance: t }) =>
    perCompletion(normalizeThenSum(rewardWeights, { tolerance: t })),
  process: ({ zeroVarianceTolerance: t }) => perStep({ tolerance: t }),
} satisfies Table<"advantage", Credit>;

const SURROGATES = {
  clipped: (config) => clippedSurrogate(config),
  gspo: (config) => gspoSurrogate(config),
  cispo: ({ cispoMax }) => cispoSurrogate({ weightMax: cispoMax }),
} satisfies Table<"surrogate", Surrogate>;

const IMPORTANCE = {
  none: () => noCorrection,
  "token-truncate": (config) => truncateTokens(range(config)),
  "token-mask": (config) => maskTokens(range(config)),
  "sequence-truncate": (config) => truncateSequences(range(config)),
  "sequence-mask": (config) => maskSequences(range(config)),
} satisfies Table<"importance", Importance>;

const KL_IN_LOSS = {
  unbiased: "k2",
  k1: "k1",
  k2: "k2",
  k3: "k3",
  "weighted-k3": "weighted-k3",
} satisfies Record<GrpoConfig["klEstimator"], keyof typeof KL_LOSSES>;

const KL_IN_REWARD = {
  unbiased: klOfToken.k1,
  k1: klOfToken.k1,
  k2: klOfToken.k2,
  k3: klOfToken.k3,
  "weighted-k3": klOfToken.k3, // ρ = 1 at the weights that generated
} satisfies Record<GrpoConfig["klEstimator"], (logProb: number, refLogProb: number) => number>;

/** Everything that the training loop does not need to tell apart. */
export interface Variants {
  readonly credit: Credit;
  readonly truncation: TruncationPolicy;
  readonly aggregate: Aggregate;
  readonly loss: Loss;
  /** What a token costs in the reward before β; null where the KL is not in the reward. */
  readonly klInReward: ((logProb: number, refLogProb: number) => number) | null;
  /** Whether rows carry the old log-probs; without them the current ones take their place, which one update allows. */
  readonly scoresOld: boolean;
  readonly needsReference: boolean;
}

export function variantsOf(config: GrpoConfig): Variants {
  const klInReward = config.klCoef > 0 && config.klIn === "reward" ? KL_IN_REWARD[config.klEstimator] : null;
  const scoresOld = config.epochs * config.minibatches > 1 || klInReward !== null;
  return {
    credit: CREDITS[config.advantage](config),
    truncation: TRUNCATION[config.truncation](config),
    aggregate: AGGREGATES[config.aggregate](config),
    loss: grpoLoss({
      surrogate: SURROGATES[config.surrogate](config),
      importance: IMPORTANCE[config.importance](config),
      klCoef: config.klIn === "loss" ? config.klCoef : 0,
      klLoss: KL_IN_LOSS[config.klEstimator],
      entropyCoef: config.entropyCoef,
      old: scoresOld ? "field" : "current",
    }),
    klInReward,
    scoresOld,
    needsReference: config.klCoef > 0,
  };
}

function range({ importanceMin, importanceMax }: GrpoConfig): { min: number; max: number } {
  return { min: importanceMin, max: importanceMax };
}
