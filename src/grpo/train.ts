/**
 * The GRPO training loop: collect · log-probs · advantages · minibatches · update · check and log · hand over.
 *
 * Its state is the learner's alone. Everything random is keyed by (seed, step, epoch), so a run that is resumed from a
 * checkpoint of the learner goes on exactly as it would have.
 */
import { RlvrError } from "../errors.ts";
import { checkMismatch } from "../policy/agreement.ts";
import type { Learner } from "../policy/loss.ts";
import { average, variance } from "../policy/statistics.ts";
import { stopwatch } from "../policy/stopwatch.ts";
import { type CandidateGroup, creditGroup } from "./batch.ts";
import { type Collect, type Collected, collectGroups } from "./collect.ts";
import type { GrpoConfig } from "./config.ts";
import type { Credit } from "./credit.ts";
import { scoreCandidates } from "./score.ts";
import { type StepMetrics, sampleMetrics, updateMetrics } from "./step-metrics.ts";
import { type BadStep, update } from "./update.ts";
import { type Variants, variantsOf } from "./variants.ts";

export interface TrainOptions {
  readonly config: GrpoConfig;
  readonly seed: number;
  readonly collect: Collect;
  readonly learner: Learner;
  /** Instead of the credit that `config.advantage` names, such as one of step-returns.ts. */
  readonly credit?: Credit;
  /** Log-probs under the reference policy; needed if klCoef is above 0. */
  readonly referenceScore?: Learner["score"];
  /** After each step, awaited: log, write checkpoints. The learner then holds the weights after this step. */
  readonly onStep?: (report: GrpoStep) => void | Promise<void>;
  /** An update whose loss or gradient was not finite, and so was not applied: save it for replay. */
  readonly onBadStep?: (bad: BadStep) => void | Promise<void>;
  /** Stops before the next step; a step that is still collecting is dropped, one that is updating is finished. */
  readonly signal?: AbortSignal;
  /** Steps that are complete: 0 for a new run. */
  readonly fromStep?: number;
}

export interface GrpoStep {
  /** 0-based. */
  readonly step: number;
  readonly metrics: StepMetrics;
  /** Mean advantage of each completion that was sampled, by trajectory id; null = left out of the loss. */
  readonly advantages: ReadonlyMap<string, number | null>;
  /** Wall time of the parts of the step. */
  readonly seconds: { readonly collect: number; readonly score: number; readonly update: number };
}

/**
 * Trains for `config.steps` steps. Returns how many are complete.
 * @throws RlvrError E_MISMATCH if sampler and trainer, or scoring and training, disagree on log-probs.
 */
export async function trainGrpo(options: TrainOptions): Promise<{ stepsDone: number }> {
  const { config, learner, signal } = options;
  const variants = { ...variantsOf(config), ...(options.credit && { credit: options.credit }) };
  if (variants.needsReference && options.referenceScore === undefined) {
    throw new RlvrError("E_CONFIG", `klCoef is ${config.klCoef} and there is no reference policy`, {
      hint: "give referenceScore, or set klCoef to 0",
    });
  }

  let step = options.fromStep ?? 0;
  for (; step < config.steps && !signal?.aborted; step++) {
    const clock = stopwatch();

    // 1. Collect: sample, judge, leave out groups that teach nothing.
    const collected = await collectGroups(step, options.collect, config, variants).catch((error: unknown) => {
      if (signal?.aborted) return null; // sampling was interrupted by it
      throw error;
    });
    if (collected === null || signal?.aborted) break;
    const candidates = collected.kept.flatMap((group) => group.candidates).filter(({ reward }) => reward !== null);
    const collectSeconds = clock();

    // 2. Log-probs at the weights that update starts from ("old"), and of the reference. Before the advantages, because
    //    a KL in the reward is made of them.
    const version = learner.version;
    const klMetrics = await scoreCandidates(candidates, variants, options);
    const scoreSeconds = clock();

    // 3. Advantages, over all kept groups.
    assignAdvantages(collected.kept, variants);

    // 4. and 5. Minibatches, and one update on each.
    const updates = await update(step, candidates, variants, options);
    const updateSeconds = clock();

    // 6. Check and log.
    const advantages = candidates.flatMap((candidate) => candidate.advantages);
    const metrics: StepMetrics = {
      ...sampleMetrics(collected, config.zeroVarianceTolerance),
      ...klMetrics,
      ...updateMetrics(updates.applied, updates.inFirstEpoch),
      ...(updates.applied.length === 0 && updates.skipped > 0 ? { loss: Number.NaN, grad_norm: Number.NaN } : {}),
      "advantage/std": Math.sqrt(variance(advantages, 1)),
      learning_rate: updates.learningRate,
      "update/count": learner.version,
      "update/skipped": updates.skipped,
    };
    // samples of older weights differ for a good reason
    const fresh = candidates.every(({ trajectory }) => trajectory.policyVersion === version);
    if (fresh) checkMismatch(step, metrics["sampling/sampling_logp_difference/mean"], config.mismatchLimit);

    // 7. Hand over: the caller writes metrics, ledger and checkpoint.
    await options.onStep?.({
      step,
      metrics,
      advantages: meanAdvantages(collected),
      seconds: { collect: collectSeconds, score: scoreSeconds, update: updateSeconds },
    });
  }
  return { stepsDone: step };
}

function assignAdvantages(kept: readonly CandidateGroup[], { credit }: Variants): void {
  const advantages = credit.assign(kept.map(creditGroup)); // [P][G][length]
  for (const [p, { candidates }] of kept.entries()) {
    for (const [i, candidate] of candidates.entries()) candidate.advantages = advantages[p]![i]!;
  }
}

function meanAdvantages({ sampled, kept }: Collected): Map<string, number | null> {
  const inLoss = new Set(kept);
  return new Map(
    sampled.flatMap((group) =>
      group.candidates.map(({ trajectory, reward, advantages }): [string, number | null] => [
        trajectory.id,
        inLoss.has(group) && reward !== null ? average(advantages) : null,
      ]),
    ),
  );
}
