/** What a run is given besides its settings, and what it tells whoever started it. */
import type { MetricValues } from "../metrics.ts";
import type { Task } from "../rollout/index.ts";
import type { Measured } from "./measured.ts";
import type { Examples, Summary } from "./summary.ts";

export interface RunHooks {
  /** Instead of the task that the settings name. */
  readonly task?: Task;
  /** The task that is measured on, where it is not the one that is trained on. */
  readonly measureWith?: Task;
  /** Go on with the run of this name. */
  readonly resume?: boolean;
  /** Stops cleanly: the step under way is finished or dropped, a checkpoint is written. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: RunEvent) => void;
}

export type RunEvent =
  | {
      readonly kind: "opened";
      readonly path: string;
      /** Steps that are complete. */
      readonly fromStep: number;
      readonly steps: number;
      readonly model: string;
      readonly parameters: number;
    }
  /** Something besides steps goes on; `done` of `total` where it can be counted. */
  | { readonly kind: "busy"; readonly what: string; readonly done?: number; readonly total?: number }
  | { readonly kind: "measured"; readonly when: "before" | "after"; readonly measured: Measured }
  | { readonly kind: "step"; readonly step: number; readonly metrics: MetricValues }
  | { readonly kind: "bad-step"; readonly step: number; readonly rows: readonly string[]; readonly folder: string }
  /** Nothing was left to do. */
  | { readonly kind: "finished-before"; readonly steps: number }
  | { readonly kind: "warning"; readonly message: string };

export interface RunResult {
  readonly path: string;
  /** False where the run was interrupted: go on with `resume`. */
  readonly finished: boolean;
  /** Null unless it is finished, and measured before and after. */
  readonly summary: Summary | null;
  readonly examples: Examples;
  /** Path of report.html; null if it could not be made. */
  readonly report: string | null;
}
