/** PPO with a critic. Entry "rlvr/ppo". */
export { type Importance, noCorrection, truncateTokens } from "../policy/importance.ts";
export type { Sampled } from "../policy/sampled.ts";
export { type ClipOptions, clippedSurrogate, type Surrogate } from "../policy/surrogate.ts";
export { weightedSum } from "../policy/weighted-sum.ts";
export { PpoConfig } from "./config.ts";
export { explainedVariance } from "./explained-variance.ts";
export { type DecoupledOptions, decoupledGae, type GaeOptions, gae, lengthAdaptiveLambda } from "./gae.ts";
export { adaptKlCoef, type KlControllerOptions } from "./kl-controller.ts";
export { type PpoPolicyLossOptions, ppoPolicyLoss } from "./policy-loss.ts";
export { ptxLoss } from "./ptx-loss.ts";
export type { StepMetrics } from "./step-metrics.ts";
export { type EpisodeReward, type TokenRewardInput, type TokenRewardOptions, tokenRewards } from "./token-rewards.ts";
export { type PpoStep, type TrainOptions, trainPpo } from "./train.ts";
export type { BadStep, Part } from "./update.ts";
export { ppoValueLoss, type ValueLossOptions, valuesBefore } from "./value-loss.ts";
