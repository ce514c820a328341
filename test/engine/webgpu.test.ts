/** In a process of its own: a graphics driver may crash, and is chosen once per process. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../scripts/check-webgpu.ts", import.meta.url));
const NO_DRIVER = 2;

const { code, output } = await new Promise<{ code: number | string | null; output: string }>((resolve) => {
  execFile(process.execPath, ["--conditions=rlvr-source", SCRIPT], { encoding: "utf8" }, (error, stdout, stderr) =>
    resolve({ code: error ? (error.code ?? null) : 0, output: stdout + (error ? stderr : "") }),
  );
});

describe("the webgpu device", () => {
  if (code === NO_DRIVER) {
    test("is not checked: no graphics driver runs it here", () => {
      expect(output).toContain("no graphics driver runs WebGPU here");
      expect(output).toContain("the onnx engine does not run on the device webgpu");
    });
  } else {
    test("gives the CPU's weights after one training step", () => {
      expect(code, output).toBe(0);
      expect(output).toMatch(/\d+ weights agree/);
    });
  }
});
