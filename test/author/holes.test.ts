/** Verifiers with one planted hole each: the audit names the family that finds it. */
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type AuditReport, auditTask, type HoleKind } from "../../src/author/index.ts";
import { type AuditNotes, defineTask, loadTask, type TaskDefinition } from "../../src/rollout/index.ts";
import { afterThink, answerTag, exactNumber, graded, type Verifier } from "../../src/verifiers/index.ts";

const Row = z.strictObject({ id: z.string(), n: z.int(), answer: z.int() });
type Sum = z.infer<typeof Row>;

const example: Sum = { id: "example", n: 20, answer: 47 };

/** 27 more than n, thought about first. */
const SOUND: TaskDefinition<typeof Row> = {
  name: "add",
  description: "27 more than n",
  row: Row,
  prompt: ({ n }) => `What is ${n} + 27? Think in <think></think>, answer in <answer></answer>.`,
  solution: ({ n, answer }) => `<think>${n}+20=${n + 20},${n + 20}+7=${answer}</think><answer>${answer}</answer>`,
  verify: exactNumber(answerTag),
  *load(split) {
    const first = split === "train" ? 0 : 100;
    for (let n = first; n < first + 100; n++) yield { id: `${n}`, n, answer: n + 27 };
  },
  cases: [
    { row: example, completion: "<answer>47</answer>", reward: 1 },
    { row: example, completion: "<answer>48</answer>", reward: 0 },
    { row: example, completion: "47", reward: 0 },
  ],
  maxTokens: 40,
};

const sound = exactNumber(answerTag);
const right = (answer: string | null = null) => graded(1, "correct", answer, "equal");
const wrong = (answer: string | null = null) => graded(0, "incorrect", answer, "not equal");
const answersIn = (text: string) => [...text.matchAll(/<answer>([^<]*)<\/answer>/g)].map((match) => match[1] as string);
const judge = (isRight: boolean, answer: string | null = null) => (isRight ? right(answer) : wrong(answer));

interface Planted {
  readonly family: string;
  readonly kind?: HoleKind;
  readonly verify: Verifier<Sum>;
  readonly audit?: AuditNotes;
  readonly change?: Partial<TaskDefinition<typeof Row>>;
}

