/**
 * HumanEval's rows as problems in two boxes (Chen et al., "Evaluating large language models trained on code",
 * https://arxiv.org/abs/2107.03374; the JSONL of its repository).
 *
 * The row's `test` defines `check(candidate)`. The tester's box also has the prompt, because some tests call helpers that it
 * defines; the function asked for stays the candidate's.
 */
import { z } from "zod";
import { readJsonRows } from "./json-rows.ts";
import { AssertsProblem } from "./problem.ts";

const HumanEvalRow = z.object({
  task_id: z.string(),
  prompt: z.string(),
  entry_point: z.string().regex(/^[A-Za-z_]\w*$/),
  canonical_solution: z.string(),
  test: z.string(),
});

/** A problem of a public set, with what a task needs beside it. */
export interface ReadProblem {
  readonly id: string;
  /** What to ask of the policy. */
  readonly prompt: string;
  /** A whole program that passes. */
  readonly solution: string;
  readonly problem: AssertsProblem;
}

/** @throws E_TASK_DATA when the file cannot be read, or a line is not a row of HumanEval */
export function readHumanEval(path: string): ReadProblem[] {
  return readJsonRows(path, HumanEvalRow).map(({ task_id, prompt, entry_point, canonical_solution, test }) => ({
    id: task_id,
    prompt,
    solution: `${prompt}${canonical_solution}`,
    problem: AssertsProblem.parse({
      kind: "asserts",
      entries: [entry_point],
      prelude: prompt, // completions rely on its imports and helpers; they define the function again
      tests: [{ source: testerSource(prompt, entry_point, test) }],
    }),
  }));
}

/** The prompt would redefine the function asked for, so that is put aside and back. */
function testerSource(prompt: string, entry: string, test: string): string {
  return [`_candidate = ${entry}`, prompt, `${entry} = _candidate`, test, `check(${entry})`].join("\n");
}
