/**
 * One GRPO run from the base model to the trained one: measure, train, measure again; with everything that it leaves
 * behind in its run directory. The command line prints what this reports.
 */
import { join } from "node:path";
import type { z } from "zod";
import { RlvrError } from "../errors.ts";
import { GrpoConfig, type ScoredSteps, trainGrpo } from "../grpo/index.ts";
import type { MetricValues } from "../metrics.ts";
import { type LearnerOptions, learningRateAt } from "../policy/index.ts";
import type { Group } from "../rollout/index.ts";
import type { RunHooks, RunResult } from "./events.ts";
import { freshName } from "./names.ts";
import { asksForSteps, openStepRewards, ProcessSettings, processCredit, type StepRewards } from "./process.ts";
import { MAY_CHANGE, REWARD_SETTINGS, RewardLoop, refuseDropout, rewardLearner } from "./reward-loop.ts";
import { openSampler } from "./sampler.ts";
import { openSession, type Session } from "./session.ts";
import { RunSettings } from "./settings.ts";
import { type Outcome, parseSettings, runTraining, type Training } from "./training.ts";

export const GrpoRun = RunSettings.extend({
  grpo: GrpoConfig.prefault({}),
  process: ProcessSettings.prefault({}),
  ...REWARD_SETTINGS,
});
export type GrpoRun = z.infer<typeof GrpoRun>;

/**
 * Runs GRPO as the settings say. With `hooks.resume` it goes on with the run of that name.
 * @throws RlvrError, with the run directory left so that it can be resumed.
 */
export async function grpo(input: z.input<typeof GrpoRun>, hooks: RunHooks = {}): Promise<RunResult> {
  const given = parseSettings(GrpoRun, input);
  const session = await openSession({ ...given, training: given }, hooks.task);
  try {
    const settings = resolveGrpo(given, session);
    const sampler = await openSampler(session, settings.sampler, {
      weightsFolder: join(settings.out, settings.name, "weights"),
      ...(hooks.signal ? { signal: hooks.signal } : {}),
    });
    return await runTraining(
      session,
      {
        ...{ settings, mayChange: ["grpo.steps", ...MAY_CHANGE], hooks },
        sandbox: session.sandbox,
        learner: grpoLearner(settings),
        steps: settings.grpo.steps,
      },
      (training) => train(training, { ...session, sampler }, settings),
    ).finally(() => sampler.close());
  } finally {
    await session.engine.dispose();
  }
}

/** Fills in what depends on the task: the completion limit, the model's folder, and the name of the run. */
export function resolveGrpo(settings: GrpoRun, { task, modelFolder }: Pick<Session, "task" | "modelFolder">): GrpoRun {
  const { maxLag, stale } = settings.sampler;
  if (settings.grpo.importance === "none" && (maxLag > 0 || stale === "correct")) {
    throw new RlvrError("E_CONFIG", "grpo.importance is none, but sampler lets completions of older weights in", {
      hint: "choose a grpo.importance, or leave sampler.maxLag and sampler.stale out",
    });
  }
  const withSteps = asksForSteps(settings.process);
  if (settings.grpo.advantage === "process" && !withSteps) {
    throw new RlvrError("E_CONFIG", "grpo.advantage is process, but nothing scores single steps", {
      hint: "give --process.prm with a reward model, --process.stepVerifier, or --process.rollouts",
    });
  }
  refuseDropout(settings);
  const maxTokens = Math.min(settings.grpo.maxTokens, task.maxTokens);
  const config = { ...settings.grpo, ...(withSteps ? { advantage: "process" as const } : {}), maxTokens };
  const { out, seed } = settings;
  const name = settings.name === "" ? freshName(out, `${task.name}-grpo-seed${seed}`) : settings.name;
  return { ...settings, name, model: modelFolder, grpo: parseSettings(GrpoConfig, config) };
}

export function grpoLearner({ grpo: config, engine }: GrpoRun): LearnerOptions {
  return rewardLearner(config, engine);
}

async function train(training: Training, session: Session, settings: GrpoRun): Promise<Outcome> {
  const { grpo: config, process, seed } = settings;
  const { signal } = training.hooks;
  const greedyBaseline = config.advantage === "greedy-baseline";
  const loop = new RewardLoop(training, session, settings, { ...config, greedyBaseline });
  // before a checkpoint replaces the weights
  const referenceScore = config.klCoef > 0 ? loop.reference(grpoLearner(settings)) : null;
  const stepRewards = config.advantage === "process" ? await openRewards(session, settings, signal) : null;
  const ofSteps: MetricValues = {};
  return loop.run((fromStep) =>
    trainGrpo({
      ...{ config, seed, learner: training.learner, fromStep },
      ...(referenceScore ? { referenceScore } : {}),
      ...(signal ? { signal } : {}),
      ...(stepRewards ? { credit: processCredit(process) } : {}),
      collect: async (step, { refill, prompts }) => {
        const groups = await loop.collect(step, prompts, { refill: refill > 0 });
        const rewards = await stepRewards?.(groups, step);
        Object.assign(ofSteps, rewards?.metrics);
        return groups.map((group) => scored(group, rewards?.steps));
      },
      onBadStep: (bad) => loop.saveBadStep({ ...bad, part: "policy", learningRate: learningRateAt(bad.step, config) }),
      onStep: (report) => loop.finishStep({ ...report, metrics: { ...report.metrics, ...ofSteps } }),
    }),
  );
}

function openRewards(session: Session, settings: GrpoRun, signal: AbortSignal | undefined): Promise<StepRewards> {
  const { process, engine, seed, verifyTimeoutMs: timeoutMs } = settings;
  const { temperature, maxTokens } = settings.grpo;
  const sampling = { temperature, maxTokens, seed };
  return openStepRewards(session, { process, engine, sampling, timeoutMs, ...(signal ? { signal } : {}) });
}

/** A judged group as the algorithm sees it: rewards, not verdicts. */
function scored({ promptId, trajectories, greedyReward }: Group, steps?: ReadonlyMap<string, ScoredSteps>) {
  return {
    promptId,
    ...(greedyReward === undefined ? {} : { greedyReward }),
    trajectories: trajectories.map((trajectory) => ({
      ...trajectory,
      truncated: trajectory.stopReason === "length",
      ...(steps?.has(trajectory.id) && { steps: steps.get(trajectory.id)! }),
      ...(trajectory.verdict.status === "graded" ? { rewardParts: trajectory.verdict.metrics } : {}),
    })),
  };
}
