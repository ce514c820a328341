/**
 * Generalized advantage estimation — https://arxiv.org/abs/1506.02438 eq. 16
 *
 *   δ_t = r_t + γ·V_{t+1} − V_t        A_t = δ_t + γλ·A_{t+1}        R_t = A_t + V_t
 *
 * V_t is the value of the state *before* token t is written. λ = 1 gives the return minus the value, λ = 0 the one-step
 * error δ. R is the critic's target: it is made before the advantages are whitened.
 */
export interface GaeOptions {
  readonly gamma: number; // γ
  readonly lambda: number; // λ
  /** V of the state after the last token: 0 where the episode is over, the critic's value where it was only cut off. */
  readonly lastValue?: number;
  /** Valid tokens; the rest is padding, gets 0 and is not read. All, if left out. */
  readonly length?: number;
}

/** Rewards and values of the tokens [T] → advantages and returns [T]. */
export function gae(
  rewards: readonly number[],
  values: readonly number[],
  { gamma, lambda, lastValue = 0, length = rewards.length }: GaeOptions,
): { advantages: number[]; returns: number[] } {
  const advantages = new Array<number>(rewards.length).fill(0);
  const returns = new Array<number>(rewards.length).fill(0);
  let nextValue = lastValue;
  let nextAdvantage = 0;
  for (let t = length - 1; t >= 0; t--) {
    const error = rewards[t]! + gamma * nextValue - values[t]!;
    advantages[t] = error + gamma * lambda * nextAdvantage;
    returns[t] = advantages[t]! + values[t]!;
    nextValue = values[t]!;
    nextAdvantage = advantages[t]!;
  }
  return { advantages, returns };
}

export interface DecoupledOptions extends Omit<GaeOptions, "lambda"> {
  readonly lambdaPolicy: number;
  /** 1 = the critic is taught the plain return, without bias (VC-PPO, https://arxiv.org/abs/2503.01491). */
  readonly lambdaCritic: number;
}

/** Advantages with one λ, the critic's targets with another. [T] each */
export function decoupledGae(
  rewards: readonly number[],
  values: readonly number[],
  { lambdaPolicy, lambdaCritic, ...options }: DecoupledOptions,
): { advantages: number[]; returns: number[] } {
  const policy = gae(rewards, values, { ...options, lambda: lambdaPolicy });
  if (lambdaPolicy === lambdaCritic) return policy;
  const { returns } = gae(rewards, values, { ...options, lambda: lambdaCritic });
  return { advantages: policy.advantages, returns };
}

/**
 * λ = 1 − 1/(α·l) for an episode of l tokens: the longer it is, the further a reward must reach. VAPO,
 * https://arxiv.org/abs/2504.05118 eq. 6 (α = 0.05). Negative for l < 1/α: there it is 0.
 */
export function lengthAdaptiveLambda(length: number, alpha: number): number {
  return Math.max(0, 1 - 1 / (alpha * length));
}
