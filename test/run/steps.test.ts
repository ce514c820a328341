import { describe, expect, test } from "vitest";
import { createCharTokenizer } from "../../src/policy/char-tokenizer.ts";
import { createStepper, type StepSettings } from "../../src/run/steps.ts";

const tokenizer = createCharTokenizer("abc=,\n", []);
const tokens = (text: string) => Int32Array.of(...tokenizer.encode(text), tokenizer.eosIds[0]!);
const row = { id: "x" };
const AUTO: StepSettings = { rule: "auto", separators: [] };
/** Every two characters are a step, right where they hold no c. */
const pairs = (text: string) =>
  Array.from({ length: Math.ceil(text.length / 2) }, (_, k) => ({
    end: Math.min(text.length, 2 * k + 2),
    right: text.slice(2 * k, 2 * k + 2) === "b=" ? null : !text.slice(2 * k, 2 * k + 2).includes("c"),
  }));

describe("createStepper", () => {
  test("auto is what the task says, or lines", async () => {
    const own = createStepper({ name: "t", steps: pairs }, tokenizer, AUTO);
    expect([own.settings.rule, own.judges]).toEqual(["task", true]);
    expect(await own.split(tokens("abcab="), row)).toEqual({
      ...{ ends: [1, 3, 6], texts: ["ab", "ca", "b="], right: [true, false, null] },
    });
    const lines = createStepper({ name: "t" }, tokenizer, AUTO);
    expect([lines.settings.rule, lines.judges]).toEqual(["line", false]);
    expect(await lines.split(tokens("a\nb"), row)).toEqual({ ends: [1, 3], texts: ["a\n", "b"], right: [null, null] });
  });

  test("steps of the task that are one span are right if all of them are", async () => {
    const stepper = createStepper({ name: "t", steps: pairs }, tokenizer, AUTO);
    // "=," and ",=" say nothing, so they belong to "ab"; "==" at the end to "ca"
    const { texts, right } = await stepper.split(tokens("=,,=abca=="), row);
    expect([texts, right]).toEqual([
      ["=,,=ab", "ca=="],
      [true, false],
    ]);
  });

  test("other rules judge nothing", async () => {
    const stepper = createStepper({ name: "t", steps: pairs }, tokenizer, { rule: "separators", separators: [","] });
    expect(await stepper.split(tokens("a,c"), row)).toEqual({ ends: [1, 3], texts: ["a,", "c"], right: [null, null] });
  });

  test("refuses a task that does not say what a step is", () => {
    expect(() => createStepper({ name: "t" }, tokenizer, { rule: "task", separators: [] })).toThrow(
      "does not say what a step is",
    );
  });
});
