import { beforeAll, describe, expect, test } from "vitest";
import { type Tensor, tf } from "../../src/engine/tf.ts";
import { tokenMean } from "../../src/policy/aggregate.ts";
import { noCorrection, truncateTokens } from "../../src/policy/importance.ts";
import type { Loss } from "../../src/policy/loss.ts";
import { clippedSurrogate } from "../../src/policy/surrogate.ts";
import { weightedSum } from "../../src/policy/weighted-sum.ts";
import { ppoPolicyLoss } from "../../src/ppo/policy-loss.ts";
import { ptxLoss } from "../../src/ppo/ptx-loss.ts";
import { ppoValueLoss } from "../../src/ppo/value-loss.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

beforeAll(() => tf.setBackend("cpu"));

type Rows = readonly (readonly number[])[];

/** Current outputs and fields of a batch, by name; what is not given is 0 (the weights are those of the token mean). */
interface Batch {
  readonly logProbs?: Rows;
  readonly entropy?: Rows;
  /** Of the state before each token: the score head's number one token earlier. */
  readonly values?: Rows;
  readonly completionMask: Rows;
  readonly [field: string]: Rows | undefined;
}

const tensor = (rows: Rows) => tf.tensor2d(rows.map((row) => [...row]));

/** The loss, what it logs, and its gradients with respect to log-probs, entropies and values. */
function evaluate(loss: Loss, batch: Batch) {
  const zeros = batch.completionMask.map((row) => row.map(() => 0));
  const { logProbs = zeros, entropy = zeros, values = zeros, ...given } = batch;
  const weights = tokenMean(batch.completionMask.map((row) => [...row])).map((row) => [...row]);
  const all: Batch = { weights, ...given };
  // scores[t − 1] is the value before token t; one column more, so that the first value has a place
  const pad = (rows: Rows) => tensor(rows.map((row) => [0, ...row]));
  const fields = Object.fromEntries(loss.fields.map((name) => [name, pad(all[name] ?? zeros)]));
  const scored = tensor(values.map((row) => [...row, 0]));
  const run = (l: Tensor, h: Tensor, s: Tensor) => loss.compute({ logProbs: l, entropy: h, scores: s }, fields);
  const inputs = [pad(logProbs), pad(entropy), scored];
  const all3 = (...[l, h, s]: Tensor[]) =>
    // each input takes part, so that a loss which does not use one has the gradient 0
    run(l!, h!, s!).loss.add(l!.sum().add(h!.sum()).add(s!.sum()).mul(0)).asScalar();
  const { value, grads } = tf.valueAndGrads(all3)(inputs);
  const { sums } = run(...(inputs as [Tensor, Tensor, Tensor]));
  const [gradLogProbs, gradEntropy, gradScores] = grads.map((grad) => grad.arraySync() as number[][]);
  return {
    loss: value.dataSync()[0]!,
    gradLogProbs: gradLogProbs!.map((row) => row.slice(1)),
    gradEntropy: gradEntropy!.map((row) => row.slice(1)),
    gradValues: gradScores!.map((row) => row.slice(0, -1)),
    sums: Object.fromEntries(Object.entries(sums).map(([name, x]) => [name, x.dataSync()[0]!])),
  };
}

const policyLoss = (options: { clip?: number; dualClip?: number | null; entropyCoef?: number } = {}) => {
  const { clip = 0.2, dualClip = null, entropyCoef = 0 } = options;
  const surrogate = clippedSurrogate({ clipLow: clip, clipHigh: clip, dualClip });
  return ppoPolicyLoss({ surrogate, importance: noCorrection, entropyCoef });
};

interface PolicyInputs {
  logp: number[][];
  oldLogp: number[][];
  advantages: number[][];
  mask: number[][];
  clip: number;
}

