/// <reference lib="es2025.float16" />
/** What every engine must do, run by one test file an engine. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Data, Engine, Signature } from "../../src/engine/engine.ts";
import { floats, ints } from "../../src/engine/spec.ts";
import { type Tensor, tf } from "../../src/engine/tf.ts";
import { expectAllClose } from "../allclose.ts";
import { CASES, type Case } from "./cases.ts";
import type { Nd } from "./nd.ts";

/**
 * Every engine stays this close to double precision, so two engines differ by less than 1e-4 relative.
 * Absolute: float32 sums of numbers around 1.
 */
const RELATIVE = 5e-5;
const ABSOLUTE = 5e-6;
/** Of the central differences in double precision; their error is around 1e-10. */
const STEP = 1e-5;

export function engineContract(open: () => Promise<Engine>): void {
  let engine: Engine;
  beforeAll(async () => {
    engine = await open();
  });
  afterAll(() => engine.dispose());

  describe("operations", () => {
    test.each(CASES.map((c) => [c.name, c] as const))("%s", async (_, c) => {
      const differentiated = Object.keys(c.inputs).filter((key) => c.gradient && c.inputs[key]?.dtype === "float32");
      const program = await engine.compile(
        c.name,
        (inputs) => valueAndGradients(c, inputs, differentiated),
        signature(c),
      );
      const out = await program.run(feeds(c));
      const inputs = doubles(c);
      const expected = c.reference(inputs);
      expect(program.outputs.value?.shape).toEqual(expected.shape);
      expectClose(out.value as Data, expected.data, "value");
      for (const key of differentiated) {
        expectClose(out[`d ${key}`] as Data, centralDifferences(c, inputs, key), `gradient by ${key}`);
      }
    });
  });

  describe("programs", () => {
    const square = ({ x }: Record<string, Tensor>) => ({ y: x!.square(), sum: x!.sum().reshape([1]) });

    test("is made once for each name and shape, and counts what it reuses", async () => {
      const before = engine.stats();
      const first = await engine.compile("square", square, { x: floats(2) });
      expect(await engine.compile("square", square, { x: floats(2) })).toBe(first);
      expect(await engine.compile("square", square, { x: floats(3) })).not.toBe(first);
      expect(await engine.compile("square again", square, { x: floats(2) })).not.toBe(first);
      const after = engine.stats();
      expect(after.programs - before.programs).toBe(3);
      expect(after.cacheHits - before.cacheHits).toBe(1);
      expect(after.compileSeconds).toBeGreaterThan(before.compileSeconds);
    });

    test("says the shapes and types of its outputs", async () => {
      const fn = ({ x }: Record<string, Tensor>) => ({ best: x!.argMax(1), mean: x!.mean() });
      const program = await engine.compile("outputs", fn, { x: floats(3, 4) });
      expect(program.outputs).toEqual({ best: ints(3), mean: floats() });
    });

    test("refuses feeds that are missing, unknown, too long or of the wrong type, by name", async () => {
      const program = await engine.compile("square", square, { x: floats(2) });
      const refused = { code: "E_SHAPE" };
      await expect(program.run({})).rejects.toMatchObject({ ...refused, message: "square was run without x" });
      await expect(program.run({ x: new Float32Array(2), z: new Float32Array(2) })).rejects.toMatchObject({
        ...refused,
        message: "square has no input z, only x",
      });
      await expect(program.run({ x: new Float32Array(3) })).rejects.toMatchObject({
        ...refused,
        message: "input x of square is Float32Array(3), expected float32 [2]",
      });
      await expect(program.run({ x: new Int32Array(2) })).rejects.toMatchObject({
        ...refused,
        message: "input x of square is Int32Array(2), expected float32 [2]",
      });
      expect(() => program.bind({ z: new Float32Array(2) })).toThrow("no input z");
    });

    test("reads bound arrays on shared memory anew at each run", async () => {
      const fn = ({ w, x }: Record<string, Tensor>) => ({ y: w!.mul(x!) });
      const program = await engine.compile("scale", fn, { w: floats(2), x: floats(2) });
      const w = new Float32Array(new SharedArrayBuffer(8));
      w.set([2, 3]);
      const bound = program.bind({ w });
      const x = Float32Array.of(1, 1);
      expect([...((await bound.run({ x })).y as Data)]).toEqual([2, 3]);
      w.set([5, 7]);
      expect([...((await bound.run({ x })).y as Data)]).toEqual([5, 7]);
      bound.release();
      await expect(bound.run({ x })).rejects.toMatchObject({ code: "E_ENGINE" });
    });

    test("returns arrays of its own, not its inputs nor each other's", async () => {
      const fn = ({ x }: Record<string, Tensor>) => ({ same: x!, again: x!, flat: x!.reshape([4]) });
      const program = await engine.compile("same", fn, { x: floats(2, 2) });
      const x = Float32Array.of(1, 2, 3, 4);
      const out = await program.run({ x });
      (out.same as Data).fill(0);
      expect([...(out.again as Data)]).toEqual([1, 2, 3, 4]);
      expect([...(out.flat as Data)]).toEqual([1, 2, 3, 4]);
      expect([...x]).toEqual([1, 2, 3, 4]);
    });

    test("NaN goes through clipping, maxima of two and rectification", async () => {
      const fn = ({ x }: Record<string, Tensor>) => ({
        y: tf
          .stack([x!.clipByValue(-1, 1), x!.relu(), tf.maximum(x!, 0), tf.minimum(x!, 0)])
          .isNaN()
          .cast("int32"),
      });
      const program = await engine.compile("NaN", fn, { x: floats(3) });
      const out = await program.run({ x: Float32Array.of(1, Number.NaN, -2) });
      expect([...(out.y as Data)]).toEqual([0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0]);
    });

    test("200 runs and 20 programs leave no tensor behind, kept ones included", async () => {
      const fn = ({ x }: Record<string, Tensor>) => {
        let kept: Tensor = x!;
        const gradient = tf.grad((v) => {
          kept = tf.keep(v.exp());
          return kept.sum();
        })(x!);
        return { gradient, kept };
      };
      await (await engine.compile("kept", fn, { x: floats(1) })).run({ x: new Float32Array(1) });
      const before = tf.memory().numTensors;
      for (let size = 2; size < 22; size++) {
        const program = await engine.compile("kept", fn, { x: floats(size) });
        for (let i = 0; i < 10; i++) await program.run({ x: new Float32Array(size) });
      }
      expect(tf.memory().numTensors).toBe(before);
    });

    test.each([
      [
        "reads values",
        ({ x }: Record<string, Tensor>) => ({ y: x!.add(x!.dataSync()[0] as number) }),
        "reads a tensor's",
      ],
      [
        "uses a tensor from outside",
        ({ x }: Record<string, Tensor>) => ({ y: x!.add(outside) }),
        "outside the compiled",
      ],
      [
        "makes a huge constant",
        ({ x }: Record<string, Tensor>) => ({ y: x!.add(huge()) }),
        "constant of 70000 elements",
      ],
      ["uses an unknown operation", ({ x }: Record<string, Tensor>) => ({ y: x!.atan() }), "the operation Atan"],
      [
        "returns bools",
        ({ x }: Record<string, Tensor>) => ({ y: x!.greater(0) }),
        "is bool, expected float32 or int32",
      ],
    ])("refuses a function that %s, and says so", async (name, fn, message) => {
      await tf.setBackend("cpu");
      outside = tf.tensor1d([1]);
      const refused = engine.compile(name, fn, { x: floats(1) });
      await expect(refused).rejects.toMatchObject({ code: "E_ENGINE", message: expect.stringContaining(message) });
      expect(outside.isDisposed).toBe(false);
      outside.dispose();
    });

    test("leaves the backend of TensorFlow.js as it found it", async () => {
      await tf.setBackend("cpu");
      const program = await engine.compile("backend", square, { x: floats(1) });
      await program.run({ x: new Float32Array(1) });
      expect(tf.getBackend()).toBe("cpu");
      expect(tf.tensor1d([2]).square().dataSync()[0]).toBe(4);
    });
  });
}

