/**
 * Problems of mathematics competitions with an answer in LaTeX: MATH (https://arxiv.org/abs/2103.03874) or MATH-500 from a
 * path, or a small sample of our own in the same layout.
 */
import { defineTask, Levels, readableRows, readSplit, withDifficulty } from "rlvr/task";
import { checkGold, extractAnswer, mathAnswer, verifyResponse } from "rlvr/verifiers";
import { z } from "zod";

const EXPECTED =
  "MATH, such as EleutherAI/hendrycks_math or HuggingFaceH4/MATH-500 on the Hub: files or folders whose names begin " +
  "with train and test, as .jsonl, .json or .parquet, with the fields problem, solution and level, type or subject, answer";

const Row = z.strictObject({
  id: z.string(),
  problem: z.string(),
  answer: z.string().describe("LaTeX"),
  solution: z.string(),
  difficulty: z.int().min(1).max(5).nullable().describe("MATH's level; null where the data set does not tell"),
  subject: z.string(),
});

const Options = z.strictObject({
  path: z.string().optional().describe("a folder or file with MATH; our own sample without it"),
  difficulty: Levels.refine(
    (levels) => new Set(levels.map(([, weight]) => weight)).size === 1,
    "weights are not for files",
  )
    .prefault("1-5")
    .describe("levels to keep: 3, 1-3 or 1,3,5; rows without a level come with 1-5 only"),
  unreadable: z.enum(["refuse", "skip"]).default("refuse").describe("what becomes of rows with an unreadable answer"),
});

const Public = z.object({
  problem: z.string().min(1),
  solution: z.string().default(""),
  answer: z.string().optional().describe("without it, the box of the solution"),
  level: z.union([z.string(), z.number()]).optional().describe('5 or "Level 5"'),
  type: z.string().optional(),
  subject: z.string().optional(),
});
type Public = z.infer<typeof Public>;

/** The answer of the field, or else of the solution's box; empty where there is none. */
const answerOf = ({ answer, solution }: Public) =>
  answer ?? extractAnswer(solution, { extraction: "reward" }).candidates.join(" , ");

const difficultyOf = ({ level }: Public) => Number(/^(?:Level )?([1-5])$/.exec(String(level))?.[1] ?? 0) || null;

const example: z.infer<typeof Row> = {
  id: "example",
  problem: "Solve $2x = 1$.",
  answer: "\\frac{1}{2}",
  solution: "Dividing by 2 gives $x = \\boxed{\\frac{1}{2}}$.",
  difficulty: 1,
  subject: "Algebra",
};

export default defineTask({
  name: "math",
  description: "competition mathematics: MATH from a path, or a small sample of our own",
  row: Row,
  options: Options,
  prompt: ({ problem }) => `${problem}\nThink step by step, and put the final answer in \\boxed{}.\n`,
  maxTokens: 4096, // characters; a page and a half

  solution: ({ solution, answer }) => {
    const right = verifyResponse(answer, solution, { extraction: "reward" }).outcome === "correct";
    return right
      ? solution
      : `${solution}\nSo the answer, in short and as the problem asks for it, is \\boxed{${answer}}.`;
  },

  verify: withDifficulty(mathAnswer()),
  fromAnswer: (answer, prompt) => ({
    ...{ id: "request", problem: prompt, solution: "", difficulty: null, subject: "" },
    answer: String(answer),
  }),

  async *load(split, _seed, { path, difficulty: wanted, unreadable }) {
    const place = path ?? new URL("./sample", import.meta.url);
    const rows = readSplit(place, split, { schema: Public, expected: EXPECTED, content: ({ problem }) => problem });
    const check = (row: Public) => checkGold(answerOf(row));
    const readable = await readableRows(rows, { check, name: String(place), unreadable });
    for (const [i, row] of readable.entries()) {
      const difficulty = difficultyOf(row);
      if (!(difficulty === null ? wanted.length === 5 : wanted.some(([level]) => level === difficulty))) continue;
      const { problem, solution, subject = row.type ?? "" } = row;
      yield { id: `${split}-${i}`, problem, answer: answerOf(row), solution, difficulty, subject };
    }
  },

  cases: [
    { row: example, completion: "$2x = 1$, so $x = \\boxed{\\frac{1}{2}}$.", reward: 1 },
    { row: example, completion: "\\boxed{0.5}", reward: 1 },
    { row: example, completion: "<think>$x = 2$?</think>\\boxed{x = \\dfrac12}", reward: 1 },
    { row: example, completion: "\\boxed{2}", reward: 0 },
    {
      row: example,
      completion: "\\boxed{\\frac{1}{2}} or, in a hurry, I would have said that it is \\boxed{1}",
      reward: 0,
    },
    { row: example, completion: "\\boxed{\\frac12 \\text{ or } 2}", reward: 0 },
    { row: example, completion: "<think>\\boxed{\\frac12}", reward: 0 }, // still thinking
    { row: example, completion: "The answer is $\\frac12$.", reward: 0 }, // not where the prompt asks for it
    { row: example, completion: "\\boxed{", reward: 0 },
  ],
});
