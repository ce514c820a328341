import { describe, expect, test } from "vitest";
import { z } from "zod";
import { checkTask, defineTask, type TaskDefinition } from "../../src/rollout/index.ts";
import { answerTag, exactNumber, graded } from "../../src/verifiers/index.ts";

const Row = z.strictObject({ id: z.string(), n: z.int(), answer: z.int() });
const one = { id: "1", n: 0, answer: 1 };

const SOUND: TaskDefinition<typeof Row> = {
  name: "successor",
  description: "the number after n",
  row: Row,
  prompt: ({ n }) => `${n}, `,
  verify: exactNumber(answerTag),
  solution: ({ answer }) => `<answer>${answer}</answer>`,
  *load(split) {
    const first = split === "train" ? 0 : 100;
    for (let n = first; n < first + 20; n++) yield { id: `${n}`, n, answer: n + 1 };
  },
  cases: [
    { row: one, completion: "<answer>1</answer>", reward: 1 },
    { row: one, completion: "<answer>2</answer>", reward: 0 },
    { row: one, completion: "1", reward: 0 },
  ],
  maxTokens: 8,
};

/** The findings of the sound task with one thing broken. */
async function findingsWith(broken: Partial<TaskDefinition<typeof Row>>) {
  return checkTask(defineTask({ ...SOUND, ...broken }), { rows: 50 });
}

const rows = (...ids: string[]) => ids.map((id, n) => ({ id, n, answer: n + 1 }));

describe("checkTask", () => {
  test("a sound task has no findings", async () => {
    expect(await findingsWith({})).toEqual([]);
  });

  test("a case with another reward", async () => {
    const wrong = { row: one, completion: "<answer>1.0</answer>", reward: 0 };
    expect(await findingsWith({ cases: [...SOUND.cases, wrong] })).toEqual([
      { check: "cases", message: 'case 3, "<answer>1.0</answer>", has reward 1 (equals 1), expected reward 0' },
    ]);
  });

  test("a case whose row does not fit, and a kind of case that is missing", async () => {
    const noNumber = { row: { id: "1", n: 0.5, answer: 1 }, completion: "1", reward: 0 };
    expect(
      (await findingsWith({ cases: [...SOUND.cases.slice(0, 2), noNumber] })).map(({ message }) => message),
    ).toEqual([
      expect.stringContaining("the row of case 2 does not fit the schema"),
      "no case is unparsed, expected at least one",
    ]);
  });

  test("a verifier that throws, by its reason", async () => {
    const verify = exactNumber((completion) => ({ found: true, answer: JSON.parse(completion) }));
    const findings = await findingsWith({ verify });
    expect(findings).toContainEqual({
      check: "hostile",
      message: expect.stringMatching(/^"" is not graded: SyntaxError/),
    });
    expect(findings.some(({ check }) => check === "cases")).toBe(true);
  });

  test("a solution without full reward", async () => {
    const findings = await findingsWith({ solution: ({ n }) => `<answer>${n}</answer>` });
    expect(findings).toHaveLength(40);
    expect(findings[0]).toEqual({
      check: "solution",
      message: 'the solution of row "0" has incorrect with 0 (is 0, expected 1), expected correct with 1',
    });
  });

  test("a row that does not fit the schema, by its place", async () => {
    const load = () => [one, { id: "2", n: 1 } as typeof one];
    expect(await findingsWith({ load })).toContainEqual({
      check: "rows",
      message: expect.stringMatching(/^row 1 of the train split/),
    });
  });

  test("an empty split", async () => {
    const load = (split: string) => (split === "train" ? rows("a") : []);
    expect(await findingsWith({ load })).toEqual([{ check: "rows", message: "the eval split has no rows" }]);
  });

  test("an id twice", async () => {
    const load = (split: string) => (split === "train" ? rows("a", "b", "a") : [{ id: "c", n: 9, answer: 10 }]);
    expect(await findingsWith({ load })).toEqual([{ check: "ids", message: 'the train split has the id "a" twice' }]);
  });

  test("prompts that are in both splits", async () => {
    const findings = await findingsWith({ load: () => rows("a", "b") });
    expect(findings).toEqual([{ check: "splits", message: '2 eval prompts are also train prompts, first "0, "' }]);
  });

  test("rows, prompts and verdicts that are not the same twice", async () => {
    let calls = 0;
    expect(await findingsWith({ load: (split) => [{ ...one, n: split === "eval" ? -1 : ++calls }] })).toEqual([
      { check: "determinism", message: "the train split gives other rows when loaded again with seed 0" },
    ]);
    expect(await findingsWith({ prompt: ({ n }) => `${n} ${calls++}` })).toContainEqual({
      check: "determinism",
      message: 'the prompt of row "0" is not the same twice',
    });
    expect(await findingsWith({ verify: () => graded(0, "incorrect", `${calls++}`, "") })).toContainEqual({
      check: "determinism",
      message: 'the verdict of "" is not the same twice',
    });
  });

  test("a verifier that pays for nothing", async () => {
    expect(await findingsWith({ verify: () => graded(1, "correct", null, "yes") })).toContainEqual({
      check: "hostile",
      message: "the empty completion has correct with 1 (yes), expected less than a right answer",
    });
  });

  test("a verifier that takes long over a hostile text", async () => {
    const verify = exactNumber((text) => {
      const until = performance.now() + (text.length > 500_000 ? 1050 : 0);
      while (performance.now() < until);
      return answerTag(text);
    });
    expect(await findingsWith({ verify })).toContainEqual({
      check: "hostile",
      message: expect.stringMatching(/^"<think>aaa.*" takes \d+ ms, expected ≤ 1000 ms$/),
    });
  });

  test("a prompt and a solution that throw", async () => {
    const findings = await findingsWith({
      prompt: ({ n }) => {
        if (n === 105) throw new Error("no prompt for 105");
        return `${n}, `;
      },
      solution: () => {
        throw new Error("too hard");
      },
    });
    expect(findings).toContainEqual({ check: "rows", message: "a prompt of the eval split throws: no prompt for 105" });
    expect(findings).toContainEqual({ check: "solution", message: 'the solution of row "0" throws: too hard' });
  });
});
