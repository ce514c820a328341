export const SCHEDULES = ["constant", "linear", "cosine"] as const;
export type Schedule = (typeof SCHEDULES)[number];

export interface ScheduleOptions {
  readonly learningRate: number;
  readonly schedule: Schedule;
  readonly warmupSteps: number;
  readonly steps: number;
}

/** What is left of the peak after warm-up; `progress` goes from 0 to 1. */
const DECAY = {
  constant: () => 1,
  linear: (progress) => 1 - progress,
  cosine: (progress) => (1 + Math.cos(Math.PI * progress)) / 2,
} satisfies Record<Schedule, (progress: number) => number>;

/**
 * The learning rate of step 0, 1, … A pure function of the step, so that a resumed run needs no state.
 *
 * Warm-up rises to the peak at step `warmupSteps − 1`, and its first step already moves: learningRate / warmupSteps.
 * (Hugging Face starts at 0, which wastes a batch.) Decay reaches 0 at step `steps`, one after the last.
 */
export function learningRateAt(step: number, options: ScheduleOptions): number {
  const { learningRate, schedule, warmupSteps, steps } = options;
  if (step < warmupSteps) return (learningRate * (step + 1)) / warmupSteps;
  const progress = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
  return learningRate * DECAY[schedule](progress);
}
