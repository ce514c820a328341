/**
 * Sudoku with 4 × 4 cells and exactly one solution. The verifier checks the rules and the givens; it stores no solution.
 */
import { DifficultyOptions, defineTask, graded, proceduralRows, type Rng, withDifficulty } from "rlvr/task";
import { answerTag } from "rlvr/verifiers";
import { z } from "zod";
import { deduce, type Grid, isSolved, solve } from "./grid.ts";

const MAX_CHARACTERS = 200; // of an answer; a grid with frames has 80

const Row = z.strictObject({
  id: z.string(),
  difficulty: z.int().min(1).max(5),
  givens: z.array(z.int().min(0).max(4)).length(16).describe("row by row; 0 is empty"),
});
type Problem = Pick<z.infer<typeof Row>, "givens">;

/** Empty cells, by difficulty. With fewer than 4 givens no grid has one solution. */
const EMPTY: Readonly<Record<number, number>> = { 1: 4, 2: 6, 3: 8, 4: 10, 5: 11 };

/** All 288 full grids. */
const GRIDS = solve(
  Array.from({ length: 16 }, () => 0),
  Number.POSITIVE_INFINITY,
);

/** A full grid, emptied cell by cell while the solution stays the only one; null where too few cells can be. */
function draw(rng: Rng, difficulty: number): Problem | null {
  let givens = rng.pick(GRIDS);
  let empty = 0;
  for (const cell of rng.shuffle(Array.from({ length: 16 }, (_, i) => i))) {
    if (empty === EMPTY[difficulty]) break;
    const fewer: Grid = givens.with(cell, 0);
    if (solve(fewer, 2).length > 1) continue;
    givens = fewer;
    empty++;
  }
  // Every puzzle can be solved by reasons alone, so that the worked solution is one.
  return empty === EMPTY[difficulty] && deduce(givens) !== null ? { givens: [...givens] } : null;
}

const rows = (grid: Grid) => [0, 4, 8, 12].map((start) => grid.slice(start, start + 4));

const gridText = (grid: Grid) =>
  rows(grid)
    .map((row) => row.map((value) => (value === 0 ? "_" : value)).join(" "))
    .join("\n");

/** `r2c3=4`: row 2, column 3; each follows from those before it. */
function solution({ givens }: Problem): string {
  const steps = (deduce(givens) ?? []).map(
    ({ cell, value }) => `r${Math.floor(cell / 4) + 1}c${(cell % 4) + 1}=${value}`,
  );
  return `<think>${steps.join(", ")}</think><answer>${gridText(solve(givens, 1)[0] as Grid)}</answer>`;
}

/** 1 for a full grid that keeps the rules and the givens. Sixteen digits; spaces, commas, bars and line breaks divide. */
function verifyGrid(completion: string, { givens }: Problem) {
  const extracted = answerTag(completion);
  if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
  const { answer } = extracted;
  const digits = answer.length > MAX_CHARACTERS ? "" : answer.replaceAll(/[\s,|+-]/g, "");
  if (!/^[1-4]{16}$/.test(digits)) {
    return graded(0, "unparsed", answer.slice(0, MAX_CHARACTERS), "no grid of sixteen digits from 1 to 4");
  }
  const grid = [...digits].map(Number);
  if (givens.some((given, cell) => given !== 0 && given !== grid[cell])) {
    return graded(0, "incorrect", answer, "changes a given");
  }
  return isSolved(grid)
    ? graded(1, "correct", answer, "keeps the rules and the givens")
    : graded(0, "incorrect", answer, "repeats a number in a row, a column or a block");
}

const example: z.infer<typeof Row> = {
  id: "example",
  difficulty: 1,
  givens: [1, 0, 3, 4, 3, 4, 0, 2, 0, 1, 4, 3, 4, 3, 2, 0],
};

export default defineTask({
  name: "mini-sudoku",
  description: "sudoku with 4 x 4 cells and one solution",
  row: Row,
  options: DifficultyOptions,
  prompt: ({ givens }) =>
    `Fill the empty cells (_) so that each row, each column and each 2 x 2 block holds 1, 2, 3 and 4. Give all four rows in <answer></answer>.\n${gridText(givens)}\n`,
  solution,
  verify: withDifficulty(verifyGrid),
  maxTokens: 160, // characters; eleven steps and the grid

  *load(split, seed, { difficulty }) {
    const content = ({ givens }: Problem) => givens.join("");
    yield* proceduralRows({ name: "mini-sudoku", draw, content }, { split, seed, difficulty });
  },

  cases: [
    {
      row: example,
      completion: "<think>r1c2=2, r2c3=1, r3c1=2, r4c4=1</think><answer>1 2 3 4\n3 4 1 2\n2 1 4 3\n4 3 2 1</answer>",
      reward: 1,
    },
    { row: example, completion: "<answer>1234,3412,2143,4321</answer>", reward: 1 },
    { row: example, completion: "<answer>1 2 3 4\n3 4 1 2\n2 1 4 3\n4 3 1 2</answer>", reward: 0 }, // a given is changed
    { row: example, completion: "<answer>1 2 3 4\n3 4 1 2\n2 1 4 3\n4 3 2 2</answer>", reward: 0 },
    { row: example, completion: "<answer>1 2 3 4\n2 1 4 3\n3 4 1 2\n4 3 2 1</answer>", reward: 0 }, // another sudoku
    { row: example, completion: "<answer>1 2 3 4\n3 4 1 2</answer>", reward: 0 },
    { row: example, completion: "1 2 3 4\n3 4 1 2\n2 1 4 3\n4 3 2 1", reward: 0 },
  ],
});
