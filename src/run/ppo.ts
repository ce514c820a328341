/** One PPO run: as grpo.ts, with a critic. */
import { join } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import type { ScoredSteps } from "../grpo/index.ts";
import type { MetricValues } from "../metrics.ts";
import {
  type LearnerOptions,
  type Model,
  PolicyLearner,
  PolicySampler,
  withHead,
  withoutScoreHead,
} from "../policy/index.ts";
import { type EpisodeReward, PpoConfig, trainPpo } from "../ppo/index.ts";
import { hashText } from "../rng.ts";
import { embeddedSampler, type Group, type Judged } from "../rollout/index.ts";
import type { RunHooks, RunResult } from "./events.ts";
import { type ExampleSource, readExamples, shuffledExamples, solutionExamples } from "./examples.ts";
import { freshName } from "./names.ts";
import { asksForSteps, openStepRewards, ProcessSettings, processShaping, type StepRewards } from "./process.ts";
import { MAY_CHANGE, REWARD_SETTINGS, RewardLoop, refuseDropout, rewardLearner } from "./reward-loop.ts";
import { openSampler } from "./sampler.ts";
import { openSession, type Session } from "./session.ts";
import { RunSettings } from "./settings.ts";
import { type Critic, type Outcome, parseSettings, runTraining, type Training } from "./training.ts";

export const PpoRun = RunSettings.extend({
  ppo: PpoConfig.prefault({}),
  process: ProcessSettings.prefault({}),
  ptxData: z
    .string()
    .default("")
    .describe('examples for ppo.ptxCoef, JSON lines {"prompt", "completion"}; empty = solutions of the task'),
  ...REWARD_SETTINGS,
});
export type PpoRun = z.infer<typeof PpoRun>;

/**
 * Runs PPO as the settings say. With `hooks.resume` it goes on with the run of that name.
 * @throws RlvrError, with the run directory left so that it can be resumed.
 */
export async function ppo(input: z.input<typeof PpoRun>, hooks: RunHooks = {}): Promise<RunResult> {
  const given = parseSettings(PpoRun, input);
  const opened = await openSession({ ...given, training: given }, hooks.task);
  try {
    const settings = resolvePpo(given, opened);
    const { session, policy, critic } = withCritic(opened, settings);
    const sampler = await openSampler({ ...session, model: policy }, settings.sampler, {
      weightsFolder: join(settings.out, settings.name, "weights"),
      ...(hooks.signal ? { signal: hooks.signal } : {}),
    });
    return await runTraining(
      session,
      {
        ...{ settings, mayChange: ["ppo.steps", ...MAY_CHANGE], hooks, critic, policy },
        sandbox: session.sandbox,
        learner: ppoLearner(settings),
        steps: settings.ppo.steps,
      },
      (training) => train(training, { ...session, sampler }, settings, critic),
    ).finally(() => sampler.close());
  } finally {
    await opened.engine.dispose();
  }
}

/** Fills in what depends on the task: the completion limit, the model's folder, and the name of the run. */
export function resolvePpo(settings: PpoRun, { task, modelFolder }: Pick<Session, "task" | "modelFolder">): PpoRun {
  const refuse = (message: string, hint: string) => {
    throw new RlvrError("E_CONFIG", message, { hint });
  };
  const { ppo: config, sampler, lora, engine } = settings;
  if (config.importanceMax === null && (sampler.maxLag > 0 || sampler.stale === "correct")) {
    refuse(
      "ppo.importanceMax is null, but sampler lets completions of older weights in",
      "set ppo.importanceMax, or leave sampler.maxLag and sampler.stale out",
    );
  }
  if (lora.rank > 0 && config.critic === "shared") {
    refuse("ppo.critic is shared, but only an adapter is trained, which has no value head", "set ppo.critic to own");
  }
  if (engine.weights === "f16") {
    refuse(
      "engine.weights is f16, but the critic starts as a copy of the policy in float32",
      "leave engine.weights out",
    );
  }
  if (asksForSteps(settings.process) && settings.process.rollouts > 0) {
    refuse(
      "process.rollouts are values of steps, which PPO has a critic for",
      "give --process.prm or --process.stepVerifier, or run rlvr grpo with --process.rollouts",
    );
  }
  refuseDropout(settings);
  const maxTokens = Math.min(config.maxTokens, task.maxTokens);
  const { out, seed } = settings;
  const name = settings.name === "" ? freshName(out, `${task.name}-ppo-seed${seed}`) : settings.name;
  return { ...settings, name, model: modelFolder, ppo: { ...config, maxTokens } };
}

export function ppoLearner({ ppo: config, engine }: PpoRun): LearnerOptions {
  return rewardLearner(config, engine);
}

