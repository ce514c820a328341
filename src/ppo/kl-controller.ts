/**
 * The adaptive KL coefficient — Ziegler et al. 2019, https://arxiv.org/abs/1909.08593 §2.2
 *
 *   e = clip(KL/target − 1, ±0.2)        β ← β·(1 + e·n/horizon)
 */
export interface KlControllerOptions {
  /** KL of a whole completion, summed over its tokens, in nats (the paper: 6). Not a mean over tokens. */
  readonly target: number;
  /** Episodes in which β can grow by a fifth of itself, or fall by it (the paper: 10 000). */
  readonly horizon: number;
}

/** Relative errors beyond this count as this. */
const ERROR_LIMIT = 0.2;

/**
 * The coefficient after a batch.
 * @param kl mean over the batch's completions, in nats
 * @param episodes n, completions of the batch
 */
export function adaptKlCoef(
  coef: number,
  kl: number,
  episodes: number,
  { target, horizon }: KlControllerOptions,
): number {
  const error = Math.max(-ERROR_LIMIT, Math.min(ERROR_LIMIT, kl / target - 1));
  return coef * (1 + (error * episodes) / horizon);
}
