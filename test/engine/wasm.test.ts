import { describe } from "vitest";
import { openEngine } from "../../src/engine/open.ts";
import { engineContract } from "./contract.ts";

describe("the wasm engine", () => engineContract(() => openEngine({ engine: "wasm" })));