interface WithCritic {
  /** Its model is what the policy's learner trains: with a value head where the trunk is shared. */
  readonly session: Session;
  /** The same weights without that head: what samples, and what the run hands on. */
  readonly policy: Model;
  /** A critic of its own; null where the trunk is shared. */
  readonly critic: Critic | null;
}

/** A fresh critic says 0 everywhere: its trunk is the policy's, the weights of its head are 0. */
function withCritic(opened: Session, settings: PpoRun): WithCritic {
  const { engine, model } = opened;
  if (settings.ppo.critic === "own") {
    const judge = { ...model, ...withHead(model, "score", settings.seed, 0) };
    const learner = new PolicyLearner(engine, judge.config, judge.weights, ppoLearner(settings));
    return { session: opened, policy: model, critic: { model: judge, learner } };
  }
  const headed = { ...model, ...withHead(model, "both", settings.seed, 0) };
  const policy = { ...headed, ...withoutScoreHead(headed) };
  const { config, weights, tokenizer } = policy;
  const sampler = embeddedSampler(new PolicySampler(engine, config, weights, tokenizer, settings.engine.slots));
  return { session: { ...opened, model: headed, sampler }, policy, critic: null };
}

async function train(training: Training, session: Session, settings: PpoRun, critic: Critic | null): Promise<Outcome> {
  const { ppo: config, process, seed } = settings;
  const { signal } = training.hooks;
  const loop = new RewardLoop(training, session, settings, { ...config, groupSize: config.samplesPerPrompt });
  // before a checkpoint replaces the weights
  const referenceScore = config.klCoef > 0 ? loop.reference(ppoLearner(settings)) : null;
  const stepRewards = asksForSteps(process) ? await openRewards(session, settings, signal) : null;
  let groups: readonly Group[] = [];
  let ofSteps: MetricValues = {};
  return loop.run(async (fromStep) => {
    const { numbers } = training.state;
    const examples = config.ptxCoef > 0 ? await openExamples(session, settings, numbers.examples ?? 0) : null;
    return trainPpo({
      ...{ config, seed, learner: training.learner, fromStep },
      ...(critic ? { critic: critic.learner } : {}),
      ...(referenceScore ? { referenceScore } : {}),
      ...(examples ? { examples: (_, count) => examples.take(count) } : {}),
      ...(numbers.klCoef === undefined ? {} : { klCoef: numbers.klCoef }),
      ...(signal ? { signal } : {}),
      collect: async (step) => {
        groups = await loop.collect(step, config.promptsPerStep, { refill: false });
        return groups.flatMap(({ trajectories }) =>
          trajectories.map((trajectory) => ({ ...trajectory, truncated: trajectory.stopReason === "length" })),
        );
      },
      rewards: async (trajectories, step) => {
        if (!stepRewards) return trajectories.map(rewardOf);
        const { steps, metrics } = await stepRewards(groups, step);
        ofSteps = metrics;
        return trajectories.map((trajectory) => withSteps(trajectory, steps.get(trajectory.id), process));
      },
      onBadStep: (bad) => loop.saveBadStep(bad),
      onStep: async (report) => {
        numbers.klCoef = report.klCoef;
        if (examples) numbers.examples = examples.position;
        await loop.finishStep({ ...report, metrics: { ...report.metrics, ...ofSteps } });
      },
    }).finally(() => examples?.close());
  });
}

/** The verifier's reward on the last token. */
function rewardOf({ reward, verdict }: Judged): EpisodeReward {
  return { score: reward, ...(verdict.status === "graded" ? { parts: verdict.metrics } : {}) };
}

/** The same with a weight, and rewards for the scores of steps. */
function withSteps(judged: Judged, scored: ScoredSteps | undefined, process: ProcessSettings): EpisodeReward {
  const reward = rewardOf(judged);
  const weight = process.credit === "process" ? 0 : process.outcomeWeight;
  return {
    ...reward,
    score: reward.score === null ? null : weight * reward.score,
    ...(scored && { steps: { rewards: processShaping(process)(scored.rewards), ends: scored.ends } }),
  };
}

function openRewards(session: Session, settings: PpoRun, signal: AbortSignal | undefined): Promise<StepRewards> {
  const { process, engine, seed, verifyTimeoutMs: timeoutMs } = settings;
  const { temperature, maxTokens } = settings.ppo;
  const sampling = { temperature, maxTokens, seed };
  return openStepRewards(session, { process, engine, sampling, timeoutMs, ...(signal ? { signal } : {}) });
}

/** What PPO-ptx imitates, in an order of its own. */
async function openExamples({ task, model }: Session, settings: PpoRun, start: number): Promise<ExampleSource> {
  const seed = hashText(`ptx ${settings.seed}`);
  if (settings.ptxData === "") return solutionExamples(task, model, seed, start);
  return shuffledExamples(await readExamples(settings.ptxData, model), seed, start);
}
