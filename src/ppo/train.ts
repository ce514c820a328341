/**
 * The PPO training loop: collect · log-probs and values · rewards and advantages · minibatches · updates · check and log ·
 * hand over. https://arxiv.org/abs/1707.06347; for language models https://arxiv.org/abs/1909.08593, 2203.02155.
 *
 * Its state is that of the learner, of the critic if it is a model of its own, and the KL coefficient. Everything random is
 * keyed by (seed, step, epoch), so a run that is resumed from a checkpoint of these goes on exactly as it would have.
 */
import { RlvrError } from "../errors.ts";
import { checkMismatch } from "../policy/agreement.ts";
import type { Learner } from "../policy/loss.ts";
import type { Sampled } from "../policy/sampled.ts";
import type { Example } from "../policy/sft.ts";
import { average } from "../policy/statistics.ts";
import { stopwatch } from "../policy/stopwatch.ts";
import { assignAdvantages } from "./advantages.ts";
import type { PpoConfig } from "./config.ts";
import { type Episode, episodeOf } from "./episode.ts";
import { adaptKlCoef } from "./kl-controller.ts";
import { scoreEpisodes } from "./score.ts";
import { episodeMetrics, type StepMetrics, sampleMetrics, updateMetrics } from "./step-metrics.ts";
import type { EpisodeReward } from "./token-rewards.ts";
import { type BadStep, update } from "./update.ts";
import { variantsOf } from "./variants.ts";

export interface TrainOptions<Trajectory extends Sampled = Sampled> {
  readonly config: PpoConfig;
  readonly seed: number;
  /** Samples a step's completions. It must depend on the step and the weights alone, so that a resumed run repeats itself. */
  readonly collect: (step: number) => Promise<readonly Trajectory[]>;
  /** What they are worth, in their order: a verifier, a reward model, process rewards, or a mixture. */
  readonly rewards: (
    trajectories: readonly Trajectory[],
    step: number,
  ) => Promise<readonly EpisodeReward[]> | readonly EpisodeReward[];
  /** The policy. With `config.critic` "shared" it has a score head too. */
  readonly learner: Learner;
  /** With `config.critic` "own": a model with a score head. */
  readonly critic?: Learner;
  /** Log-probs under the reference policy; needed if klCoef is above 0. */
  readonly referenceScore?: Learner["score"];
  /** `count` examples for PPO-ptx; needed if ptxCoef is above 0. They may depend on a position that checkpoints keep. */
  readonly examples?: (step: number, count: number) => Promise<readonly Example[]>;
  /** After each step, awaited: log, write checkpoints. The learners then hold the weights after this step. */
  readonly onStep?: (report: PpoStep) => void | Promise<void>;
  /** An update whose loss or gradient was not finite, and so was not applied: save it for replay. */
  readonly onBadStep?: (bad: BadStep) => void | Promise<void>;
  /** Stops before the next step; a step that is still collecting is dropped, one that is updating is finished. */
  readonly signal?: AbortSignal;
  /** Steps that are complete: 0 for a new run. */
  readonly fromStep?: number;
  /** β as the last complete step left it. */
  readonly klCoef?: number;
}

/** What the parts of a step need of the options. */
export type StepOptions = Omit<TrainOptions, "collect" | "rewards">;

export interface PpoStep {
  /** 0-based. */
  readonly step: number;
  readonly metrics: StepMetrics;
  /** Mean advantage of each completion that was sampled, by trajectory id; null = left out of the loss. */
  readonly advantages: ReadonlyMap<string, number | null>;
  /** β for the next step: it belongs in a checkpoint. */
  readonly klCoef: number;
  /** Wall time of the parts of the step. */
  readonly seconds: { readonly collect: number; readonly score: number; readonly update: number };
}

/**
 * Trains for `config.steps` steps. Returns how many are complete.
 * @throws RlvrError E_MISMATCH if sampler and trainer, or scoring and training, disagree on log-probs.
 */