let outside: Tensor;
const huge = () => tf.tensor1d(Float32Array.from({ length: 70_000 }, (_, i) => i));

function signature(c: Case): Signature {
  return Object.fromEntries(Object.entries(c.inputs).map(([key, { shape, dtype }]) => [key, { shape, dtype }]));
}

function feeds(c: Case): Record<string, Data> {
  return Object.fromEntries(
    Object.entries(c.inputs).map(([key, { dtype, values }]) => [
      key,
      { int32: Int32Array, float32: Float32Array, float16: Float16Array }[dtype].from(values),
    ]),
  );
}

function doubles(c: Case): Record<string, Nd> {
  return Object.fromEntries(
    Object.entries(c.inputs).map(([key, { shape, values }]) => [key, { shape, data: Float64Array.from(values) }]),
  );
}

/** Weight of output element i in the number that is differentiated: no two alike. */
const weight = (i: number) => Math.cos(1 + 2 * i);

function valueAndGradients(c: Case, inputs: Record<string, Tensor>, by: readonly string[]): Record<string, Tensor> {
  const value = c.run(inputs);
  const number = value.dtype === "bool" ? value.cast("int32") : value;
  if (by.length === 0) return { value: number };
  const weighted = (...list: Tensor[]) => {
    const out = c.run({ ...inputs, ...Object.fromEntries(by.map((key, i) => [key, list[i] as Tensor])) });
    const weights = tf.tensor(
      Float32Array.from({ length: out.size }, (_, i) => weight(i)),
      out.shape,
    );
    return out.mul(weights).sum();
  };
  const gradients = tf.grads(weighted)(by.map((key) => inputs[key] as Tensor)) as Tensor[];
  return { value: number, ...Object.fromEntries(by.map((key, i) => [`d ${key}`, gradients[i] as Tensor])) };
}

function centralDifferences(c: Case, inputs: Record<string, Nd>, key: string): Float64Array {
  const x = inputs[key] as Nd;
  const at = (i: number, value: number) => {
    const { data } = c.reference({ ...inputs, [key]: { shape: x.shape, data: x.data.with(i, value) } });
    return data.reduce((total, element, j) => total + element * weight(j), 0);
  };
  return x.data.map((value, i) => (at(i, value + STEP) - at(i, value - STEP)) / (2 * STEP));
}

function expectClose(actual: Data, expected: Float64Array, what: string): void {
  if (actual instanceof Int32Array) expect(actual, what).toEqual(Int32Array.from(expected));
  else expectAllClose(actual, expected, ABSOLUTE, RELATIVE, what);
}
