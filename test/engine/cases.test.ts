import { beforeAll, describe, expect, test } from "vitest";
import { ROTARY, WIDEN } from "../../src/engine/fused.ts";
import { KERNELS } from "../../src/engine/onnx/kernels.ts";
import { trace } from "../../src/engine/onnx/trace.ts";
import { type Tensor, tf } from "../../src/engine/tf.ts";
import { CASES } from "./cases.ts";

/** Kernels that TensorFlow.js has not. */
const OURS = [ROTARY, WIDEN];

beforeAll(() => tf.setBackend("cpu"));

describe("the table of operations", () => {
  test("has a case for every kernel that is recorded, and no other", () => {
    const covered = new Set(CASES.map((c) => c.kernel));
    expect([...covered].sort()).toEqual(Object.keys(KERNELS).sort());
  });

  test.each(CASES.filter((c) => !OURS.includes(c.kernel)).map((c) => [c.name, c] as const))(
    "%s calls its kernel",
    async (_, c) => {
      const inputs: Record<string, Tensor> = {};
      for (const [key, { values, shape, dtype }] of Object.entries(c.inputs)) {
        inputs[key] = tf.tensor([...values], [...shape], dtype as "float32" | "int32");
      }
      const { kernelNames } = await tf.profile(() => c.run(inputs));
      expect(kernelNames).toContain(c.kernel);
    },
  );

  test("rotary is one kernel of ONNX Runtime", () => {
    const c = CASES.find(({ kernel }) => kernel === ROTARY)!;
    const { model } = trace(c.name, (inputs) => ({ y: c.run(inputs) }), c.inputs);
    expect(Buffer.from(model).includes("RotaryEmbedding")).toBe(true);
  });
});
