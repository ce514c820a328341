/** Runs: one call for what one command does. Entry "rlvr/run". */
export { bootstrapInterval, type Interval, shareInterval, wilson } from "../rollout/intervals.ts";
export type { BadBatch } from "./bad-step.ts";
export { readBadStep } from "./bad-step.ts";
export { type Checkpoint, listCheckpoints } from "./checkpoints.ts";
export { type CheckpointRequest, openRun, RunDirectory, type RunOptions, readConfig } from "./directory.ts";
export { type Estimate, type EvalHooks, type EvalResult, EvalRun, evaluateModel } from "./eval.ts";
export { type Answered, type EvaluatedProblem, type EvaluateOptions, evaluate } from "./evaluate.ts";
export type { RunEvent, RunHooks, RunResult } from "./events.ts";
export { type ExampleSource, readExamples, shuffledExamples, solutionExamples } from "./examples.ts";
export { GrpoRun, grpo, resolveGrpo } from "./grpo.ts";
export { RolloutRow, rolloutRow } from "./ledger.ts";
export { majorityAtK, type Vote } from "./majority.ts";
export { Manifest, readManifest } from "./manifest.ts";
export { Measured } from "./measured.ts";
export { merge } from "./merge.ts";
export { findRun, freshName, newestRun, runNames } from "./names.ts";
export { PpoRun, ppo, resolvePpo } from "./ppo.ts";
export { dpo, rm } from "./preference.ts";
export { type PreferenceFile, readPreferences } from "./preference-data.ts";
export { DpoRun, RmRun } from "./preference-settings.ts";
export { evaluatePrm, type PrmEvalHooks, type PrmEvalResult, PrmEvalRun } from "./prm-eval.ts";
export { type LabelHooks, type LabelLedger, labelSteps, PrmLabelRun } from "./prm-label.ts";
export { openPrm, type Prm } from "./prm-model.ts";
export { PrmTrainRun, prmTrain, resolvePrmTrain } from "./prm-train.ts";
export {
  openStepRewards,
  type ProcessRewards,
  ProcessSettings,
  processCredit,
  type StepRewards,
  type StepRewardsOptions,
} from "./process.ts";
export { replayBadStep } from "./replay.ts";
export { type ReportData, readReport, writeReport } from "./report.ts";
export { type SampledCompletion, type SampledProblem, type SampleHooks, SampleRun, sampleModel } from "./sample.ts";
export {
  findModel,
  type ModelSession,
  openModelSession,
  openSession,
  type Session,
  type SessionSettings,
} from "./session.ts";
export { EngineSettings, EvalSettings, RunSettings, SamplerSettings } from "./settings.ts";
export { resolveSft, SftRun, sft } from "./sft.ts";
export { passAtK } from "./statistics.ts";
export { createStepper, StepSettings } from "./steps.ts";
export { Examples, Measurement, measure, type ProblemResult, Summary } from "./summary.ts";
