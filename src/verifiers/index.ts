/** Verifiers: text in, verdict out. Entry "rlvr/verifiers"; loads neither TensorFlow.js nor a sandbox. */
export { afterThink, answerTag, type Extract, type Extracted } from "./answer-tag.ts";
export { type CacheOptions, cached } from "./cached.ts";
export {
  AssertsProblem,
  CallsProblem,
  CODE_OUTCOMES,
  COMPARATORS,
  type CodeOutcome,
  CodeProblem,
  type CodeProblemInput,
  CodeRow,
  type CodeVerifier,
  type CodeVerifierOptions,
  type Comparator,
  type ComparatorName,
  codePrompt,
  codeRow,
  codeVerifier,
  type ExtractedCode,
  extractCode,
  fenced,
  ProgramProblem,
  type ReadMbpp,
  type ReadProblem,
  type ReferenceLimitsOptions,
  readHumanEval,
  readMbpp,
  referenceLimits,
  SCORINGS,
  type Scoring,
  type TestInput,
  type WrittenProblem,
} from "./code/index.ts";
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
  type CosineOptions,
  cosineLength,
  countCharacters,
  countWords,
  type Measure,
  type OverlongOptions,
  type Slope,
  softOverlong,
} from "./length.ts";
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
export { type ThinkPairOptions, tagCount, thinkPair } from "./tags.ts";
export { type AbstainOptions, abstainReward, saysUnknown } from "./text/abstain.ts";
export { type Bleu, type BleuOptions, bleu, type Smoothing } from "./text/bleu.ts";
export { type CitationOptions, citesGivenFacts, type FactsRow } from "./text/cites-given-facts.ts";
export { jaroWinkler, levenshteinSimilarity } from "./text/edit-distance.ts";
export { type ExactMatchOptions, exactMatch } from "./text/exact-match.ts";
export { type JsonSchemaOptions, jsonSchema } from "./text/json-schema.ts";
export { languageConsistency } from "./text/language-consistency.ts";
export { type Language, type LanguageShare, languageShare } from "./text/language-share.ts";
export { matchesRegex, type RegexOptions } from "./text/matches-regex.ts";
export { type ChoiceOptions, type ChoiceRow, choiceSlot, multipleChoice } from "./text/multiple-choice.ts";
export { numericMatch, type Tolerance } from "./text/numeric-match.ts";
export {
  bleuReward,
  type OverlapOptions,
  type ReferenceRow,
  rougeLReward,
  rougeNReward,
} from "./text/overlap-rewards.ts";
export { type RepetitionOptions, repeatedShare, repetitionPenalty } from "./text/repetition.ts";
export { type Rouge, rougeL, rougeN } from "./text/rouge.ts";
export type { TextRow } from "./text/row-answer.ts";
export { shownText } from "./text/shown-text.ts";
export { type SimilarityOptions, similarity } from "./text/similarity.ts";
export { jsonText } from "./text/strict-json.ts";
export { characterTokens, spaceTokens, type Tokenize, wordTokens } from "./text/tokenize.ts";
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