describe("ppoPolicyLoss", () => {
  const vectors = vectorsOf<PolicyInputs, { loss: number; gradLogp: number[][]; approxKlK2?: number }>("ppo/policy");
  test.each(vectors)("$id: $name", ({ inputs, expected }) => {
    const { logp: logProbs, oldLogp: oldLogProbs, advantages, mask: completionMask, clip } = inputs;
    const batch = { logProbs, oldLogProbs, samplerLogProbs: oldLogProbs, advantages, completionMask };
    const { loss, gradLogProbs, sums } = evaluate(policyLoss({ clip }), batch);
    expectAllClose(loss, expected.loss);
    expectAllClose(gradLogProbs, expected.gradLogp);
    if (expected.approxKlK2 !== undefined) expectAllClose(sums.approx_kl! / sums.tokens!, expected.approxKlK2);
  });

  const dual = vectorsOf<
    Omit<PolicyInputs, "advantages"> & { advantages: number[]; dualClip: number | null; delta: number | null },
    { loss: number; gradLogp: number[][] }
  >("ppo/dualclip");
  test.each(dual)("$id: $name", ({ inputs, expected }) => {
    const { logp: logProbs, oldLogp: oldLogProbs, mask: completionMask } = inputs;
    const batch = { logProbs, oldLogProbs, samplerLogProbs: oldLogProbs, completionMask };
    const advantages = completionMask.map((row, b) => row.map(() => inputs.advantages[b]!));
    const dualClip = inputs.dualClip ?? inputs.delta;
    const { loss, gradLogProbs } = evaluate(policyLoss({ dualClip }), { ...batch, advantages });
    expectAllClose(loss, expected.loss);
    expectAllClose(gradLogProbs, expected.gradLogp);
  });

  const onPolicy = {
    logProbs: [
      [-1, -2],
      [-0.5, 0],
    ],
    oldLogProbs: [
      [-1, -2],
      [-0.5, 0],
    ],
    samplerLogProbs: [
      [-1, -2],
      [-0.5, 0],
    ],
    advantages: [
      [2, -1],
      [4, 7],
    ],
    completionMask: [
      [1, 1],
      [1, 0],
    ],
  };

  test("on-policy, a token's gradient is −A/N: good tokens become likelier, bad ones rarer, padding nothing", () => {
    const { gradLogProbs } = evaluate(policyLoss(), onPolicy);
    expectAllClose(gradLogProbs, [
      [-2 / 3, 1 / 3],
      [-4 / 3, 0],
    ]);
  });

  test("the entropy bonus raises the entropy of every trained token alike", () => {
    const entropy = [
      [1, 2],
      [3, 4],
    ];
    const { loss, gradEntropy, sums } = evaluate(policyLoss({ entropyCoef: 0.3 }), { ...onPolicy, entropy });
    expectAllClose(gradEntropy, [
      [-0.1, -0.1],
      [-0.1, 0],
    ]);
    expectAllClose(loss, (-2 + 1 - 4) / 3 - 0.3 * 2);
    expectAllClose(sums["loss/entropy"]!, -0.6);
  });

  test("a token that the sampler drew twice as rarely as the trainer counts for min(2, limit)", () => {
    const surrogate = clippedSurrogate({ clipLow: 0.2, clipHigh: 0.2 });
    const samplerLogProbs = onPolicy.oldLogProbs.map((row) => row.map((x) => x - Math.log(2)));
    const corrected = (max: number) =>
      evaluate(ppoPolicyLoss({ surrogate, importance: truncateTokens({ max }), entropyCoef: 0 }), {
        ...onPolicy,
        samplerLogProbs,
      }).gradLogProbs[0]![0];
    expectAllClose([corrected(3)!, corrected(1.5)!], [(-2 * 2) / 3, (-1.5 * 2) / 3]);
  });
});

