/** The next term of a sequence. Where rules of different families would go on differently, the sequence is not asked. */
import { DifficultyOptions, defineTask, proceduralRows, type Rng, withDifficulty } from "rlvr/task";
import { answerTag, exactNumber } from "rlvr/verifiers";
import { z } from "zod";
import { explanations, FAMILIES, type FamilyName } from "./rules.ts";

const LARGEST = 1_000_000; // of a term

const Row = z.strictObject({
  id: z.string(),
  difficulty: z.int().min(1).max(5),
  terms: z.array(z.int()).min(5).max(9),
  why: z.string().describe("the simplest rule that explains the terms, and the next term by it"),
  answer: z.int(),
});
type Problem = Pick<z.infer<typeof Row>, "terms" | "why" | "answer">;

interface Level {
  readonly families: readonly FamilyName[];
  /** How large the rule's numbers are. */
  readonly size: number;
  readonly terms: number;
}

const LEVELS: Readonly<Record<number, Level>> = {
  1: { families: ["arithmetic", "arithmetic", "geometric"], size: 2, terms: 5 },
  2: { families: ["alternating-steps", "quadratic", "affine"], size: 1, terms: 6 },
  3: { families: ["quadratic", "affine", "sum-of-two", "interleaved"], size: 3, terms: 7 },
  4: { families: ["interleaved", "times-plus", "second-order", "sum-of-three"], size: 3, terms: 8 },
  5: { families: ["second-order", "sum-of-three", "cubic", "times-plus"], size: 6, terms: 8 },
};

function draw(rng: Rng, difficulty: number): Problem | null {
  const { families, size, terms: count } = LEVELS[difficulty] as Level;
  const drawn = FAMILIES[rng.pick(families)].draw(rng, size, count + 1).map((term) => term + 0); // −0 is 0
  const [terms, answer] = [drawn.slice(0, count), drawn[count] as number];
  if (new Set(terms).size < 4 || drawn.some((term) => Math.abs(term) > LARGEST)) return null;
  const found = explanations(terms);
  const why = found[0]?.why;
  return why !== undefined && found.every(({ next }) => next === answer) ? { terms, why, answer } : null;
}

const example: z.infer<typeof Row> = {
  id: "example",
  difficulty: 2,
  terms: [1, 4, 9, 16, 25, 36],
  why: "differences 3, 5, 7, 9, 11; differences 2, 2, 2, 2; 11+2=13; 36+13=49",
  answer: 49,
};

export default defineTask({
  name: "sequence-rule",
  description: "the next term of a sequence that follows a rule",
  row: Row,
  options: DifficultyOptions,
  prompt: ({ terms }) =>
    `What comes next, by the simplest rule? ${terms.join(", ")}, ... Give the number in <answer></answer>.\n`,
  solution: ({ why, answer }) => `<think>${why}</think><answer>${answer}</answer>`,
  verify: withDifficulty(exactNumber(answerTag)),
  audit: { answers: "number" },
  maxTokens: 320, // characters; three rows of differences

  *load(split, seed, { difficulty }) {
    const content = ({ terms }: Problem) => terms.join();
    yield* proceduralRows({ name: "sequence-rule", draw, content }, { split, seed, difficulty });
  },

  cases: [
    { row: example, completion: "<think>squares</think><answer>49</answer>", reward: 1 },
    { row: example, completion: "<answer>49.0</answer>", reward: 1 },
    { row: example, completion: "<answer>47</answer>", reward: 0 },
    { row: example, completion: "<answer>36</answer>", reward: 0 },
    { row: example, completion: "<answer>7^2</answer>", reward: 0 },
    { row: example, completion: "<answer>49, 64</answer>", reward: 0 },
    { row: example, completion: "49", reward: 0 },
  ],
});
