/** GRPO and its relatives. Entry "rlvr/grpo". */

export {
  type Importance,
  type ImportanceOptions,
  maskSequences,
  maskTokens,
  noCorrection,
  truncateSequences,
  truncateTokens,
} from "../policy/importance.ts";
export { type ClipOptions, clippedSurrogate, type Surrogate, type SurrogateResult } from "../policy/surrogate.ts";
export {
  type Cuttable,
  maskTruncated,
  scoreTruncated,
  softOverlongPunishment,
  softTruncation,
  type TruncationPolicy,
  zeroTruncated,
} from "../policy/truncation.ts";
export {
  type Advantage,
  batchScaled,
  batchWhitened,
  centered,
  greedyBaseline,
  groupNormalized,
  leaveOneOut,
  lengthWeighted,
  type NormalizeOptions,
  passAtK,
  type RewardGroup,
} from "./advantages.ts";
export type { ScoredGroup, ScoredTrajectory } from "./batch.ts";
export type { Collect, CollectRequest } from "./collect.ts";
export { GrpoConfig } from "./config.ts";
export { type Credit, type CreditGroup, type CreditRow, perCompletion, perStep, perToken } from "./credit.ts";
export { hasSignal, keepMask } from "./dynamic-sampling.ts";
export { adaptEntropyCoef, clipCov, type EntropyController, tokenCovariances } from "./entropy.ts";
export { type GrpoLossOptions, grpoLoss, KL_LOSSES, type KlLoss } from "./loss.ts";
export { type PrimeOptions, prime, primeAdvantages } from "./prime.ts";
export {
  lastStep,
  mcStepAdvantages,
  type ProcessOptions,
  processAdvantages,
  type ScoredSteps,
  type StepCredit,
  suffixMin,
  suffixSum,
  suffixSumPerStep,
  valueDifferences,
} from "./process.ts";
export { type ReinforcePlusPlusOptions, reinforcePlusPlus } from "./reinforce-plus-plus.ts";
export { normalizeThenSum, type RewardWeights, sumThenNormalize } from "./several-rewards.ts";
export { ZERO_VARIANCE_TOLERANCE } from "./statistics.ts";
export type { StepMetrics } from "./step-metrics.ts";
export {
  noBaseline,
  perStepReturn,
  perValueDifference,
  type StepBaseline,
  type StepReturnOptions,
  siblings,
} from "./step-returns.ts";
export { type CispoOptions, cispoSurrogate } from "./surrogate-cispo.ts";
export { gspoSurrogate } from "./surrogate-gspo.ts";
export { type GrpoStep, type TrainOptions, trainGrpo } from "./train.ts";
export { treeAdvantages } from "./tree.ts";
export type { BadStep } from "./update.ts";
