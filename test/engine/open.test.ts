import { describe, expect, test } from "vitest";
import { engineReport } from "../../src/engine/doctor.ts";
import { divideCores, openEngine } from "../../src/engine/open.ts";

describe("divideCores", () => {
  test.each([
    ["a small model: one thread on each core", {}, 8, { executors: 8, threads: 1 }],
    ["a model of 5 million parameters: the same", { size: 5e6 }, 8, { executors: 8, threads: 1 }],
    ["a model of 30 million parameters: all cores on one program", { size: 3e7 }, 8, { executors: 1, threads: 8 }],
    ["executors given: the rest are threads", { executors: 2 }, 8, { executors: 2, threads: 4 }],
    ["threads given: the rest are executors", { threads: 3, size: 3e7 }, 8, { executors: 2, threads: 3 }],
    ["more than there are: at least one of each", { executors: 16 }, 8, { executors: 16, threads: 1 }],
    ["both given: both taken", { executors: 1, threads: 1 }, 8, { executors: 1, threads: 1 }],
  ])("%s", (_, options, cores, expected) => {
    expect(divideCores(options, cores)).toEqual(expected);
  });

  test.each([0, -1, 1.5, Number.NaN])("refuses %d executors or threads", (count) => {
    expect(() => divideCores({ executors: count }, 8)).toThrow(`executors is ${count}, expected a whole number`);
    expect(() => divideCores({ threads: count }, 8)).toThrow(`threads is ${count}, expected a whole number`);
  });
});

describe("openEngine", () => {
  test("is the onnx engine on the cpu unless told otherwise", async () => {
    const engine = await openEngine({ executors: 1 });
    expect([engine.name, engine.device, engine.executors]).toEqual(["onnx", "cpu", 1]);
    await engine.dispose();
  });

  test.each([
    [{ engine: "wasm", device: "webgpu" }, 'the engine "wasm" has no device "webgpu"', "choose cpu"],
    [
      { engine: "tensorflow", device: "webgpu" },
      'the engine "tensorflow" has no device "webgpu"',
      "choose cpu or cuda",
    ],
    [{ engine: "torch" }, 'the engine "torch" has no device "cpu"', "choose an engine: onnx, tensorflow, wasm, cpu"],
    [{ device: "tpu" }, 'the engine "onnx" has no device "tpu"', "choose cpu or webgpu or cuda"],
    [{ engine: "cpu", executors: 2 }, "executors is 2, expected 1 for the cpu engine", undefined],
    [{ engine: "wasm", threads: 4 }, "threads is 4, but the wasm engine decides that itself", "leave threads out"],
    [{ device: "webgpu", executors: 2 }, "executors is 2, expected 1: a webgpu device runs one program", undefined],
  ])("refuses %j at once", async (options, message, hint) => {
    const refused = openEngine(options as Parameters<typeof openEngine>[0]);
    await expect(refused).rejects.toMatchObject({
      code: "E_CONFIG",
      message: expect.stringContaining(message),
      hint: hint === undefined ? undefined : expect.stringContaining(hint),
    });
  });
});

describe("engineReport", () => {
  test("lists every engine and device; what is absent has a reason and says what to do", async () => {
    const rows = await engineReport();
    const names = rows.map(({ engine, device }) => `${engine}/${device}`);
    const all = ["onnx/cpu", "onnx/webgpu", "onnx/cuda", "tensorflow/cpu", "tensorflow/cuda", "wasm/cpu", "cpu/cpu"];
    expect(names).toEqual(all);
    const present = rows.filter((row) => row.present).map(({ engine, device }) => `${engine}/${device}`);
    expect(present).toEqual(expect.arrayContaining(["onnx/cpu", "wasm/cpu", "cpu/cpu"]));
    for (const row of rows.filter(({ present }) => !present)) {
      expect(row.reason, JSON.stringify(row)).toMatch(/./);
      expect(row.hint, JSON.stringify(row)).toMatch(/install|choose/);
    }
    expect(rows.find(({ engine }) => engine === "onnx")?.provider).toMatch(/^onnxruntime-node \d+\.\d+/);
    expect(rows.filter(({ experimental }) => experimental).map(({ device }) => device)).toEqual([
      "webgpu",
      "cuda",
      "cuda",
    ]);
  });
});
