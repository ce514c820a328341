/** In a process of its own: a graphics driver may crash, and is chosen once per process. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../scripts/check-webgpu.ts", import.meta.url));
const NO_DRIVER = 2;

const { code, output } = await new Promise<{ code: number | string | null; output: string }>((resolve) => {
  execFile(process.execPath, ["--conditions=rlvr-source", SCRIPT], { encoding: "utf8" }, (error, stdout, stderr) =>
    resolve({ code: error ? (error.code ?? null) : 0, output: stdout + (error ? stderr : "") }),
  );
});

test("the webgpu device gives the CPU's weights after one training step", (context) => {
  if (code === NO_DRIVER) {
    expect(output).toContain("the onnx engine does not run on the device webgpu");
    context.skip("no graphics driver runs WebGPU here");
  }
  expect(code, output).toBe(0);
  expect(output).toMatch(/\d+ weights agree/);
});
