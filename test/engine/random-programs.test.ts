/** Programs composed at random: the recorded graph computes what TensorFlow.js computes, values and gradients. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, test } from "vitest";
import type { Data, Engine } from "../../src/engine/engine.ts";
import { openEngine } from "../../src/engine/open.ts";
import { floats } from "../../src/engine/spec.ts";
import { type Tensor, tf } from "../../src/engine/tf.ts";
import { expectAllClose } from "../allclose.ts";

/** All values are matrices that broadcast to [R, C]: any two can meet. */
type Step = (u: Tensor, v: Tensor, R: number, C: number) => Tensor;

const full = (x: Tensor, R: number, C: number) => x.add(tf.zeros([R, C]));
/** Both operands in full: TensorFlow.js has no broadcast gradient for some operations. */
const both =
  (f: (u: Tensor, v: Tensor) => Tensor): Step =>
  (u, v, R, C) =>
    f(full(u, R, C), full(v, R, C));
// Of the comparisons, TensorFlow.js has a gradient (zero) for greaterEqual only.
// An operation with a kink works on shifted values: at a tie, rounding would decide the gradient.
const KINK = 0.0713;

const STEPS: Readonly<Record<string, Step>> = {
  add: (u, v) => u.add(v),
  sub: (u, v) => u.sub(v),
  mul: (u, v) => u.tanh().mul(v),
  div: (u, v) => u.div(v.square().add(1)),
  squaredDifference: both((u, v) => tf.squaredDifference(u.tanh(), v.tanh())),
  maximum: both((u, v) => tf.maximum(u, v.add(KINK))),
  minimum: both((u, v) => tf.minimum(u.sub(KINK), v)),
  where: both((u, v) => tf.where(u.greaterEqual(v.add(KINK)), u, v.neg())),
  clip: (u) => u.clipByValue(-1 - KINK, 1 + KINK),
  relu: (u) => u.sub(KINK).relu(),
  abs: (u) => u.sub(KINK).abs(),
  exp: (u) => u.tanh().exp(),
  log: (u) => u.square().add(0.5).log(),
  sqrt: (u) => u.square().add(0.5).sqrt(),
  rsqrt: (u) => u.square().add(0.5).rsqrt(),
  sigmoid: (u) => u.sigmoid(),
  softplus: (u) => u.softplus(),
  scale: (u) => u.mul(-0.7).add(0.3),
  sumRows: (u) => u.sum(0, true),
  meanColumns: (u) => u.mean(1, true),
  sumAll: (u) => u.sum().tanh().reshape([1, 1]),
  softmax: (u, _, R, C) => tf.softmax(full(u, R, C)),
  logSoftmax: (u, _, R, C) => tf.logSoftmax(full(u, R, C)),
  cumsum: (u) => tf.cumsum(u.tanh(), 1),
  product: (u, v, R, C) => tf.matMul(full(u, R, C), tf.matMul(full(v, R, C), full(u, R, C), true, false)).tanh(),
  transposed: (u, v, R, C) => tf.matMul(tf.matMul(full(u, R, C), full(v, R, C), false, true), full(v, R, C)).tanh(),
  reshape: (u, _, R, C) => full(u, R, C).reshape([C, R]).transpose().square(),
  reverse: (u) => tf.reverse(u, [0, 1]),
  shift: (u, _, R, C) => full(u, R, C).pad([[0, 0], [1, 0]], 0.5).slice([0, 0], [R, C]), // biome-ignore format: a matrix
  concat: (u, v, R, C) => tf.concat([full(u, R, C), full(v, R, C)], 0).slice([R - 1, 0], [R, C]),
  split: (u, v, R, C) => tf.split(tf.concat([full(u, R, C), full(v, R, C)], 1), 2, 1)[1]!.square(),
  stack: (u, v, R, C) => tf.stack([full(u, R, C), full(v, R, C)]).mean(0),
  tile: (u, _, R) => u.sum(0, true).tanh().tile([R, 1]),
  gather: (u, _, R, C) => tf.gather(full(u, R, C), tf.range(R - 1, -1, -1, "int32") as never),
  mask: (u) => u.mul(u.greaterEqual(KINK).cast("float32")),
};

interface Recipe {
  R: number;
  C: number;
  steps: [name: string, left: number, right: number][];
}

const recipe: fc.Arbitrary<Recipe> = fc.record({
  R: fc.integer({ min: 1, max: 3 }),
  C: fc.integer({ min: 1, max: 4 }),
  steps: fc.array(fc.tuple(fc.constantFrom(...Object.keys(STEPS)), fc.nat(50), fc.nat(50)), {
    minLength: 1,
    maxLength: 10,
  }),
});

const NAMES = ["x", "row", "column"] as const;

/** All intermediate values of a recipe, from the back; each step takes two earlier values. */
function cook({ R, C, steps }: Recipe, inputs: readonly Tensor[]): Tensor[] {
  const values = [...inputs];
  for (const [name, left, right] of steps) {
    const at = (place: number) => values[values.length - 1 - (place % values.length)] as Tensor;
    values.push((STEPS[name] as Step)(at(left), at(right), R, C));
  }
  return values.slice(inputs.length);
}

function program(recipe: Recipe) {
  return (inputs: Record<string, Tensor>) => {
    const list = NAMES.map((name) => inputs[name] as Tensor);
    // every value counts, each a little differently
    const score = (...tensors: Tensor[]) =>
      tf.addN(
        [...tensors, ...cook(recipe, tensors)].map((v, i) =>
          full(v, recipe.R, recipe.C).cumsum(1).mul(Math.cos(i)).sum(),
        ),
      );
    const gradients = tf.grads(score)(list) as Tensor[];
    return {
      value: cook(recipe, list).at(-1) as Tensor,
      dx: gradients[0]!,
      drow: gradients[1]!,
      dcolumn: gradients[2]!,
    };
  };
}

describe("programs composed at random", () => {
  let onnx: Engine;
  let reference: Engine;
  beforeAll(async () => {
    onnx = await openEngine({ executors: 1, threads: 1 });
    reference = await openEngine({ engine: "cpu" });
  });
  afterAll(() => Promise.all([onnx.dispose(), reference.dispose()]));

  test("compute on the onnx engine what they compute on the cpu engine", { timeout: 240_000 }, async () => {
    const check = async (recipe: Recipe) => {
      const { R, C } = recipe;
      const signature = { x: floats(R, C), row: floats(1, C), column: floats(R, 1) };
      const feeds = Object.fromEntries(
        NAMES.map((name, n) => {
          const size = signature[name].shape.reduce((a, b) => a * b, 1);
          return [name, Float32Array.from({ length: size }, (_, i) => 1.7 * Math.sin(3 + 5 * n + 2 * i))];
        }),
      );
      const name = JSON.stringify(recipe);
      const [made, expected] = await Promise.all(
        [onnx, reference].map(async (engine) => (await engine.compile(name, program(recipe), signature)).run(feeds)),
      );
      for (const [key, data] of Object.entries(expected as Record<string, Data>)) {
        // gradients are sums of up to ten terms of both signs: errors are relative to the largest
        const scale = Math.max(1, ...data.map(Math.abs));
        expectAllClose((made as Record<string, Data>)[key] as Data, data, 2e-5 * scale, 1e-4, key);
      }
    };
    const numRuns = Number(process.env.RLVR_RANDOM_PROGRAMS ?? 100);
    await fc.assert(fc.asyncProperty(recipe, check), { numRuns, seed: numRuns, endOnFailure: false });
  });
});
