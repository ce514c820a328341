import { afterEach, describe, expect, test } from "vitest";
import type { Data, Engine } from "../../src/engine/engine.ts";
import { OnnxEngine, type OnnxOptions } from "../../src/engine/onnx/onnx-engine.ts";
import { trace } from "../../src/engine/onnx/trace.ts";
import { floats, ints } from "../../src/engine/spec.ts";
import { type Tensor, tf } from "../../src/engine/tf.ts";
import { decodeModel } from "./onnx-model.ts";

const opened: Engine[] = [];
function open(options: Partial<OnnxOptions> = {}): OnnxEngine {
  const engine = new OnnxEngine({ device: "cpu", executors: 1, threads: 1, ...options });
  opened.push(engine);
  return engine;
}
afterEach(async () => {
  for (const engine of opened.splice(0)) await engine.dispose();
});

const rows = ({ x, ids }: Record<string, Tensor>) => ({ y: tf.gather(x!, ids as never) });
const SIGNATURE = { x: floats(3), ids: ints(2) };
const GOOD = { x: Float32Array.of(1, 2, 3), ids: Int32Array.of(2, 0) };
const BAD = { ...GOOD, ids: Int32Array.of(0, 7) };

/** Long enough that it is still running when the next statement is. */
/** A quarter of a second on a core: far more than its neighbors in these tests need. */
async function longProgram(engine: Engine) {
  const fn = ({ x }: Record<string, Tensor>) => {
    let y = x!;
    for (let i = 0; i < 100; i++) y = tf.matMul(y, x!).tanh();
    return { y };
  };
  const program = await engine.compile("long", fn, { x: floats(512, 512) });
  return () => program.run({ x: new Float32Array(512 * 512) });
}

