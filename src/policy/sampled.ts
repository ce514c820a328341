/** A completion as it was sampled: what every algorithm trains on, and how numbers of its tokens are laid out. */
export interface Sampled {
  /** Unique in the run: rewards and errors are attached by it. */
  readonly id: string;
  /** Prompt and completion. [T] */
  readonly tokens: Int32Array;
  /** 1 = the policy wrote this token, so it is trained. [T] */
  readonly completionMask: Uint8Array;
  /** Log-probs under the distribution that sampled; 0 where the mask is 0. [T] */
  readonly samplerLogProbs: Float32Array;
  /** Cut off at the token limit. */
  readonly truncated: boolean;
  /** Updates that the sampling weights had seen. */
  readonly policyVersion: number;
}

/** Tokens that the policy wrote. */
export function writtenCount(completionMask: Uint8Array): number {
  return completionMask.reduce((sum, one) => sum + one, 0);
}

/** The entries of an array [T] at written tokens [length]. */
export function written(values: Float32Array, completionMask: Uint8Array): number[] {
  return Array.from(values).filter((_, t) => completionMask[t] !== 0);
}

/** Values of the written tokens [length] → all tokens [T], 0 elsewhere. */
export function onCompletion(values: readonly number[], completionMask: Uint8Array): Float32Array {
  let next = 0;
  return Float32Array.from(completionMask, (one) => (one === 0 ? 0 : values[next++]!));
}
