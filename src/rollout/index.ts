/** From task rows to judged trajectories. Entry "rlvr/rollout". */

export { configureTask } from "./configure-task.ts";
export { type Completion, type JudgeLimit, type JudgeOptions, type Judgment, judge, judgeLimit } from "./judge.ts";
export { type LoadTaskOptions, loadTask, taskNames } from "./load-task.ts";
export { type Prompt, promptText } from "./prompt.ts";
export { endlessRows, type Row, type RowSource, readRows } from "./rows.ts";
export {
  allDelivered,
  embeddedSampler,
  isLost,
  type LostSample,
  type Sampler,
  type SamplerCapabilities,
  type VersionedSample,
} from "./sampler.ts";
export { sandboxTier } from "./sandbox-tier.ts";
export {
  type AuditNotes,
  defineTask,
  type JudgedStep,
  type Split,
  type Task,
  type TaskCase,
  type TaskDefinition,
} from "./task.ts";
export type { Group, Judged, StopReason, Trajectory } from "./trajectory.ts";
