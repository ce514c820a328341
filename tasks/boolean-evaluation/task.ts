/** Four formulas of truth values at a time: a guess is right once in sixteen. */
import { DifficultyOptions, defineTask, graded, proceduralRows, type Rng, withDifficulty } from "rlvr/task";
import { answerTag } from "rlvr/verifiers";
import { z } from "zod";
import { drawFormula, evaluate, formulaText, type Shape, workedSteps } from "./formulas.ts";

const FORMULAS = 4;
const MAX_CHARACTERS = 60; // of an answer
const NAMES = ["p", "q", "r", "s", "t", "u"];

const Row = z.strictObject({
  id: z.string(),
  difficulty: z.int().min(1).max(5),
  values: z.record(z.string(), z.boolean()),
  formulas: z.array(z.string()).length(FORMULAS),
  steps: z.array(z.string()).length(FORMULAS).describe("of each formula; empty for a name alone"),
  answer: z.array(z.boolean()).length(FORMULAS),
});
type Problem = Omit<z.infer<typeof Row>, "id" | "difficulty">;

const SHAPES: Readonly<Record<number, Shape>> = {
  1: { names: NAMES.slice(0, 3), leaves: 2, operators: ["and", "or"] },
  2: { names: NAMES.slice(0, 3), leaves: 3, operators: ["and", "or"] },
  3: { names: NAMES.slice(0, 4), leaves: 4, operators: ["and", "or", "xor"] },
  4: { names: NAMES.slice(0, 5), leaves: 6, operators: ["and", "or", "xor", "implies"] },
  5: { names: NAMES, leaves: 9, operators: ["and", "or", "xor", "implies"] },
};

/** The answers are drawn first, as fair coins, and then formulas that have them. */
function draw(rng: Rng, difficulty: number): Problem {
  const shape = SHAPES[difficulty] as Shape;
  const values = Object.fromEntries(shape.names.map((name) => [name, rng.next() < 0.5]));
  const answer = Array.from({ length: FORMULAS }, () => rng.next() < 0.5);
  const formulas = answer.map((wanted) => {
    for (;;) {
      const formula = drawFormula(rng, shape);
      if (evaluate(formula, values) === wanted) return formula;
    }
  });
  const steps = formulas.map((formula) => workedSteps(formula, values).join(", "));
  return { values, formulas: formulas.map(formulaText), steps, answer };
}

const lettersOf = (answer: readonly boolean[]) => answer.map((value) => (value ? "T" : "F")).join(" ");

function question({ values, formulas }: Problem): string {
  const given = Object.entries(values).map(([name, value]) => `${name} is ${value ? "true" : "false"}`);
  const asked = formulas.map((formula, i) => `${i + 1}. ${formula}`);
  return `${given.join(", ")}. Which of these are true?\n${asked.join("\n")}\nGive T or F for each, in order, in <answer></answer>.\n`;
}

const solution = ({ steps, answer }: Problem) =>
  `<think>${steps.map((text, i) => `${i + 1}. ${text}`).join("\n")}</think><answer>${lettersOf(answer)}</answer>`;

/** 1 where all four are right. Read are T, F, true and false, with commas or white space between. */
function verifyLetters(completion: string, { answer: wanted }: Problem) {
  const extracted = answerTag(completion);
  if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
  const { answer } = extracted;
  const words = answer.length > MAX_CHARACTERS ? [] : answer.toLowerCase().split(/[\s,]+/);
  if (words.length !== FORMULAS || !words.every((word) => /^(?:t|f|true|false)$/.test(word))) {
    return graded(0, "unparsed", answer.slice(0, MAX_CHARACTERS), `expected ${FORMULAS} letters, T or F`);
  }
  const right = words.filter((word, i) => word.startsWith("t") === wanted[i]).length;
  return right === FORMULAS
    ? graded(1, "correct", answer, `equals ${lettersOf(wanted)}`, { right })
    : graded(0, "incorrect", answer, `${right} of ${FORMULAS} are right, expected ${lettersOf(wanted)}`, { right });
}

const example: z.infer<typeof Row> = {
  id: "example",
  difficulty: 1,
  values: { p: true, q: false, r: true },
  formulas: ["p and q", "p or q", "not r", "q or r"],
  steps: ["T and F=F", "T or F=T", "not T=F", "F or T=T"],
  answer: [false, true, false, true],
};

export default defineTask({
  name: "boolean-evaluation",
  description: "which of four formulas are true, for given truth values",
  row: Row,
  options: DifficultyOptions,
  prompt: question,
  solution,
  verify: withDifficulty(verifyLetters),
  maxTokens: 1000, // characters; four formulas of nine names

  *load(split, seed, { difficulty }) {
    // The order of the formulas makes no difference.
    const content = ({ values, formulas }: Problem) => JSON.stringify([values, formulas.toSorted()]);
    yield* proceduralRows({ name: "boolean-evaluation", draw, content }, { split, seed, difficulty });
  },

  cases: [
    { row: example, completion: "<think>1. T and F=F</think><answer>F T F T</answer>", reward: 1 },
    { row: example, completion: "<answer>false, true, false, true</answer>", reward: 1 },
    { row: example, completion: "<answer>F T F F</answer>", reward: 0 },
    { row: example, completion: "<answer>T T T T</answer>", reward: 0 },
    { row: example, completion: "<answer>F T F</answer>", reward: 0 },
    { row: example, completion: "<answer>FTFT or FTFF</answer>", reward: 0 },
    { row: example, completion: "F T F T", reward: 0 },
  ],
});
