import { beforeAll, describe, expect, test } from "vitest";
import { tf } from "../../src/engine/tf.ts";
import {
  type Importance,
  type ImportanceOptions,
  maskSequences,
  maskTokens,
  noCorrection,
  truncateSequences,
  truncateTokens,
} from "../../src/policy/importance.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

beforeAll(() => tf.setBackend("cpu"));

const MODES = {
  token_truncate: truncateTokens,
  token_mask: maskTokens,
  sequence_truncate: truncateSequences,
  sequence_mask: maskSequences,
} satisfies Record<string, (options: ImportanceOptions) => Importance>;

interface Inputs {
  oldLogp: number[][];
  samplerLogp: number[][];
  mask: number[][];
  mode: keyof typeof MODES;
  min: number;
  max: number;
}

const VECTORS = vectorsOf<Inputs, { weights: number[][] }>("tis");

test.each(VECTORS)("$id: $name", ({ inputs, expected }) => {
  const { compute } = MODES[inputs.mode](inputs);
  const weights = compute(tf.tensor2d(inputs.oldLogp), tf.tensor2d(inputs.samplerLogp), tf.tensor2d(inputs.mask));
  expectAllClose(weights.arraySync() as number[][], expected.weights);
});

describe.each(Object.entries(MODES))("%s", (_mode, make) => {
  test("no gradient flows through the weight", () => {
    const { inputs } = VECTORS[0]!;
    const gradient = tf.grad((old) => {
      return make({ max: 9 }).compute(old, tf.tensor2d(inputs.samplerLogp), tf.tensor2d(inputs.mask)).sum();
    })(tf.tensor2d(inputs.oldLogp));
    expect([...gradient.dataSync()]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("a sampler that agrees gets weight 1 on every token", () => {
    const x = tf.tensor2d([[-1, -2]]);
    expect([
      ...make({ max: 2 })
        .compute(x, x.clone(), tf.tensor2d([[1, 0]]))
        .dataSync(),
    ]).toEqual([1, 0]);
  });

  test("its name carries its bounds, because programs are cached by it", () => {
    expect(make({ max: 2 }).name).not.toBe(make({ max: 3 }).name);
  });
});

test("no correction is the mask", () => {
  const mask = tf.tensor2d([[1, 0]]);
  expect([...noCorrection.compute(mask, mask, mask).dataSync()]).toEqual([1, 0]);
});
