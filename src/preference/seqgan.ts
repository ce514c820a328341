/**
 * SeqGAN — https://arxiv.org/abs/1609.05473. A discriminator tells real sequences from the generator's; what it takes for
 * real is the reward of a whole sequence, and Monte-Carlo roll-outs carry it to each token (eq. 4):
 *
 *   Q_t = 1/N Σ_n D(y_1:t followed by the n-th roll-out)   t < T        Q_T = D(y_1:T)
 *   L   = −Σ_t (Q_t − b)·log π(y_t | y_<t)                 summed over time and batch, as in the authors' code
 *
 * All rewards are positive, so without a baseline b everything that is sampled gets likelier; the paper has none.
 */
import type { Learner, StepReport, TrainingRow } from "../policy/loss.ts";
import { logSigmoid, sigmoid } from "./logistic.ts";
import { lastScore, linearLoss, readSequences, type Sequence, type SequenceLoss, twoPassStep } from "./two-pass.ts";

/** Scores of each prefix's roll-outs, the last prefix being the sequence itself → Q_t − b. [T][N] → [T] */
export function rolloutValues(scores: readonly (readonly number[])[], baseline = 0): number[] {
  return scores.map((of) => of.reduce((sum, score) => sum + score, 0) / of.length - baseline);
}

/** −Σ_t Q_t·log π_t; its gradient by log π_t is −Q_t. */
export function rolloutPolicyLoss(values: readonly number[], logProbs: readonly number[]): number {
  return values.reduce((sum, value, t) => sum - value * logProbs[t]!, 0);
}

/** −mean log σ(real) − mean log σ(−fake); gradients by logit, the real ones first. */
export function discriminatorLoss(real: readonly number[], fake: readonly number[]): SequenceLoss {
  const right = real.filter((x) => x > 0).length + fake.filter((x) => x < 0).length;
  return {
    loss:
      real.reduce((sum, x) => sum - logSigmoid(x) / real.length, 0) +
      fake.reduce((sum, x) => sum - logSigmoid(-x) / fake.length, 0),
    gradients: [...real.map((x) => -sigmoid(-x) / real.length), ...fake.map((x) => sigmoid(x) / fake.length)],
    metrics: { "preference/accuracy": right / (real.length + fake.length) },
  };
}

/** One update of the discriminator, a model with a score head. */
export async function discriminatorStep(
  discriminator: Learner,
  real: readonly Sequence[],
  fake: readonly Sequence[],
  learningRate: number,
): Promise<SequenceLoss> {
  const objective = (logits: readonly number[]) =>
    discriminatorLoss(logits.slice(0, real.length), logits.slice(real.length));
  return (await twoPassStep(discriminator, [...real, ...fake], lastScore, objective, learningRate)).sequenceLoss;
}

export interface GeneratorOptions {
  readonly generator: Learner;
  readonly discriminator: Pick<Learner, "score">;
  /** N roll-outs of each prefix to whole sequences, by the generator or its moving average. In the order of the prefixes. */
  readonly rollOut: (prefixes: readonly Sequence[]) => Promise<readonly (readonly Sequence[])[]>;
  /** b; the paper has 0. */
  readonly baseline: number;
  readonly learningRate: number;
}

/** One policy-gradient update on what the generator sampled. Also gives the mean reward of the samples: D(y_1:T). */
export async function generatorStep(
  samples: readonly Sequence[],
  { generator, discriminator, rollOut, baseline, learningRate }: GeneratorOptions,
): Promise<{ report: StepReport; reward: number }> {
  const rows: TrainingRow[] = [];
  let reward = 0;
  for (const sample of samples) {
    const { tokens, completionStart, id } = sample;
    const ends = Array.from({ length: tokens.length - completionStart - 1 }, (_, i) => completionStart + i + 1);
    const prefixes = ends.map((end) => ({ ...sample, id: `${id}@${end}`, tokens: tokens.slice(0, end) }));
    const rollOuts = prefixes.length > 0 ? await rollOut(prefixes) : [];
    const scores = await realness(discriminator, [...rollOuts.flat(), sample]);
    let at = 0;
    const byPrefix = rollOuts.map((list) => {
      at += list.length;
      return scores.slice(at - list.length, at);
    });
    const values = rolloutValues([...byPrefix, [scores.at(-1)!]], baseline);
    const weights = new Float32Array(tokens.length);
    for (const [t, value] of values.entries()) weights[completionStart + t] = -value;
    rows.push({ id, tokens, fields: { weights } });
    reward += scores.at(-1)! / samples.length;
  }
  const report = await generator.step(linearLoss("logProbs"), rows, { learningRate, temperature: 1 });
  return { report, reward };
}

/** D: the probability that a sequence is real. */
async function realness(discriminator: Pick<Learner, "score">, sequences: readonly Sequence[]): Promise<number[]> {
  const score: Learner["score"] = (rows, temperature) => discriminator.score(rows, temperature);
  return (await readSequences(score, sequences, lastScore)).map(sigmoid);
}
