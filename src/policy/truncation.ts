/**
 * What becomes of a completion that was cut off at the token limit. Never by default a reward of 0: that teaches a model
 * that thinks too long for the limit that its thoughts are wrong.
 */
export interface Cuttable {
  /** null: not graded. */
  readonly reward: number | null;
  readonly truncated: boolean;
  /** Completion tokens. */
  readonly length: number;
}

/** The reward to train on; null leaves the completion out of loss and statistics. */
export type TruncationPolicy = (completion: Cuttable) => number | null;

/** A cut-off completion leaves loss and statistics. A masked row that stays in the baseline would shift its siblings. */
export const maskTruncated: TruncationPolicy = ({ reward, truncated }) => (truncated ? null : reward);

/** As the verifier scored it. */
export const scoreTruncated: TruncationPolicy = ({ reward }) => reward;

/** A cut-off completion gets 0, if it was graded at all. */
export const zeroTruncated: TruncationPolicy = ({ reward, truncated }) => (truncated && reward !== null ? 0 : reward);

/** The soft overlong punishment is added to every reward. */
export function softTruncation(maxTokens: number, cache: number): TruncationPolicy {
  return ({ reward, length }) => (reward === null ? null : reward + softOverlongPunishment(length, maxTokens, cache));
}

/**
 * DAPO eq. 13, https://arxiv.org/abs/2503.14476: 0 up to `maxTokens − cache`, falling to −1 at `maxTokens`, −1 beyond.
 * Added to the reward before any normalization. DAPO: 20 480 and 4096.
 */
export function softOverlongPunishment(length: number, maxTokens: number, cache: number): number {
  const free = maxTokens - cache;
  if (length <= free) return 0;
  return length <= maxTokens ? (free - length) / cache : -1;
}

/** By the names that settings use; `overlongBuffer` is the share of maxTokens over which the punishment grows. */
export const TRUNCATION = {
  mask: () => maskTruncated,
  score: () => scoreTruncated,
  zero: () => zeroTruncated,
  soft: ({ maxTokens, overlongBuffer }) =>
    softTruncation(maxTokens, Math.max(1, Math.round(maxTokens * overlongBuffer))),
} satisfies Record<
  string,
  (config: { readonly maxTokens: number; readonly overlongBuffer: number }) => TruncationPolicy
>;
