import { describe } from "vitest";
import { openEngine } from "../../src/engine/open.ts";
import { engineContract } from "./contract.ts";

describe("the onnx engine", () => engineContract(() => openEngine({ engine: "onnx" })));
