import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type CheckName, checkTask, inspectTask } from "../../src/author/index.ts";
import { defineTask, type TaskDefinition } from "../../src/rollout/index.ts";
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

/** The errors found in the sound task with one thing broken. */
async function findingsWith(broken: Partial<TaskDefinition<typeof Row>>) {
  const findings = await checkTask(defineTask({ ...SOUND, ...broken }), { rows: 50 });
  return findings.map(({ check, message }) => ({ check, message }));
}

/** The warnings of one check. */
async function warningsOf(check: CheckName, broken: Partial<TaskDefinition<typeof Row>>) {
  const { checks } = await inspectTask(defineTask({ ...SOUND, ...broken }), { rows: 50 });
  const found = checks.find((one) => one.check === check)?.findings ?? [];
  return found.filter(({ severity }) => severity === "warning").map(({ message }) => message);
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

  test("a changed solution that is as right as the right one", async () => {
    const verify = (text: string, { answer }: { answer: number }) => {
      const tagged = answerTag(text);
      const isRight = tagged.found && tagged.answer.startsWith(String(answer));
      return graded(isRight ? 1 : 0, isRight ? "correct" : tagged.found ? "incorrect" : "unparsed", null, "starts so");
    };
    const findings = await findingsWith({ verify });
    expect(findings).toContainEqual({ check: "mutations", message: 'row "0": "11" is as right as "1" (starts so)' });
    const many = await findingsWith({ verify, audit: { answers: "many" } });
    expect(many.filter(({ check }) => check === "mutations")).toEqual([]);
    expect(await warningsOf("mutations", { verify, audit: { answers: "many" } })).toContain(
      'row "0": "11" is as right as "1"; look whether it is (starts so)',
    );
  });

  test("a field of the answer that the verifier does not look at", async () => {
    const verify = (text: string, { n }: { n: number }) => exactNumber(answerTag)(text, { answer: n + 1 });
    expect(await warningsOf("mutations", { verify })).toEqual([
      "changing `answer` in a row changes no verdict: the verifier does not look at it",
    ]);
    expect(await warningsOf("mutations", {})).toEqual([]);
  });

  test("answers that stand in the prompt, above chance", async () => {
    const leaks = { prompt: ({ n, answer }: { n: number; answer: number }) => `${n}, ${answer}, ` };
    expect(await warningsOf("leak", leaks)).toEqual([
      'the answer stands in 100.0 % of prompts, and another row\'s in 0.0 %: first "1" in "0, 1, "',
    ]);
    // every prompt holds all answers: one learns nothing from it
    const choices = {
      prompt: ({ n }: { n: number }) => `${n} of ${Array.from({ length: 200 }, (_, i) => i).join(" ")}`,
    };
    expect(await warningsOf("leak", choices)).toEqual([]);
  });

  test("prompts that repeat, exactly and nearly", async () => {
    const prompt = ({ n }: { n: number }) => (n % 2 === 0 ? `What comes after ${n}?` : `what  comes after ${n - 1}`);
    expect(await warningsOf("duplicates", { prompt })).toEqual([
      '10 of 20 train prompts repeat another one, first "what  comes after 0"',
      '10 of 20 eval prompts repeat another one, first "what  comes after 100"',
    ]);
  });

  test("eval prompts that are nearly train prompts", async () => {
    const prompt = ({ n }: { n: number }) => (n < 100 ? `after ${n}` : `After ${n - 100}?`);
    expect(await warningsOf("splits", { prompt })).toEqual([
      '20 eval prompts are train prompts but for case, spaces and the sign at their end, first "After 0?"',
    ]);
  });

  test("a constant that is right for half of the rows", async () => {
    const parity: Partial<TaskDefinition<typeof Row>> = {
      *load(split) {
        const first = split === "train" ? 0 : 100;
        for (let n = first; n < first + 40; n++) yield { id: `${n}`, n, answer: n % 2 };
      },
    };
    const guessing = (findings: { check: string; message: string }[]) =>
      findings.filter(({ check }) => check === "guessing").map(({ message }) => message);
    expect(guessing(await findingsWith(parity))).toEqual([
      expect.stringMatching(
        /^"<answer>0<\/answer>" for every row earns 50.0 % \[3\d, 6\d\] of a right answer's reward/,
      ),
    ]);
    expect(guessing(await findingsWith({ ...parity, audit: { answers: "few" } }))).toEqual([]);
    const { guess } = await inspectTask(defineTask({ ...SOUND, ...parity }), { rows: 50 });
    expect(guess).toMatchObject({ meanReward: 0.5, share: 0.5, rows: 40 });
  });

  test("bad rows, each by its number, and the good ones beside them", async () => {
    const load = () => [one, { ...one, id: "2", n: 0.5 }, { ...one, id: "3" }, { id: "", n: 1, answer: 2 }];
    const messages = (await findingsWith({ load }))
      .filter(({ check }) => check === "rows")
      .map(({ message }) => message);
    expect(messages.slice(0, 2)).toEqual([
      expect.stringMatching(/^row 1 of the train split .*expected int/s),
      expect.stringMatching(/^row 3 of the train split .* has the id ""/),
    ]);
    const { rows } = await inspectTask(defineTask({ ...SOUND, load }), { rows: 50 });
    expect(rows).toEqual({ train: 2, eval: 2 });
  });

  test("how fast it is", async () => {
    const { speed } = await inspectTask(defineTask(SOUND), { rows: 50 });
    expect(speed).toMatchObject({ verdicts: 40 });
    expect(speed!.p50Ms).toBeLessThanOrEqual(speed!.p99Ms);
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
    expect(findings).toContainEqual({
      check: "prompts",
      message: "a prompt of the eval split throws: no prompt for 105",
    });
    expect(findings).toContainEqual({ check: "solution", message: 'the solution of row "0" throws: too hard' });
  });
});
