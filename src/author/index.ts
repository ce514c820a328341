/** What a task author wants to know before a run. Entry "rlvr/author". */
export { type Attack, type AttackInput, type Family, inLayout } from "./attack.ts";
export { FAMILIES } from "./attacks/index.ts";
export { type AuditOptions, type AuditReport, auditTask, type FamilyResult } from "./audit.ts";
export type { Guess, Leak } from "./check-answers.ts";
export { type CheckTaskOptions, checkTask, inspectTask, type Speed, type TaskReport } from "./check-task.ts";
export { CHECKS, type CheckName, type CheckResult, type Finding } from "./findings.ts";
export type { Hole, HoleKind } from "./holes.ts";
export { type Judging, judgeHere, type Timed } from "./judging.ts";
export { type JudgeApartOptions, judgeApart } from "./judging-apart.ts";
export type { FalseNegatives, Rate } from "./rates.ts";
export { type Change, type LineProblem, type RescoreOptions, type RescoreReport, rescore } from "./rescore.ts";
export type { AnyRow, Right } from "./right.ts";
export { type ScaffoldOptions, scaffoldTask, TEMPLATES, type TemplateName } from "./scaffold.ts";
export type { Slot } from "./slot.ts";
