/** Verifiers of code. Part of the entry "rlvr/verifiers"; the sandbox is loaded when the first program is judged. */

export { CodeRow, codePrompt, codeRow, fenced, type WrittenProblem } from "./code-row.ts";
export {
  CODE_OUTCOMES,
  type CodeOutcome,
  type CodeVerifier,
  type CodeVerifierOptions,
  codeVerifier,
  SCORINGS,
  type Scoring,
} from "./code-verifier.ts";
export { COMPARATORS, type Comparator, type ComparatorName, type TestInput } from "./compare.ts";
export { type ExtractedCode, extractCode } from "./extract-code.ts";
export {
  AssertsProblem,
  CallsProblem,
  CodeProblem,
  type CodeProblemInput,
  ProgramProblem,
} from "./problem.ts";
export { type ReadProblem, readHumanEval } from "./read-human-eval.ts";
export { type ReadMbpp, readMbpp } from "./read-mbpp.ts";
export { type ReferenceLimitsOptions, referenceLimits } from "./reference-limits.ts";
