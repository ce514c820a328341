/**
 * How per-token losses become one number. Each choice is a weight for every token of one optimizer step, computed before
 * the batch is split; the loss is then a plain sum. So micro-batches, buckets, padding and data-parallel shards cannot
 * change the result: the mean of micro-batch means, a bug of many trainers, cannot be written.
 */

/** Completion masks of all rows of one optimizer step [B][T_b] → the weight of each token [B][T_b], 0 where the mask is 0. */
export type Aggregate = (masks: readonly ArrayLike<number>[]) => Float32Array[];

/** Σ_i Σ_t x_it / Σ_i |o_i|. Every token weighs the same. DAPO, https://arxiv.org/abs/2503.14476 eq. 8 */
export const tokenMean: Aggregate = (masks) => {
  const tokens = masks.reduce((sum, mask) => sum + count(mask), 0);
  return masks.map((mask) => weigh(mask, 1 / tokens));
};

/**
 * Mean over sequences of token means; fully masked rows leave. GRPO, https://arxiv.org/abs/2402.03300 eq. 3.
 * A long wrong answer is punished less per token than a short one: it favors length.
 */
export const sequenceMean: Aggregate = (masks) => {
  const rows = masks.filter((mask) => count(mask) > 0).length;
  return masks.map((mask) => weigh(mask, 1 / (rows * count(mask))));
};

/** Mean over sequences of token sums; fully masked rows leave. */
export const sequenceSum: Aggregate = (masks) => {
  const rows = masks.filter((mask) => count(mask) > 0).length;
  return masks.map((mask) => weigh(mask, 1 / rows));
};

/** Σ_i Σ_t x_it / (B · maxTokens); B counts fully masked rows too. Dr. GRPO, https://arxiv.org/abs/2503.20783 */
export function constantLength(maxTokens: number): Aggregate {
  return (masks) => masks.map((mask) => weigh(mask, 1 / (masks.length * maxTokens)));
}

/** By the names that settings use. */
export const AGGREGATES = {
  "token-mean": () => tokenMean,
  "sequence-mean": () => sequenceMean,
  "sequence-sum": () => sequenceSum,
  "constant-length": ({ maxTokens }) => constantLength(maxTokens),
} satisfies Record<string, (config: { readonly maxTokens: number }) => Aggregate>;

function count(mask: ArrayLike<number>): number {
  let ones = 0;
  for (let t = 0; t < mask.length; t++) if (mask[t] !== 0) ones++;
  return ones;
}

function weigh(mask: ArrayLike<number>, weight: number): Float32Array {
  return Float32Array.from(mask, (one) => (one === 0 ? 0 : weight));
}