describe("OnnxEngine", () => {
  test("an error while a program runs names the program, and the next run works", async () => {
    const program = await open().compile("rows", rows, SIGNATURE);
    await expect(program.run(BAD)).rejects.toMatchObject({
      code: "E_ENGINE",
      message: expect.stringMatching(/^rows: .*out of/s),
    });
    expect([...((await program.run(GOOD)).y as Data)]).toEqual([3, 1]);
  });

  test("a program that ONNX Runtime refuses is refused at each run, and others go on", async () => {
    const engine = open();
    const refused = await engine.compile("exp of integers", ({ x }) => ({ y: x!.exp() }), { x: ints(1) });
    for (let i = 0; i < 2; i++) {
      await expect(refused.run({ x: new Int32Array(1) })).rejects.toMatchObject({
        code: "E_ENGINE",
        message: expect.stringContaining("ONNX Runtime refused the program exp of integers"),
      });
    }
    const program = await engine.compile("rows", rows, SIGNATURE);
    expect([...((await program.run(GOOD)).y as Data)]).toEqual([3, 1]);
  });

  test("disposing rejects what is running and what comes later", async () => {
    const engine = open();
    const run = await longProgram(engine);
    await run();
    const pending = [run(), run()];
    const outcomes = Promise.allSettled(pending);
    await engine.dispose();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ reason: { code: "E_ENGINE", message: "the engine was disposed of" } });
    }
    await expect(run()).rejects.toThrow("the engine was disposed of");
  });

  test("calls of one binding run in order", async () => {
    const program = await open({ executors: 2 }).compile("rows", rows, SIGNATURE);
    const bound = program.bind({ x: GOOD.x });
    const order: number[] = [];
    const calls = Array.from({ length: 20 }, async (_, i) => {
      await bound.run({ ids: Int32Array.of(i % 3, 0) });
      order.push(i);
    });
    await Promise.all(calls);
    expect(order).toEqual(Array.from({ length: 20 }, (_, i) => i));
  });

  test("free executors take what others have no time for", async () => {
    const engine = open({ executors: 2 });
    const run = await longProgram(engine);
    await Promise.all([run(), run()]);
    const program = await engine.compile("rows", rows, SIGNATURE);
    await Promise.all([program.run(GOOD), program.run(GOOD)]);
    const order: string[] = [];
    await Promise.all([run().then(() => order.push("long")), program.run(GOOD).then(() => order.push("short"))]);
    expect(order).toEqual(["short", "long"]);
  });

  test("bound arrays that are not on shared memory are copied", async () => {
    const program = await open().compile("rows", rows, SIGNATURE);
    const x = GOOD.x.slice();
    const bound = program.bind({ x });
    x.fill(9);
    expect([...((await bound.run({ ids: GOOD.ids })).y as Data)]).toEqual([3, 1]);
  });

  test("a view of shared memory is passed by reference, from its own first element", async () => {
    const program = await open().compile("rows", rows, SIGNATURE);
    const whole = new Float32Array(new SharedArrayBuffer(40));
    const bound = program.bind({ x: whole.subarray(4, 7) });
    whole.set([5, 6, 7], 4);
    expect([...((await bound.run({ ids: GOOD.ids })).y as Data)]).toEqual([7, 5]);
  });

  test("inputs may have any name, those of recorded values among them", async () => {
    const fn = (t: Record<string, Tensor>) => ({ v1: t.v0!.add(1).mul(t.c0!), c0: t.c0!.neg() });
    const program = await open().compile("names", fn, { v0: floats(1), c0: floats(1) });
    const out = await program.run({ v0: Float32Array.of(2), c0: Float32Array.of(5) });
    expect([out.v1?.[0], out.c0?.[0]]).toEqual([15, -5]);
  });

  test("inputs that nothing depends on are asked for and ignored", async () => {
    const program = await open().compile("ignores", ({ x }) => ({ y: x!.neg() }), { x: floats(1), unused: ints(2) });
    await expect(program.run({ x: Float32Array.of(1) })).rejects.toThrow("run without unused");
    expect((await program.run({ x: Float32Array.of(1), unused: new Int32Array(2) })).y?.[0]).toBe(-1);
  });

  test("each executor's session counts as time to compile", async () => {
    const engine = open({ executors: 2 });
    const program = await engine.compile("rows", rows, SIGNATURE);
    const traced = engine.stats().compileSeconds;
    await program.bind({ x: GOOD.x }, 0).run({ ids: GOOD.ids });
    const once = engine.stats().compileSeconds;
    await program.bind({ x: GOOD.x }, 1).run({ ids: GOOD.ids });
    const twice = engine.stats().compileSeconds;
    await program.bind({ x: GOOD.x }, 1).run({ ids: GOOD.ids });
    expect(once).toBeGreaterThan(traced);
    expect(twice).toBeGreaterThan(once);
    expect(engine.stats().compileSeconds).toBe(twice);
    expect(engine.stats().programs).toBe(1);
  });

  test("a function that throws while it is traced is tried anew at the next compile", async () => {
    const engine = open();
    let broken = true;
    const fn = ({ x }: Record<string, Tensor>) => {
      if (broken) throw new Error("not yet");
      return { y: x!.neg() };
    };
    await expect(engine.compile("later", fn, { x: floats(1) })).rejects.toThrow("not yet");
    broken = false;
    const program = await engine.compile("later", fn, { x: floats(1) });
    expect((await program.run({ x: Float32Array.of(4) })).y?.[0]).toBe(-4);
    expect(engine.stats().programs).toBe(1);
  });

  test("two threads lose nothing of what is added to one place: no ScatterND, which does", async () => {
    const [N, D] = [30_000, 32];
    const fn = ({ x, ids }: Record<string, Tensor>) => ({
      segments: tf.unsortedSegmentSum(x!, ids as never, 2),
      scattered: tf.scatterND(ids!.expandDims(1), x!, [2, D]),
    });
    const signature = { x: floats(N, D), ids: ints(N) };
    const recorded = decodeModel(trace("collisions", fn, signature).model).nodes.map((node) => node.op);
    expect(recorded.filter((op) => op.startsWith("Scatter"))).toEqual(["ScatterElements", "ScatterElements"]);
    const program = await open({ threads: 2 }).compile("collisions", fn, signature);
    const bound = program.bind({
      x: new Float32Array(N * D).fill(1),
      ids: Int32Array.from({ length: N }, (_, n) => n % 2),
    });
    const half = new Float32Array(2 * D).fill(N / 2);
    for (let i = 0; i < 10; i++) expect(await bound.run({})).toEqual({ segments: half, scattered: half });
  });
});
