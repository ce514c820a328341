/** Step 1 of training: groups that teach something, with bounded refills. */
import { type CandidateGroup, candidatesOf, creditGroup, type ScoredGroup } from "./batch.ts";
import type { GrpoConfig } from "./config.ts";
import type { Variants } from "./variants.ts";

export interface CollectRequest {
  /** 0 for the step's first sampling round, then 1, 2, …: other prompts, or other samples of the same ones. */
  readonly refill: number;
  /** How many groups are wanted. */
  readonly prompts: number;
}

/** Samples and judges. It must depend on its arguments and the weights alone, so that a resumed run repeats itself. */
export type Collect = (step: number, request: CollectRequest) => Promise<readonly ScoredGroup[]>;

export interface Collected {
  /** Every group that was sampled: rewards are reported on these. */
  readonly sampled: readonly CandidateGroup[];
  /** Those that are trained on. */
  readonly kept: readonly CandidateGroup[];
  /** Sampling rounds. */
  readonly rounds: number;
}

export async function collectGroups(
  step: number,
  collect: Collect,
  config: GrpoConfig,
  { credit, truncation }: Pick<Variants, "credit" | "truncation">,
): Promise<Collected> {
  const sampled: CandidateGroup[] = [];
  const kept: CandidateGroup[] = [];
  const maxRounds = config.dynamicSampling === "refill" ? 1 + config.maxRefills : 1;
  let rounds = 0;
  while (rounds < maxRounds && kept.length < config.promptsPerStep) {
    const prompts = config.promptsPerStep - kept.length;
    for (const group of await collect(step, { refill: rounds, prompts })) {
      const candidates = candidatesOf(group, truncation);
      sampled.push(candidates);
      if (config.dynamicSampling === "keep" || credit.hasSignal(creditGroup(candidates))) kept.push(candidates);
    }
    rounds++;
  }
  return { sampled, kept, rounds };
}
