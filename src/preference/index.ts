/** From demonstrations and preferences to an aligned policy. Entry "rlvr/preference". */
export {
  cohenKappa,
  fleissKappa,
  intervalDistance,
  krippendorffAlpha,
  type LabelDistance,
  nominalDistance,
  ordinalDistance,
} from "./agreement.ts";
export {
  bestOfNKl,
  bestOfNSft,
  type Candidate,
  type CandidateSet,
  type ExpertIterationOptions,
  type ExpertRound,
  expectedBestOfN,
  expertIteration,
  imitate,
  type Keep,
  keepAtLeast,
  keepBest,
} from "./best-of-n.ts";
export { type BradleyTerryOptions, bradleyTerryLoss, type ScoredPair } from "./bradley-terry.ts";
export { type CalibrationBin, type RewardModelReport, rewardModelReport } from "./calibration.ts";
export {
  type LabelOptions,
  labelByJudge,
  type Principle,
  type Revised,
  type RevisionOptions,
  type RevisionStep,
  reviseByPrinciples,
} from "./constitution.ts";
export {
  type AttributeWeights,
  attributeOf,
  type FeedbackReading,
  pairUnpaired,
  type ReadFeedback,
  readFeedback,
  toComparisons,
  toRanking,
  toUnpaired,
} from "./convert.ts";
export {
  coherence,
  cosine,
  DIALOGUE_WEIGHTS,
  dialogueReward,
  easeOfAnswering,
  informationFlow,
  type LengthLogProb,
} from "./dialogue.ts";
export { type DpoOptions, dpoLoss, hingeLoss, robustDpoLoss } from "./dpo-loss.ts";
export { type Combine, ensembleLowerBound, ensembleMean, ensembleMin, ensembleScores } from "./ensemble.ts";
export {
  type AnnotatorReport,
  type InspectOptions,
  inspectPreferences,
  type LengthReport,
  type LocatedRecord,
  type PreferenceFinding,
  type PreferenceReport,
} from "./inspect.ts";
export { type IpoOptions, ipoLoss } from "./ipo-loss.ts";
export { sequenceOf, type TokenExample, type TokenPair, type TokenRanking } from "./items.ts";
export { type KtoExample, type KtoOptions, ktoLoss, ktoReferencePoint } from "./kto-loss.ts";
export { parsePreference } from "./layouts.ts";
export {
  ktoMethod,
  type Method,
  pairMethod,
  rewardPairMethod,
  rewardRankingMethod,
  rrhfMethod,
} from "./methods.ts";
export { type NearDuplicate, nearDuplicates } from "./near-duplicates.ts";
export { type OrpoOptions, orpoLoss } from "./orpo-loss.ts";
export {
  type CompletionLogProb,
  expectedLoss,
  type LogProbPair,
  meanOverPairs,
  type PairLabel,
  type PairLoss,
  type PairResult,
  withNll,
} from "./pair-loss.ts";
export {
  pairwiseRankingLoss,
  plackettLuceLoss,
  type RankingLoss,
  softmaxChoiceLoss,
  strictPairs,
} from "./ranking-loss.ts";
export {
  likertRegressionLoss,
  likertToPairs,
  multiAttributeScore,
  type RatedPair,
  ratingTarget,
  type Scale,
} from "./ratings.ts";
export {
  AttributeRating,
  Comparison,
  Feedback,
  PreferenceRecord,
  plainText,
  Ranking,
  Rating,
  Text,
  Unpaired,
} from "./records.ts";
export { measureRewardModel, type RewardModelOptions, rewards, trainRewardModel } from "./reward-model.ts";
export { centeredScale, foldScale, type RewardScale, rescaled, standardScale } from "./reward-scale.ts";
export { type RrhfCandidate, type RrhfOptions, type RrhfResult, rrhfLoss } from "./rrhf-loss.ts";
export {
  discriminatorLoss,
  discriminatorStep,
  type GeneratorOptions,
  generatorStep,
  rolloutPolicyLoss,
  rolloutValues,
} from "./seqgan.ts";
export { type SimpoOptions, simpoLoss } from "./simpo-loss.ts";
export { type BadPreferenceStep, type PreferenceOptions, type PreferenceStep, trainPreference } from "./train.ts";
export {
  completionLogProb,
  lastScore,
  linearLoss,
  type Reading,
  readSequences,
  type Sequence,
  type SequenceLoss,
  type TwoPassReport,
  twoPassStep,
} from "./two-pass.ts";
export {
  annotatorTrust,
  annotatorWeight,
  collectVotes,
  softLabels,
  type Trust,
  type Vote,
  type VotedPair,
  weighByTrust,
} from "./votes.ts";
