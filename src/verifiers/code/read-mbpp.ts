/**
 * MBPP's rows as problems in two boxes (Austin et al., "Program synthesis with large language models",
 * https://arxiv.org/abs/2108.07732), in the layouts of its full and its sanitized set.
 *
 * Each assert is a test of its own. As in the paper, the prompt shows the asserts, so they are public.
 */
import { z } from "zod";
import { readJsonRows } from "./json-rows.ts";
import { AssertsProblem } from "./problem.ts";
import type { ReadProblem } from "./read-human-eval.ts";

const MbppRow = z
  .object({
    task_id: z.union([z.int(), z.string()]).transform(String),
    text: z.string().optional(), // full set
    prompt: z.string().optional(), // sanitized set
    code: z.string(),
    test_list: z.array(z.string()).min(1),
    test_setup_code: z.string().default(""), // full set
    test_imports: z.array(z.string()).default([]), // sanitized set
  })
  .refine(({ text, prompt }) => text !== undefined || prompt !== undefined, "expected text or prompt");

export interface ReadMbpp {
  readonly problems: readonly ReadProblem[];
  /** Ids of rows whose tests build objects of a class that the solution defines: such objects cannot leave a box. */
  readonly skipped: readonly string[];
}

/** @throws E_TASK_DATA when the file cannot be read, or a line is not a row of MBPP */
export function readMbpp(path: string): ReadMbpp {
  const problems: ReadProblem[] = [];
  const skipped: string[] = [];
  for (const row of readJsonRows(path, MbppRow)) {
    const tests = row.test_list.join("\n");
    const used = (names: string[]) => names.filter((name) => new RegExp(`\\b${name}\\b`).test(tests));
    const entries = used(definedBy(row.code, "def"));
    if (entries.length === 0 || used(definedBy(row.code, "class")).length > 0) {
      skipped.push(row.task_id);
      continue;
    }
    const setup = [...row.test_imports, row.test_setup_code].filter((part) => part !== "").join("\n");
    problems.push({
      id: row.task_id,
      prompt: `${row.text ?? row.prompt}\nYour code should pass these tests:\n${tests}`,
      solution: row.code.replaceAll("\r\n", "\n"),
      problem: AssertsProblem.parse({
        kind: "asserts",
        entries,
        tests: row.test_list.map((test) => ({ source: setup === "" ? test : `${setup}\n${test}`, public: true })),
      }),
    });
  }
  return { problems, skipped };
}

/** Names that top-level `def` or `class` statements bind. */
function definedBy(code: string, keyword: "def" | "class"): string[] {
  return [...code.matchAll(new RegExp(`^${keyword} ([A-Za-z_]\\w*)`, "gm"))].map(([, name]) => name as string);
}