export async function trainPpo<Trajectory extends Sampled>(
  options: TrainOptions<Trajectory>,
): Promise<{ stepsDone: number }> {
  checkOptions(options);
  const { config, learner, signal } = options;
  const variants = variantsOf(config);
  let klCoef = options.klCoef ?? config.klCoef;
  let step = options.fromStep ?? 0;
  for (; step < config.steps && !signal?.aborted; step++) {
    const clock = stopwatch();

    // 1. Collect: sample, and ask what it is worth.
    const sampled = await collectEpisodes(step, options).catch((error: unknown) => {
      if (signal?.aborted) return null; // sampling was interrupted by it
      throw error;
    });
    if (sampled === null || signal?.aborted) break;
    const all = sampled.map(({ trajectory, reward }) => episodeOf(trajectory, reward, variants.truncation));
    const episodes = all.filter(({ reward }) => reward !== null);
    const collectSeconds = clock();

    // 2. Log-probs and values at the weights that update starts from ("old"), and log-probs of the reference.
    const version = learner.version;
    await scoreEpisodes(episodes, options);
    const examples = config.ptxCoef > 0 ? await options.examples!(step, config.ptxExamples) : [];
    const scoreSeconds = clock();

    // 3. Rewards of tokens, with the KL; advantages, and the critic's targets.
    assignAdvantages(episodes, klCoef, config);
    const before = episodeMetrics(episodes, klCoef);
    const advantages = meanAdvantages(all);

    // 4. and 5. Epochs of minibatches; on each an update of the policy and of the critic.
    const updates = await update(step, episodes, examples, variants, options);
    const updateSeconds = clock();

    // 6. Adapt β; check and log.
    if (config.klControl === "adaptive" && episodes.length > 0) {
      const kl = average(episodes.map(({ seqKl }) => seqKl));
      klCoef = adaptKlCoef(klCoef, kl, episodes.length, { target: config.klTarget, horizon: config.klHorizon });
    }
    const metrics: StepMetrics = {
      ...sampleMetrics(all),
      ...before,
      ...updateMetrics(updates),
      "update/count": learner.version,
    };
    // samples of older weights differ for a good reason
    const fresh = episodes.every(({ trajectory }) => trajectory.policyVersion === version);
    if (fresh) checkMismatch(step, metrics["sampling/sampling_logp_difference/mean"], config.mismatchLimit);

    // 7. Hand over: the caller writes metrics, ledger and checkpoint.
    const seconds = { collect: collectSeconds, score: scoreSeconds, update: updateSeconds };
    await options.onStep?.({ step, metrics, advantages, klCoef, seconds });
  }
  return { stepsDone: step };
}

async function collectEpisodes<Trajectory extends Sampled>(
  step: number,
  { collect, rewards }: TrainOptions<Trajectory>,
): Promise<{ trajectory: Trajectory; reward: EpisodeReward }[]> {
  const trajectories = await collect(step);
  const given = await rewards(trajectories, step);
  if (given.length !== trajectories.length) {
    throw new RlvrError("E_SHAPE", `rewards() gave ${given.length} rewards for ${trajectories.length} completions`);
  }
  return trajectories.map((trajectory, i) => ({ trajectory, reward: given[i]! }));
}

function meanAdvantages(episodes: readonly Episode[]): Map<string, number | null> {
  return new Map(
    episodes.map(({ trajectory, reward, advantages }): [string, number | null] => [
      trajectory.id,
      reward === null ? null : average(advantages),
    ]),
  );
}

/** @throws {RlvrError} E_CONFIG where the settings need something that is not given */
function checkOptions({ config, critic, referenceScore, examples }: StepOptions): void {
  const refuse = (message: string, hint: string) => {
    throw new RlvrError("E_CONFIG", message, { hint });
  };
  if (config.critic === "own" && critic === undefined) {
    refuse(
      "critic is own and there is no critic",
      'give a learner of a model with a score head, or set critic to "shared"',
    );
  }
  if (config.klCoef > 0 && referenceScore === undefined) {
    refuse(`klCoef is ${config.klCoef} and there is no reference policy`, "give referenceScore, or set klCoef to 0");
  }
  if (config.ptxCoef > 0 && examples === undefined) {
    refuse(`ptxCoef is ${config.ptxCoef} and there are no examples`, "give examples, or set ptxCoef to 0");
  }
}
