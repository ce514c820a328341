import { expect, test } from "vitest";
import { z } from "zod";
import { defineTask, hashText, Rng } from "../../src/rollout/task.ts";
import { answerTag, exactNumber } from "../../src/verifiers/index.ts";

const shared = { description: "", maxTokens: 8, cases: [] };
const verify = exactNumber(answerTag);

test("types flow from the schema: parsed rows into prompt and verify, raw rows out of load", () => {
  const task = defineTask({
    ...shared,
    name: "typed",
    row: z.strictObject({ id: z.string(), answer: z.coerce.number<string>() }),
    prompt: ({ answer }) => answer.toFixed(1), // a number, after parsing
    load: () => [{ id: "1", answer: "4" }], // a text, before
    verify,
  });
  expect(task.prompt(task.row.parse({ id: "1", answer: "4" }))).toBe("4.0");
});

test("a verifier that needs a field which the row lacks does not compile; nor does a row without an id", () => {
  const row = z.strictObject({ id: z.string(), total: z.int() });
  const load = () => [];
  // @ts-expect-error: exactNumber needs `answer`
  defineTask({ ...shared, name: "a", row, prompt: () => "", load, verify });
  // @ts-expect-error: the schema has no `id`
  defineTask({ ...shared, name: "b", row: z.strictObject({ answer: z.int() }), prompt: () => "", load, verify });
  // @ts-expect-error: the prompt reads a field that is not there
  defineTask({ ...shared, name: "c", row, prompt: ({ sum }) => sum, load, verify: () => ({}) as never });
});

test("task authors have seeded randomness and a hash at hand", () => {
  expect(new Rng(1, "rows").next()).toBe(new Rng(1, "rows").next());
  expect(hashText("a")).toBe(0xe40c292c); // FNV-1a, 32 bits
});
