/**
 * The best of n samples: as a way to sample, and as a teacher.
 *
 *   best-of-n SFT            samples of the policy → the best of each prompt → fine-tune on them, once
 *   rejection sampling SFT   the same with all that reach a threshold (https://arxiv.org/abs/2308.01825, 2307.09288 §3.2.3)
 *   expert iteration         rounds of it, each sampling from the policy that the last one left (https://arxiv.org/abs/1705.08439)
 */
import type { Learner } from "../policy/loss.ts";
import type { Schedule } from "../policy/schedule.ts";
import { type Example, trainSft } from "../policy/sft.ts";
import { Rng } from "../rng.ts";

/** log n − (n−1)/n: the most by which the best of n samples can be away from the policy, in nats. https://arxiv.org/abs/2112.09332 */
export function bestOfNKl(n: number): number {
  return Math.log(n) - (n - 1) / n;
}

/** Expected largest of n rewards drawn without replacement from N samples: the unbiased estimate for best-of-n. n ≤ N */
export function expectedBestOfN(rewards: readonly number[], n: number): number {
  const sorted = [...rewards].sort((a, b) => a - b);
  const N = sorted.length;
  let sum = 0;
  let chance = n / N; // C(i−1, n−1) / C(N, n) for the largest, i = N
  for (let i = N; i >= n; i--) {
    sum += chance * sorted[i - 1]!;
    chance *= (i - n) / (i - 1);
  }
  return sum;
}

/** A completion that was sampled, with what it is worth; null = not graded, and so never chosen. */
export interface Candidate {
  readonly completion: Int32Array;
  readonly reward: number | null;
}

export interface CandidateSet {
  readonly id: string;
  readonly prompt: Int32Array;
  readonly candidates: readonly Candidate[];
}

/** Which candidates of a prompt are imitated. */
export type Keep = (candidates: readonly Candidate[]) => readonly Candidate[];

/** The best one, the first of several; none where nothing is graded. */
export const keepBest: Keep = (candidates) => {
  const graded = candidates.filter(({ reward }) => reward !== null);
  return graded.length === 0 ? [] : [graded.reduce((best, one) => (one.reward! > best.reward! ? one : best))];
};

/** All that reach the threshold, each text once: a policy that is sure of one answer must not drown out the others. */
export function keepAtLeast(threshold: number): Keep {
  return (candidates) => {
    const seen = new Set<string>();
    return candidates.filter(({ completion, reward }) => {
      const key = completion.join();
      if (reward === null || reward < threshold || seen.has(key)) return false;
      seen.add(key);
      return true;
    });
  };
}

/** What is kept, as examples for SFT. */
export function imitate(sets: readonly CandidateSet[], keep: Keep): Example[] {
  return sets.flatMap(({ id, prompt, candidates }) =>
    keep(candidates).map(({ completion }, i) => ({ id: `${id}/${i}`, prompt, completion })),
  );
}

export interface ExpertIterationOptions {
  readonly learner: Learner;
  readonly rounds: number;
  /** Samples of the learner's present policy, with their rewards. */
  readonly sample: (round: number) => Promise<readonly CandidateSet[]>;
  readonly keep: Keep;
  /** Passes over what is kept, in each round. */
  readonly epochs: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly schedule: Schedule;
  readonly seed: number;
  readonly onRound?: (round: ExpertRound) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

export interface ExpertRound {
  /** 0-based. */
  readonly round: number;
  readonly sampled: number;
  readonly kept: number;
  /** Prompts of which nothing is kept. */
  readonly unsolved: number;
  /** Mean reward of what was sampled and graded; NaN for nothing. */
  readonly reward: number;
  /** Mean SFT loss of the round's steps, before each update; NaN for none. */
  readonly loss: number;
}

/** Sample, keep the good ones, imitate them, again. A round that keeps nothing leaves the policy as it is. */
export async function expertIteration(options: ExpertIterationOptions): Promise<{ roundsDone: number }> {
  const { learner, rounds, keep, epochs, batchSize, learningRate, schedule, seed, signal } = options;
  let round = 0;
  for (; round < rounds && !signal?.aborted; round++) {
    const sets = await options.sample(round);
    const examples = imitate(sets, keep);
    const steps = Math.ceil((epochs * examples.length) / batchSize);
    const order = Array.from({ length: epochs }, (_, epoch) =>
      new Rng(seed, `expert-iteration/${round}/${epoch}`).shuffle([...examples]),
    ).flat();
    const losses: number[] = [];
    await trainSft({
      ...{ learner, steps, learningRate, schedule, warmupSteps: 0 },
      batch: (step) => order.slice(step * batchSize, (step + 1) * batchSize),
      onStep: ({ loss }) => void losses.push(loss),
    });
    const graded = sets.flatMap(({ candidates }) => candidates.flatMap(({ reward }) => reward ?? []));
    const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
    await options.onRound?.({
      round,
      sampled: sets.reduce((sum, { candidates }) => sum + candidates.length, 0),
      kept: examples.length,
      unsolved: sets.filter(({ candidates }) => keep(candidates).length === 0).length,
      reward: mean(graded),
      loss: mean(losses),
    });
  }
  return { roundsDone: round };
}

/** One round of imitating the best of each prompt's samples. */
export function bestOfNSft(options: Omit<ExpertIterationOptions, "rounds" | "keep">): Promise<{ roundsDone: number }> {
  return expertIteration({ ...options, rounds: 1, keep: keepBest });
}
