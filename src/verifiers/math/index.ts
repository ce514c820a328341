/** The math verifier, re-exported by "rlvr/verifiers". */
export { type Certificate, certificateText } from "./certificate.ts";
export { type Extraction, type ExtractionRule, extractAnswer } from "./extract.ts";
export { type MathOptions, type MathSettings, mathVerifyOptions, PRESETS, type PresetName } from "./presets.ts";
export {
  checkGold,
  type MathRow,
  type MathVerdict,
  mathAnswer,
  verifyAnswer,
  verifyResponse,
} from "./verify.ts";
