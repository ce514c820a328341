/**
 * Implicit process rewards: a language model φ whose log-ratio to a reference is a reward, trained on outcomes alone.
 * Yuan et al., https://arxiv.org/abs/2412.01981; PRIME, https://arxiv.org/abs/2502.01456
 *
 *   r_φ(y_t) = β log( π_φ(y_t) / π_ref(y_t) )        q_t = Σ_{s ≤ t} r_φ(y_s), the value of the prefix
 *   L(φ) = Σ_b w_b · [ softplus(q) − a·q ]           a = the outcome, q = Σ_t r_φ(y_t)
 *
 * Differs from PRIME's released code: that feeds the log-ratio without β to the advantages. Ours is the paper's.
 */
import { checkAxes } from "../engine/shapes.ts";
import { tf } from "../engine/tf.ts";
import type { Learner, Loss, StepReport, TrainingRow } from "../policy/index.ts";

/** β of PRIME's code. */
const BETA = 0.05;

export interface ImplicitRewards {
  readonly tokenRewards: number[]; // [T]
  /** q_t. [T] */
  readonly cumulative: number[];
  /** q of the whole: positive = more likely right than wrong. */
  readonly outcomeScore: number;
}

/** Rewards of the tokens that a policy wrote, from log-probs of these alone. */
export function implicitRewards(
  prmLogProbs: ArrayLike<number>,
  refLogProbs: ArrayLike<number>,
  beta: number = BETA,
): ImplicitRewards {
  let outcomeScore = 0;
  const tokenRewards = Array.from(prmLogProbs, (logProb, t) => beta * (logProb - refLogProbs[t]!));
  const cumulative = tokenRewards.map((reward) => (outcomeScore += reward));
  return { tokenRewards, cumulative, outcomeScore };
}

/** Rewards of steps: the sums over their tokens, which are differences of the prefix's value q. [T] → [S] */
export function stepSums(tokenRewards: readonly number[], ends: readonly number[]): number[] {
  return ends.map((end, k) =>
    tokenRewards.slice(k === 0 ? 0 : ends[k - 1]! + 1, end + 1).reduce((sum, reward) => sum + reward, 0),
  );
}

/**
 * Fields [B, T]: `refLogProbs`; `completionMask` (1 = trained); `outcome` and `weights`, each on one token of a row and 0
 * on the others. Sums `right` (rows whose q is on the outcome's side) and `rows`.
 */
export function implicitPrmLoss({ beta = BETA }: { readonly beta?: number } = {}): Loss {
  return {
    name: `implicit-prm(β=${beta})`,
    fields: ["refLogProbs", "completionMask", "outcome", "weights"],
    compute: ({ logProbs }, batch) => {
      const { refLogProbs, completionMask } = batch as Record<string, typeof logProbs>;
      const axes = Object.entries({ logProbs, ...batch }).map(([name, x]) => [name, [x, "B T"]] as const);
      checkAxes(Object.fromEntries(axes));
      const q = logProbs.sub(refLogProbs!).mul(completionMask!).sum(1).mul(beta); // [B]
      const a = batch.outcome!.sum(1); // [B]
      const w = batch.weights!.sum(1); // [B]
      const rows = w.greater(0).cast("float32"); // [B]
      const right = q.greater(0).equal(a.greater(0.5)).cast("float32"); // [B]
      return {
        loss: tf.softplus(q).sub(a.mul(q)).mul(w).sum(), // []
        sums: { rows: rows.sum(), right: right.mul(rows).sum() },
        maxima: {},
      };
    },
  };
}

/** A completion and how it ended. */
export interface OutcomeRow {
  readonly id: string;
  readonly tokens: Int32Array; // [T]
  readonly completionMask: Uint8Array; // [T]
  /** Chance of success, from 0 to 1. */
  readonly outcome: number;
}

/** Rows of one update; each completion weighs the same. */
export function outcomeRows(rows: readonly OutcomeRow[], refLogProbs: readonly Float32Array[]): TrainingRow[] {
  return rows.map(({ id, tokens, completionMask, outcome }, b) => {
    const onLast = (value: number) => new Float32Array(tokens.length).fill(value, tokens.length - 1);
    const fields = {
      refLogProbs: refLogProbs[b]!,
      completionMask: Float32Array.from(completionMask),
      outcome: onLast(outcome),
      weights: onLast(1 / rows.length),
    };
    return { id, tokens, fields };
  });
}

export interface ImplicitPrmOptions {
  readonly learner: Learner;
  /** Log-probs under the reference, which stays as it is. */
  readonly referenceScore: Learner["score"];
  readonly learningRate: number;
  readonly beta?: number;
}

/** An implicit PRM that is trained while a policy is: score a batch, then update on its outcomes (PRIME's order "after"). */
export class OnlineImplicitPrm {
  readonly #options: ImplicitPrmOptions;
  readonly #loss: Loss;

  constructor(options: ImplicitPrmOptions) {
    this.#options = options;
    this.#loss = implicitPrmLoss(options.beta === undefined ? {} : { beta: options.beta });
  }

  /** Rewards of the written tokens of each row, before and apart from any update. [B][written] */
  async tokenRewards(rows: readonly Pick<OutcomeRow, "id" | "tokens" | "completionMask">[]): Promise<number[][]> {
    const { learner, referenceScore, beta } = this.#options;
    const [now, reference] = [await learner.score(rows, 1), await referenceScore(rows, 1)];
    return rows.map(({ completionMask }, b) => {
      const written = (values: Float32Array) => [...values].filter((_, t) => completionMask[t] === 1);
      return implicitRewards(written(now[b]!.logProbs), written(reference[b]!.logProbs), beta).tokenRewards;
    });
  }

  /** One update on the outcomes of a batch. */
  async update(rows: readonly OutcomeRow[]): Promise<StepReport> {
    const { learner, referenceScore, learningRate } = this.#options;
    const reference = await referenceScore(rows, 1);
    const prepared = outcomeRows(
      rows,
      reference.map(({ logProbs }) => logProbs),
    );
    return learner.step(this.#loss, prepared, { learningRate, temperature: 1 });
  }
}
