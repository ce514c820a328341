/** Process supervision: steps, their labels, models that score them, and what a policy earns for them. Entry "rlvr/prm". */
export { calibrationSvg } from "./calibration-svg.ts";
export { encodeLabeled } from "./encode.ts";
export {
  type ImplicitPrmOptions,
  type ImplicitRewards,
  implicitPrmLoss,
  implicitRewards,
  OnlineImplicitPrm,
  type OutcomeRow,
  outcomeRows,
  stepSums,
} from "./implicit.ts";
export {
  LABEL_FORMATS,
  type LabeledText,
  type LabelFormat,
  parseLabelLine,
  StepwiseLine,
  stepwiseLine,
} from "./label-formats.ts";
export {
  addSpent,
  type Completed,
  consensus,
  firstWrong,
  type Labeler,
  type LabelTools,
  NOTHING_SPENT,
  type Prefix,
  prefixOf,
  type Solution,
  type Spent,
  type StepLabels,
  verifiedLabels,
} from "./labels.ts";
export { type LabeledSolution, lastLabelOnly, prmLoss, prmRows } from "./loss.ts";
export {
  accuracyGap,
  auc,
  type CalibrationBin,
  calibration,
  chooseThreshold,
  classifySteps,
  type FirstErrorCase,
  type FirstErrorResult,
  firstError,
  firstErrorF1,
  type ScoredStep,
  type StepClassification,
} from "./metrics.ts";
export {
  bisectionLabels,
  countLabels,
  type HardLabels,
  hardLabels,
  hoeffding,
  type ShareBound,
  type SoftLabels,
  softLabels,
} from "./monte-carlo.ts";
export {
  bestOf,
  SOLUTION_SCORES,
  type SolutionScore,
  type SolutionScoreName,
  type SteppedCompletion,
  scoreSteps,
  weightedVote,
} from "./scores.ts";
export { clipped, deltas, drops, rawScores, type StepShaping, softMinimum } from "./shaping.ts";
export {
  decodeTokens,
  STEP_RULES,
  type StepRule,
  type StepSpans,
  separators,
  spansAt,
  splitSteps,
  stepPlaces,
} from "./steps.ts";
export { type BadPrmStep, type PrmStep, type PrmTrainOptions, trainPrm } from "./train.ts";
