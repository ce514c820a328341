/** Verifiers: text in, verdict out. Entry "rlvr/verifiers"; loads neither TensorFlow.js nor a sandbox. */
export { afterThink, answerTag, type Extract, type Extracted } from "./answer-tag.ts";
export { type CacheOptions, cached } from "./cached.ts";
export {
  type FirstDecisiveOptions,
  firstDecisive,
  gated,
  min,
  type Part,
  type Parts,
  type PartsOptions,
  unanimous,
  weighted,
  withMetrics,
} from "./combine.ts";
export { withDeadline } from "./deadline.ts";
export { exactNumber, type NumberRow, parseNumber } from "./exact-number.ts";
export { type Expression, parseExpression } from "./expression.ts";
export { combineFractions, equalFractions, type Fraction, fractionText, toFraction } from "./fraction.ts";
export { type Layout, layout, layoutAnswer, parseLayout } from "./layout.ts";
export {
  type Certificate,
  certificateText,
  checkGold,
  type Extraction,
  type ExtractionRule,
  extractAnswer,
  type MathOptions,
  type MathRow,
  type MathSettings,
  type MathVerdict,
  mathAnswer,
  mathVerifyOptions,
  PRESETS,
  type PresetName,
  verifyAnswer,
  verifyResponse,
} from "./math/index.ts";
export { type HttpRewardModelOptions, sglangScore, vllmScore } from "./model/http-reward-model.ts";
export type { JudgeSettings } from "./model/judge-settings.ts";
export { type Compare, type LlmCompareOptions, llmCompare, Preference } from "./model/llm-compare.ts";
export { type LlmJudgeOptions, llmJudge, type Scale } from "./model/llm-judge.ts";
export { clampPreference, debiasedPreference, ensemblePreference, softPreference } from "./model/preference.ts";
export { type Pair, type RewardModelOptions, rewardModel, type Score } from "./model/reward-model.ts";
export { type Asked, type Screen, screenAnswer } from "./model/screen.ts";
export { type ModelServer, ModelServerSettings, modelServer } from "./model/server.ts";
export { type WrittenSteps, writtenSteps } from "./steps.ts";
export {
  Graded,
  graded,
  NotGraded,
  notGraded,
  OUTCOMES,
  type Outcome,
  Verdict,
  type Verifier,
  type VerifyContext,
} from "./verdict.ts";