describe("ppoValueLoss", () => {
  interface ValueInputs {
    values: number[][];
    oldValues: number[][];
    returns: number[][];
    mask: number[][];
    clip: number;
  }
  const vectors = vectorsOf<ValueInputs, { loss: number; gradValues: number[][]; clipFrac: number }>("ppo/value");

  test.each(vectors)("$id: $name", ({ inputs, expected }) => {
    const { mask: completionMask, clip, ...batch } = inputs;
    const { loss, gradValues, sums } = evaluate(ppoValueLoss({ clip }), { ...batch, completionMask });
    expectAllClose(loss, expected.loss);
    expectAllClose(gradValues, expected.gradValues);
    expectAllClose(sums["value/clipped"]! / sums.tokens!, expected.clipFrac);
  });

  const far = { values: [[0.9, 0.1]], oldValues: [[0.5, 0.5]], returns: [[1, -1]], completionMask: [[1, 1]] };

  test("without a clip the gradient is (V − R)/N", () => {
    expectAllClose(evaluate(ppoValueLoss({ clip: null }), far).gradValues, [[-0.05, 0.55]]);
  });

  test("a value that moved away from its return is not held by the clip", () => {
    const away = { ...far, values: [[0.1, 0.9]] };
    expectAllClose(evaluate(ppoValueLoss({ clip: 0.2 }), away).gradValues, [[-0.45, 0.95]]);
  });

  test("a model without a score head is refused", () => {
    const { compute } = ppoValueLoss({ clip: 0.2 });
    const [logProbs, entropy] = [tf.zeros([1, 2]), tf.zeros([1, 2])];
    expect(() => compute({ logProbs, entropy }, {})).toThrow("the model has no score head");
  });
});

describe("their sum", () => {
  interface Totals {
    policyLoss: number;
    valueLoss: number;
    entropy: number;
    vfCoef: number;
    entCoef: number;
  }

  test.each(vectorsOf<Totals, { loss: number }>("ppo/total"))("$id: $name", ({ inputs, expected }) => {
    const loss = weightedSum([
      { loss: policyLoss({ entropyCoef: inputs.entCoef }), coef: 1 },
      { loss: ppoValueLoss({ clip: null }), coef: inputs.vfCoef },
    ]);
    const found = evaluate(loss, {
      advantages: [[-inputs.policyLoss]], // on-policy the loss is −A
      values: [[Math.sqrt(2 * inputs.valueLoss)]], // from a return of 0
      entropy: [[inputs.entropy]],
      completionMask: [[1]],
    });
    expectAllClose(found.loss, expected.loss);
    expectAllClose(found.sums["loss/value"]!, inputs.valueLoss); // logged without its coefficient
    expectAllClose(found.gradValues, [[inputs.vfCoef * Math.sqrt(2 * inputs.valueLoss)]]);
    expectAllClose(found.gradLogProbs, [[inputs.policyLoss]]);
    expectAllClose(found.gradEntropy, [[-inputs.entCoef]]);
  });

  interface Ptx {
    ppoLoss: number;
    pretrainLogp: number[][];
    pretrainMask: number[][];
    ptxCoef: number;
  }

  test.each(vectorsOf<Ptx, { ptxNll: number; loss: number }>("ppo/ptx"))("$id: $name", ({ inputs, expected }) => {
    const [logp, mask] = [inputs.pretrainLogp[0]!, inputs.pretrainMask[0]!];
    const loss = weightedSum([
      { loss: policyLoss(), coef: 1 },
      { loss: ptxLoss, coef: inputs.ptxCoef },
    ]);
    const none = logp.map(() => 0);
    const first = (x: number) => none.map((_, t) => (t === 0 ? x : 0));
    // row 0 is a completion of one token, row 1 an example
    const found = evaluate(loss, {
      logProbs: [none, logp],
      advantages: [first(-inputs.ppoLoss), none],
      completionMask: [first(1), none],
      ptxWeights: [none, [...tokenMean([mask])[0]!]],
    });
    expectAllClose(found.sums["loss/ptx"]!, expected.ptxNll);
    expectAllClose(found.loss, expected.loss);
    const count = mask.reduce((sum, one) => sum + one, 0);
    expectAllClose(
      found.gradLogProbs[1]!,
      mask.map((one) => (-inputs.ptxCoef * one) / count),
    );
    expectAllClose(found.gradLogProbs[0]!, first(inputs.ppoLoss));
  });
});