const HOLES: Readonly<Record<string, Planted>> = {
  "any of several answers": {
    family: "several-answers",
    verify: (text, { answer }) => judge(answersIn(afterThink(text) ?? "").some((one) => Number(one) === answer)),
  },
  "a list of candidates": {
    family: "several-answers",
    verify: (text, { answer }) => {
      const [only = ""] = answersIn(afterThink(text) ?? "");
      return judge(only.split(/\s*(?:,|or)\s*/).includes(String(answer)), only);
    },
  },
  "the last number, where there is no answer": {
    family: "cut-off",
    verify: (text, row) => {
      const tagged = answerTag(text);
      const number = tagged.found ? tagged.answer : (text.match(/\d+/g)?.at(-1) ?? null);
      return judge(number === String(row.answer), number);
    },
  },
  "a part of the answer": {
    family: "padding",
    verify: (text, { answer }) => {
      const tagged = answerTag(text);
      return tagged.found ? judge(tagged.answer.includes(String(answer)), tagged.answer) : wrong();
    },
  },
  "a tolerance of one in a hundred": {
    family: "tolerance",
    verify: (text, { answer }) => {
      const tagged = answerTag(text);
      const value = tagged.found ? Number(tagged.answer) : Number.NaN;
      return judge(Math.abs(value - answer) <= 1.01e-2 * answer, tagged.found ? tagged.answer : null);
    },
  },
  "a percentage for a number": {
    family: "tolerance",
    verify: (text, { answer }) => {
      const tagged = answerTag(text);
      const value = tagged.found ? Number(tagged.answer) : Number.NaN;
      return judge(
        [1, 100, 0.01].some((factor) => value === factor * answer),
        tagged.found ? tagged.answer : null,
      );
    },
  },
  "the layout": {
    family: "nothing",
    verify: (text) => judge(/<answer>.+<\/answer>/s.test(text)),
  },
  "nothing for nothing": {
    family: "nothing",
    verify: (text, row) => (text.trim() === "" ? right() : sound(text, row)),
  },
  "the prompt": {
    family: "echo",
    verify: (text, row) => (text.startsWith("What is") ? right() : sound(text, row)),
  },
  "an answer inside the reasoning": {
    family: "reasoning",
    verify: (text, { answer }) => judge(Number(answersIn(text)[0]) === answer, answersIn(text)[0] ?? null),
    change: { solution: ({ answer }) => `<think></think><answer>${answer}</answer>` },
  },
  "a verdict of its own": {
    family: "judges",
    verify: (text, row) => (/reward: 1|verdict: correct/i.test(text) ? right() : sound(text, row)),
  },
  "a collection for its member": {
    family: "types",
    verify: (text, { answer }) => {
      const tagged = answerTag(text);
      const members = tagged.found ? new Set(tagged.answer.replaceAll(/[[\](){}]/g, "").split(",")) : new Set();
      return judge(members.size === 1 && members.has(String(answer)));
    },
  },
  "a wrong answer of the right length": {
    family: "wrong-answers",
    verify: (text, { answer }) => {
      const tagged = answerTag(text);
      return judge(tagged.found && /^\d+$/.test(tagged.answer) && tagged.answer.length === String(answer).length);
    },
  },
  "one answer for all rows": {
    family: "constants",
    verify: (text, { answer }) => {
      const tagged = answerTag(text);
      const isRight = tagged.found && (tagged.answer === "42" || tagged.answer === String(answer));
      return judge(isRight, tagged.found ? tagged.answer : null);
    },
  },
  "a throw on text that is not ASCII": {
    family: "unicode",
    kind: "not-graded",
    verify: (text, row) => {
      if (/[^\0-\x7f]/.test(text)) throw new TypeError("cannot encode");
      return sound(text, row);
    },
  },
  "a reward that is no number": {
    family: "nothing",
    kind: "not-graded",
    verify: (text, row) =>
      answersIn(text)[0] === "NaN" ? graded(Number.NaN, "incorrect", null, "") : sound(text, row),
  },
  "a reward that grows with the text": {
    family: "bombs",
    kind: "out-of-range",
    verify: (text, row) => (text.length > 10_000 ? graded(7, "incorrect", null, "") : sound(text, row)),
  },
  "deep nesting": {
    family: "bombs",
    kind: "slow",
    verify: (text, row) => {
      const until = performance.now() + (text.includes("((((((((((((((((((((((((((((((1))") ? 1500 : 0);
      while (performance.now() < until);
      return sound(text, row);
    },
  },
  "another verdict each time": {
    family: "wrong-answers",
    kind: "unstable",
    verify: (() => {
      let calls = 0;
      return (text, row) => ({ ...(sound(text, row) as ReturnType<typeof sound>), reason: `call ${calls++}` });
    })(),
  },
};

function auditWith({ verify, audit, change }: Omit<Planted, "family">): Promise<AuditReport> {
  const task = { ...SOUND, ...change, verify, ...(audit ? { audit } : {}) };
  return auditTask(defineTask(task), { rows: 20, attackedRows: 10 });
}

