/**
 * What most programs need: run an algorithm on a task, measure a model, look at what it writes.
 *
 * The parts have entries of their own: rlvr/task, rlvr/verifiers, rlvr/rollout, rlvr/policy, rlvr/grpo, rlvr/ppo, rlvr/engine,
 * rlvr/run.
 */
export { type ErrorCode, type ErrorDetails, RlvrError } from "./errors.ts";
export { METRICS, type MetricName, type MetricValues } from "./metrics.ts";
export { type EvalHooks, type EvalResult, EvalRun, evaluateModel } from "./run/eval.ts";
export type { RunEvent, RunHooks, RunResult } from "./run/events.ts";
export { GrpoRun, grpo } from "./run/grpo.ts";
export { PpoRun, ppo } from "./run/ppo.ts";
export { writeReport } from "./run/report.ts";
export { type SampledProblem, type SampleHooks, SampleRun, sampleModel } from "./run/sample.ts";
export { SftRun, sft } from "./run/sft.ts";
export { Examples, Summary } from "./run/summary.ts";
