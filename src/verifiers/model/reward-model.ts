/** A reward model as a verifier: any function that scores pairs, wherever the model runs. */
import { RlvrError } from "../../errors.ts";
import { graded, type NotGraded, notGraded, type Verdict, type Verifier } from "../verdict.ts";
import { microBatch } from "./micro-batch.ts";

export interface Pair {
  readonly prompt: string;
  readonly completion: string;
}

/** One score for each pair, in order; or why there is none for any of them. The signal is aborted when nobody waits. */
export type Score = (
  pairs: readonly Pair[],
  signal: AbortSignal,
) => readonly number[] | NotGraded | Promise<readonly number[] | NotGraded>;

export interface RewardModelOptions<Row> {
  /** What the completion answers, as the model wants it. */
  readonly prompt: (row: Row) => string;
  /** Most pairs in one call of `score`, 32 by default. What is asked within a turn of the event loop goes together. */
  readonly batch?: number;
  /** reward = (score − mean) / std, so that rewards of other models or runs compare: 0 and 1 by default. */
  readonly mean?: number;
  readonly std?: number;
  /** Rewards that can be true. One outside of it is the verifier's error, not graded. */
  readonly range?: readonly [low: number, high: number];
}

/**
 * The reward is the model's score; the outcome is "partial", for a score says neither right nor wrong.
 *
 * Not graded: a call that fails (infrastructure), a score that is missing, not finite or out of range (verifier).
 * @throws {RlvrError} E_VERIFIER for a batch, mean, std or range that cannot be
 */
export function rewardModel<Row>(score: Score, options: RewardModelOptions<Row>): Verifier<Row> {
  const { prompt, batch = 32, mean = 0, std = 1, range } = options;
  if (!(Number.isInteger(batch) && batch > 0 && Number.isFinite(mean) && std > 0 && Number.isFinite(std))) {
    const came = JSON.stringify({ batch, mean, std });
    throw new RlvrError("E_VERIFIER", `rewardModel has ${came}, expected a batch ≥ 1, a finite mean and a std > 0`);
  }
  if (range && !(range[0] < range[1])) {
    throw new RlvrError("E_VERIFIER", `rewardModel has the range ${JSON.stringify(range)}, expected low < high`);
  }

  const ask = microBatch<Pair, number | NotGraded>(batch, async (pairs, signal) => {
    const scores = await score(pairs, signal);
    if ("status" in scores) return pairs.map(() => scores);
    if (scores.length === pairs.length) return scores;
    const reason = `the reward model gave ${scores.length} scores, expected ${pairs.length}`;
    return pairs.map(() => notGraded("verifier-error", reason));
  });

  return async (completion, row, context): Promise<Verdict> => {
    const raw = await ask({ prompt: prompt(row), completion }, context?.signal).catch(failed);
    if (typeof raw === "object") return raw;
    const reward = (raw - mean) / std;
    if (!Number.isFinite(reward)) return notGraded("verifier-error", `the reward model's score is ${raw}`);
    if (range && (reward < range[0] || reward > range[1])) {
      return notGraded("verifier-error", `the reward is ${reward}, expected it within [${range.join(", ")}]`);
    }
    return graded(reward, "partial", null, `the reward model's score is ${raw}`, { score: raw });
  };
}

function failed(error: unknown): NotGraded {
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return notGraded("infrastructure-error", `the reward model failed: ${said}`);
}
