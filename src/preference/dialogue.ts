/**
 * Rewards for a turn of a dialogue — Li et al. 2016, https://arxiv.org/abs/1606.01541 §3.2
 *
 *   r1 = −1/|S| Σ_s 1/N_s · log p(s | a)            ease of answering: dull replies s shall be unlikely after the turn a
 *   r2 = −log cos(h_i, h_i+1)                       information flow: a speaker's consecutive turns shall differ
 *   r3 = 1/N_a · log p(a | q, p) + 1/N_q · log p_backward(q | a)       semantic coherence
 *   r  = λ1·r1 + λ2·r2 + λ3·r3
 */

/** A log-prob with the number of tokens it is of. */
export interface LengthLogProb {
  readonly logProb: number;
  readonly length: number;
}

/** r1 */
export function easeOfAnswering(dullReplies: readonly LengthLogProb[]): number {
  return -dullReplies.reduce((sum, reply) => sum + perToken(reply), 0) / dullReplies.length;
}

/** Turns that have nothing in common are no better than those that have nearly nothing. */
const LEAST_COSINE = 1e-6;

/** r2, of the hidden states of two consecutive turns of one speaker. */
export function informationFlow(first: readonly number[], second: readonly number[]): number {
  return -Math.log(Math.max(LEAST_COSINE, cosine(first, second)));
}

export function cosine(a: readonly number[], b: readonly number[]): number {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

/** r3, from the turn given the dialogue, and the turn before it given the turn under a model of the other direction. */
export function coherence(forward: LengthLogProb, backward: LengthLogProb): number {
  return perToken(forward) + perToken(backward);
}

/** λ1, λ2, λ3 of the paper's final systems. */
export const DIALOGUE_WEIGHTS = [0.25, 0.25, 0.5] as const;

export function dialogueReward(
  parts: readonly [ease: number, flow: number, coherence: number],
  weights: readonly [number, number, number] = DIALOGUE_WEIGHTS,
): number {
  return parts.reduce((sum, part, i) => sum + weights[i]! * part, 0);
}

function perToken({ logProb, length }: LengthLogProb): number {
  return logProb / length;
}
