import { expect, test } from "vitest";
import { readableRows } from "../../src/rollout/task.ts";
import { checkGold } from "../../src/verifiers/index.ts";

const rows = ["7", "\\frac{1}{", "\\frac12", "\\sqrt{", "x^2", "\\left(", "1", "\\frac{}{"].map((answer) => ({
  answer,
}));
const check = ({ answer }: { answer: string }) => checkGold(answer);

test("unreadable answers are refused with their number and the first reasons", async () => {
  await expect(readableRows(rows, { check, name: "golds.jsonl", unreadable: "refuse" })).rejects.toMatchObject({
    code: "E_TASK_DATA",
    message: expect.stringMatching(
      /^4 of the 8 rows of golds\.jsonl have an answer that the verifier cannot read: .*frac\{1\}\{/,
    ),
    hint: expect.stringContaining("unreadable=skip"),
  });
});

test("or left out, with one warning that counts them", async () => {
  const warnings: Error[] = [];
  const listen = (warning: Error) => warnings.push(warning);
  process.on("warning", listen);
  for (let i = 0; i < 2; i++) {
    const readable = await readableRows(rows, { check, name: "golds.jsonl", unreadable: "skip" });
    expect(readable.map(({ answer }) => answer)).toEqual(["7", "\\frac12", "x^2", "1"]);
  }
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", listen);
  expect(warnings.map(({ message }) => message)).toEqual([expect.stringContaining("4 of the 8 rows of golds.jsonl")]);
});

test("where all are readable, all come, and nothing is said", async () => {
  async function* few() {
    yield { answer: "1" };
    yield { answer: "\\pi" };
  }
  expect(await readableRows(few(), { check, name: "few", unreadable: "refuse" })).toEqual([
    { answer: "1" },
    { answer: "\\pi" },
  ]);
});
