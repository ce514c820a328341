/** Expressions with parentheses, in which precedence decides what is computed first. */
import { DifficultyOptions, defineTask, proceduralRows, type Rng, withDifficulty } from "rlvr/task";
import { answerTag, exactNumber } from "rlvr/verifiers";
import { z } from "zod";
import { drawTree, expressionText, type Shape, workedSteps } from "./tree.ts";

const Row = z.strictObject({
  id: z.string(),
  difficulty: z.int().min(1).max(5),
  expression: z.string(),
  steps: z.array(z.string()).describe("one an operator, in an order that works"),
  answer: z.int(),
});
type Problem = Pick<z.infer<typeof Row>, "expression" | "steps" | "answer">;

/** By difficulty. */
const SHAPES: Readonly<Record<number, Shape>> = {
  1: { operands: 3, largest: 20, operators: ["+", "-", "*"], negative: false },
  2: { operands: 4, largest: 20, operators: ["+", "-", "*"], negative: false },
  3: { operands: 5, largest: 30, operators: ["+", "-", "*", "/"], negative: true },
  4: { operands: 7, largest: 50, operators: ["+", "-", "*", "/"], negative: true },
  5: { operands: 9, largest: 99, operators: ["+", "-", "*", "/"], negative: true },
};

function draw(rng: Rng, difficulty: number): Problem | null {
  const tree = drawTree(rng, SHAPES[difficulty] as Shape);
  return tree && { expression: expressionText(tree), steps: workedSteps(tree), answer: tree.value + 0 }; // −0 is 0
}

const example: z.infer<typeof Row> = {
  id: "example",
  difficulty: 2,
  expression: "2*(3+4)-5",
  steps: ["3+4=7", "2*7=14", "14-5=9"],
  answer: 9,
};

export default defineTask({
  name: "chained-arithmetic",
  description: "the value of an expression with + - * / and parentheses",
  row: Row,
  options: DifficultyOptions,
  prompt: ({ expression }) => `What is ${expression}? Give the number in <answer></answer>.\n`,
  solution: ({ steps, answer }) => `<think>${steps.join(", ")}</think><answer>${answer}</answer>`,
  verify: withDifficulty(exactNumber(answerTag)),
  audit: { answers: "number" },
  maxTokens: 240, // characters; 8 steps of at most 22, the commas and the tags

  *load(split, seed, { difficulty }) {
    const content = ({ expression }: Problem) => expression;
    yield* proceduralRows({ name: "chained-arithmetic", draw, content }, { split, seed, difficulty });
  },

  cases: [
    { row: example, completion: "<think>3+4=7, 2*7=14, 14-5=9</think><answer>9</answer>", reward: 1 },
    { row: example, completion: "<answer>9.0</answer>", reward: 1 },
    { row: example, completion: "<think>2*3+4-5</think><answer>5</answer>", reward: 0 },
    { row: example, completion: "<answer>2*(3+4)-5</answer>", reward: 0 }, // the question is no answer
    { row: example, completion: "<answer>9 or 5</answer>", reward: 0 },
    { row: example, completion: "9", reward: 0 },
  ],
});
