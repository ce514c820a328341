/**
 * The loop of every method that learns from preferences: batch · numbers of the sequences · reference · loss · update · log.
 *
 * Its state is the learner's alone, and the learning rate a function of the step: a run that is resumed from a checkpoint
 * of the learner goes on exactly as it would have.
 */
import { RlvrError } from "../errors.ts";
import type { Learner, TrainingRow } from "../policy/loss.ts";
import { learningRateAt, type Schedule } from "../policy/schedule.ts";
import type { Method } from "./methods.ts";
import { readSequences, type Sequence, type TwoPassReport, twoPassStep } from "./two-pass.ts";

export interface PreferenceOptions<Item> {
  readonly learner: Learner;
  readonly method: Method<Item>;
  /** The items of a step. They must depend on the step alone, or on a position that checkpoints keep. */
  readonly batch: (step: number) => readonly Item[] | Promise<readonly Item[]>;
  /** Outputs under the reference policy, which stays as it is; needed by a method with a reference. */
  readonly referenceScore?: Learner["score"];
  readonly steps: number;
  readonly learningRate: number;
  readonly warmupSteps: number;
  readonly schedule: Schedule;
  /** Steps that are complete: 0 for a new run. */
  readonly fromStep?: number;
  /** After each step, awaited: log, write checkpoints. */
  readonly onStep?: (step: PreferenceStep) => void | Promise<void>;
  /** An update that was not finite, and so was not applied. */
  readonly onBadStep?: (bad: BadPreferenceStep) => void | Promise<void>;
  /** Stops before the next step; one that has begun is finished. */
  readonly signal?: AbortSignal;
}

export interface PreferenceStep {
  /** 0-based. */
  readonly step: number;
  /** Before the update. */
  readonly loss: number;
  readonly metrics: Readonly<Record<string, number>>;
  readonly gradNorm: number;
  readonly learningRate: number;
  /** Completion tokens of the batch's sequences. */
  readonly tokens: number;
  readonly allTokens: number;
  /** False if the update was not finite: then no weight changed. */
  readonly applied: boolean;
}

export interface BadPreferenceStep {
  readonly step: number;
  readonly learningRate: number;
  readonly rows: readonly TrainingRow[];
  readonly report: TwoPassReport;
}

/**
 * Trains for `steps` steps, one update each. Returns how many are complete.
 * @throws {RlvrError} E_CONFIG if the method needs a reference policy and there is none
 */
export async function trainPreference<Item>(options: PreferenceOptions<Item>): Promise<{ stepsDone: number }> {
  const { learner, method, steps, signal } = options;
  const reference = referenceReader(options);
  let step = options.fromStep ?? 0;
  for (; step < steps && !signal?.aborted; step++) {
    const items = await options.batch(step);
    const sequences = method.sequences(items);
    const references = await reference(sequences);
    const learningRate = learningRateAt(step, options);
    const objective = (numbers: readonly number[]) => method.objective(items, numbers, references);
    const report = await twoPassStep(learner, sequences, method.reading, objective, learningRate);
    if (!report.applied) await options.onBadStep?.({ step, learningRate, rows: report.rows, report });
    const { loss, metrics } = report.sequenceLoss;
    await options.onStep?.({
      ...{ step, loss, metrics, learningRate },
      gradNorm: report.gradNorm,
      tokens: sequences.reduce((sum, { tokens, completionStart }) => sum + tokens.length - completionStart, 0),
      allTokens: sequences.reduce((sum, { tokens }) => sum + tokens.length, 0),
      applied: report.applied,
    });
  }
  return { stepsDone: step };
}

/** The reference policy does not change: each sequence is read once, and known by its id in later epochs. */
function referenceReader<Item>({ method, referenceScore }: PreferenceOptions<Item>) {
  if (!method.needsReference) return async (sequences: readonly Sequence[]) => sequences.map(() => 0);
  if (referenceScore === undefined) {
    throw new RlvrError("E_CONFIG", "the method has a reference policy in its loss, and there is none", {
      hint: "give referenceScore: score() of a learner that holds the policy's first weights",
    });
  }
  const known = new Map<string, number>();
  return async (sequences: readonly Sequence[]) => {
    const missing = sequences.filter(({ id }) => !known.has(id));
    const numbers = missing.length > 0 ? await readSequences(referenceScore, missing, method.reading) : [];
    for (const [i, { id }] of missing.entries()) known.set(id, numbers[i]!);
    return sequences.map(({ id }) => known.get(id)!);
  };
}
