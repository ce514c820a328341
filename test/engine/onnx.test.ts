import { describe } from "vitest";
import { openEngine } from "../../src/engine/open.ts";
import { engineContract } from "./contract.ts";

describe("the onnx engine, two programs side by side", () =>
  engineContract(() => openEngine({ engine: "onnx", executors: 2, threads: 1 })));

// kernels that divide their work among threads take other paths
describe("the onnx engine, two threads in a program", () =>
  engineContract(() => openEngine({ engine: "onnx", executors: 1, threads: 2 })));