describe("auditTask", () => {
  test("finds nothing in the sound verifier", async () => {
    const { holes, falsePositives, falseNegatives } = await auditTask(defineTask(SOUND), { rows: 20 });
    expect(holes).toEqual([]);
    expect(falsePositives).toMatchObject({ errors: 0, rows: 20 });
    expect(falseNegatives).toMatchObject({ errors: 0, rows: 20 });
  });

  test.each(Object.entries(HOLES))(
    "finds %s, with a completion that shows it",
    async (_, { family, kind = "accepted", ...planted }) => {
      const { holes } = await auditWith(planted);
      const hole = holes.find((one) => one.family === family && one.kind === kind && one.severity === "breach");
      expect(hole, JSON.stringify(holes.map((one) => [one.family, one.attack, one.kind]))).toBeDefined();
      const { verdict, ms } = hole!.example;
      const shows: Record<HoleKind, boolean> = {
        accepted: verdict.status === "graded" && verdict.reward === 1,
        pays: verdict.status === "graded" && verdict.reward > 0,
        "not-graded": verdict.status === "not-graded",
        slow: ms > 1000,
        unstable: verdict.status === "graded",
        "out-of-range": verdict.status === "graded" && verdict.reward === 7,
      };
      expect(shows[kind]).toBe(true);
    },
  );

  test("calls pay for a layout a doubt: it may be meant", async () => {
    const verify: Verifier<Sum> = async (text, row) => {
      const verdict = await sound(text, row);
      const layout = answersIn(text).length === 1 ? 0.1 : 0;
      return verdict.status === "graded" ? { ...verdict, reward: verdict.reward * 0.9 + layout } : verdict;
    };
    const { holes } = await auditWith({ verify });
    expect(holes.map(({ kind, severity }) => [kind, severity])).toContainEqual(["pays", "doubt"]);
    expect(holes.filter(({ severity }) => severity === "breach")).toEqual([]);
  });

  test("calls a wrong answer a doubt where a row has many right ones", async () => {
    const verify: Verifier<Sum> = (text, { answer }) => {
      const tagged = answerTag(text);
      const value = tagged.found && /^\d+$/.test(tagged.answer) ? Number(tagged.answer) : Number.NaN;
      return judge(value % 10 === answer % 10, tagged.found ? tagged.answer : null);
    };
    const strict = await auditWith({ verify });
    const many = await auditWith({ verify, audit: { answers: "many" } });
    const ofWrong = ({ holes }: AuditReport) => holes.filter(({ family }) => family === "wrong-answers");
    expect(ofWrong(strict).map(({ severity }) => severity)).toContain("breach");
    expect(new Set(ofWrong(many).map(({ severity }) => severity))).toEqual(new Set(["doubt"]));
    expect(many.falsePositives!.errors).toBeGreaterThan(0);
  });

  test("counts right answers that are refused, by how they are written", async () => {
    const strict: Verifier<Sum> = (text, { answer }) => judge(text.endsWith(`<answer>${answer}</answer>`));
    const { falseNegatives, refused } = await auditWith({ verify: strict, audit: { answers: "number" } });
    const rates = new Map(refused.map(({ rewrite, rate }) => [rewrite, rate.share]));
    expect(rates.get("a line break at the end")).toBe(1);
    expect(rates.get("a fraction")).toBe(1);
    expect(rates.has("a line break at the beginning")).toBe(false);
    const shares = refused.reduce((sum, { rate }) => sum + rate.errors, 0);
    expect(falseNegatives.errors).toBe(shares);
  });

  test("is the same for the same seed", async () => {
    const { verify } = HOLES["a part of the answer"]!;
    const withoutTimes = ({ holes, ...rest }: AuditReport) => ({
      ...rest,
      holes: holes.map(({ example: { ms: _, ...example }, ...hole }) => ({ ...hole, example })),
    });
    expect(withoutTimes(await auditWith({ verify }))).toEqual(withoutTimes(await auditWith({ verify })));
  });

  test("refuses a family that is none, and a task in which nothing is right", async () => {
    await expect(auditTask(defineTask(SOUND), { only: "paddings" })).rejects.toThrow(
      '"paddings" is no family of attacks',
    );
    const verify: Verifier<Sum> = () => wrong();
    await expect(auditTask(defineTask({ ...SOUND, verify }))).rejects.toThrow("no completion of task");
  });
});

describe("the tasks that ship as examples", () => {
  test.each(["_template", "_template-math", "arithmetic", "countdown"])("%s has no breach", async (name) => {
    const task = await loadTask(fileURLToPath(new URL(`../../tasks/${name}`, import.meta.url)));
    const { holes } = await auditTask(task);
    expect(holes).toEqual([]);
  });
});
