/** Verifiers: text in, verdict out. Entry "rlvr/verifiers"; loads neither TensorFlow.js nor a sandbox. */
export { afterThink, answerTag, type Extract, type Extracted } from "./answer-tag.ts";
export { gated, type Parts, weighted, withMetrics } from "./combine.ts";
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
export { type WrittenSteps, writtenSteps } from "./steps.ts";
export { Graded, graded, NotGraded, notGraded, OUTCOMES, type Outcome, Verdict, type Verifier } from "./verdict.ts";
