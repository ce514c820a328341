import { describe, expect, test } from "vitest";
import { tf } from "../../src/engine/tf.ts";
import type { Loss } from "../../src/policy/loss.ts";
import { implicitPrmLoss, implicitRewards, outcomeRows, stepSums } from "../../src/prm/implicit.ts";
import { lastLabelOnly, prmLoss, prmRows } from "../../src/prm/loss.ts";
import { sigmoid } from "../../src/prm/scores.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

/** Loss, gradient and sums at outputs [B][T], with rows of equal length. */
function at(loss: Loss, output: "scores" | "logProbs", values: number[][], rows: ReturnType<typeof prmRows>) {
  const batch = Object.fromEntries(
    loss.fields.map((name) => [name, tf.stack(rows.map((r) => tf.tensor1d(r.fields[name]!)))]),
  );
  const x = tf.tensor2d(values);
  const compute = (at: typeof x) => loss.compute({ logProbs: x, entropy: x, [output]: at }, batch);
  const { value, grad } = tf.valueAndGrad((y) => compute(y as typeof x).loss as ReturnType<typeof tf.scalar>)(x);
  const sums = Object.fromEntries(Object.entries(compute(x).sums).map(([name, sum]) => [name, sum.dataSync()[0]!]));
  return { loss: value.dataSync()[0]!, gradient: grad.arraySync() as number[][], sums };
}

const solution = (labels: (number | null)[], ends = labels.map((_, k) => 2 * k + 1), id = "s") => ({
  id,
  prompt: Int32Array.of(7, 8),
  completion: new Int32Array(8),
  ends,
  labels,
});

describe("prmLoss", () => {
  type Expected = { loss: number; grad: number[]; probs: number[] };
  test.each(vectorsOf<{ stepLogits: number[]; labels: number[] }, Expected>("prm/bce"))(
    "$id: $name",
    ({ inputs, expected }) => {
      const rows = prmRows([solution(inputs.labels)]);
      const scores = new Array<number>(10).fill(9); // whatever stands on other tokens does not matter
      for (const [k, logit] of inputs.stepLogits.entries()) scores[2 + 2 * k + 1] = logit;
      const { loss, gradient, sums } = at(prmLoss, "scores", [scores], rows);
      expect(loss).toBeCloseTo(expected.loss, 6);
      expectAllClose([gradient[0]![3]!, gradient[0]![5]!, gradient[0]![7]!], expected.grad, 1e-7);
      expect(gradient[0]!.filter((g) => g !== 0)).toHaveLength(3);
      expect(sums.steps).toBe(3);
      expectAllClose(inputs.stepLogits.map(sigmoid), expected.probs, 1e-7);
    },
  );

  test("every labeled step of the update weighs the same; what has no label is not trained", () => {
    const rows = prmRows([solution([1, null, 0]), solution([null], [3], "none"), solution([0], [7], "b")]);
    expect(rows.map(({ id }) => id)).toEqual(["s", "b"]);
    const { gradient, sums } = at(prmLoss, "scores", [new Array(10).fill(0), new Array(10).fill(0)], rows);
    // σ(0) = ½: ±½ divided by the three labels
    expectAllClose(gradient, [
      [0, 0, 0, -1 / 6, 0, 0, 0, 1 / 6, 0, 0],
      [0, 0, 0, 0, 0, 0, 0, 0, 0, 1 / 6],
    ]);
    expect(sums).toEqual({ steps: 3, right: 2 }); // a score of 0 says "wrong"
  });

  test("the last label alone trains an outcome model", () => {
    expect(lastLabelOnly([solution([1, 0, 0.5])])[0]!.labels).toEqual([null, null, 0.5]);
  });

  test("a score far from 0 neither overflows nor loses its gradient", () => {
    const { loss, gradient } = at(
      prmLoss,
      "scores",
      [[0, 0, 0, 200, 0, -200, 0, 0, 0, 0]],
      prmRows([solution([0, 1])]),
    );
    expect(loss).toBeCloseTo(200, 4);
    expectAllClose([gradient[0]![3]!, gradient[0]![5]!], [0.5, -0.5]);
  });
});

describe("the implicit process reward model", () => {
  interface Inputs {
    prmLogp: number[];
    refLogp: number[];
    beta: number;
    label: number;
  }
  interface Expected {
    tokenRewards: number[];
    qCumulative: number[];
    outcomeScore: number;
    ceLoss: number;
    gradPrmLogp: number[];
  }
  test.each(vectorsOf<Inputs, Expected>("implicitprm"))("$id: $name", ({ inputs, expected }) => {
    const { tokenRewards, cumulative, outcomeScore } = implicitRewards(inputs.prmLogp, inputs.refLogp, inputs.beta);
    expectAllClose(tokenRewards, expected.tokenRewards, 1e-8);
    expectAllClose(cumulative, expected.qCumulative, 1e-8);
    expect(outcomeScore).toBeCloseTo(expected.outcomeScore, 8);
    const row = {
      ...{ id: "a", tokens: new Int32Array(4), outcome: inputs.label },
      completionMask: Uint8Array.of(0, 1, 1, 1),
    };
    const rows = outcomeRows([row], [Float32Array.of(5, ...inputs.refLogp)]);
    const { loss, gradient, sums } = at(implicitPrmLoss(inputs), "logProbs", [[3, ...inputs.prmLogp]], rows);
    expect(loss).toBeCloseTo(expected.ceLoss, 6);
    expectAllClose(gradient[0]!, [0, ...expected.gradPrmLogp], 1e-6);
    expect(sums).toEqual({ rows: 1, right: inputs.label === 1 ? 1 : 0 }); // q is positive in both
  });

  test("rewards of steps are differences of the prefix's value", () => {
    const { tokenRewards, cumulative } = implicitRewards([-1, -0.5, -2, -0.1], [-2, -1, -1, -3], 1);
    expectAllClose(stepSums(tokenRewards, [1, 3]), [cumulative[1]!, cumulative[3]! - cumulative[1]!], 1e-12);
  });
});
