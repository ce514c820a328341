import { describe, test } from "vitest";
import { openEngine } from "../../src/engine/open.ts";
import { RlvrError } from "../../src/errors.ts";
import { engineContract } from "./contract.ts";

const open = () => openEngine({ engine: "tensorflow" });
const absence = await open().then(
  (engine) => engine.dispose().then(() => undefined),
  (error: unknown) => error,
);

if (absence === undefined) {
  describe("the tensorflow engine", () => engineContract(open));
} else {
  // it must be absent for the one reason that is no fault of ours
  test("the tensorflow engine is not run: neither tfjs-node package is installed", ({ expect }) => {
    expect(absence).toBeInstanceOf(RlvrError);
    expect(absence).toMatchObject({
      code: "E_PACKAGE",
      message: "@tensorflow/tfjs-node-gpu is not installed; @tensorflow/tfjs-node is not installed",
    });
  });
}
