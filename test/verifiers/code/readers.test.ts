import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { codeVerifier, fenced, type ReadProblem, readHumanEval, readMbpp } from "../../../src/verifiers/code/index.ts";
import { LANGUAGES } from "./languages.ts";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "rlvr-code-"))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function write(name: string, rows: readonly object[]): string {
  const path = join(folder, name);
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return path;
}

/** Rows of ours in HumanEval's format: one whose test calls a helper of the prompt, as two of the real ones do. */
const HUMAN_EVAL = [
  {
    task_id: "Ours/0",
    prompt:
      'from typing import List\n\n\ndef total(values: List[int]) -> int:\n    """ Sum of the values.\n    >>> total([1, 2])\n    3\n    """\n',
    entry_point: "total",
    canonical_solution: "    return sum(values)\n",
    test: "METADATA = {}\n\n\ndef check(candidate):\n    assert candidate([]) == 0\n    assert candidate([1, 2]) == 3\n    assert candidate([-1]) == -1\n",
  },
  {
    task_id: "Ours/1",
    prompt:
      'def shift(text: str):\n    return text[1:] + text[:1]\n\n\ndef unshift(text: str):\n    """ Takes back what shift did. """\n',
    entry_point: "unshift",
    canonical_solution: "    return text[-1:] + text[:-1]\n",
    test: "def check(candidate):\n    for text in ['', 'a', 'abc', 'hello']:\n        assert candidate(shift(text)) == text\n",
  },
];

const MBPP = [
  {
    task_id: 1,
    text: "Write a function to double a number.",
    code: "def double(x):\r\n  return 2 * x",
    test_list: ["assert double(2) == 4", "assert double(0) == 0", "assert double(-1) == -2"],
    test_setup_code: "",
    challenge_test_list: [],
  },
  {
    task_id: 2,
    prompt: "Write a function that gives the two roots of x^2 = n.",
    code: "import math\ndef roots(n):\n    return (-math.sqrt(n), math.sqrt(n))",
    test_imports: ["import math"],
    test_list: [
      "assert all(math.isclose(a, b) for a, b in zip(roots(2), (-math.sqrt(2), math.sqrt(2))))",
      "assert roots(4) == (-2, 2)",
    ],
  },
  {
    task_id: 3,
    text: "Write a function that gives the first of a pair.",
    code: "class Pair:\n    def __init__(self, a, b): self.a = a\ndef first(pair):\n    return pair.a",
    test_list: ["assert first(Pair(1, 2)) == 1"],
    test_setup_code: "",
  },
];

describe("readHumanEval", () => {
  test("gives each row its prompt, solution and tests", () => {
    const [first] = readHumanEval(write("human-eval.jsonl", HUMAN_EVAL));
    expect(first).toMatchObject({
      id: "Ours/0",
      prompt: HUMAN_EVAL[0]!.prompt,
      solution: `${HUMAN_EVAL[0]!.prompt}    return sum(values)\n`,
      problem: { kind: "asserts", entries: ["total"], tests: [{ public: false }] },
    });
  });

  test.each([
    ["a row without test", [{ ...HUMAN_EVAL[0], test: undefined }], /human-eval-bad.jsonl:1 is no such row/],
    ["a name that is none", [{ ...HUMAN_EVAL[0], entry_point: "a b" }], /:1 is no such row/],
  ])("refuses %s, with its line", (_, rows, message) => {
    expect(() => readHumanEval(write("human-eval-bad.jsonl", rows))).toThrow(message);
  });

  test("refuses what is no JSON, and a file that is not there", () => {
    const path = join(folder, "torn.jsonl");
    writeFileSync(path, `${JSON.stringify(HUMAN_EVAL[0])}\n{"task_id"`);
    expect(() => readHumanEval(path)).toThrow(/torn.jsonl:2 is not JSON/);
    expect(() => readHumanEval(join(folder, "none.jsonl"))).toThrow(/cannot be read/);
  });
});

describe("readMbpp", () => {
  test("reads both of its layouts, and names the rows that need objects of a class", () => {
    const { problems, skipped } = readMbpp(write("mbpp.jsonl", MBPP));
    expect(problems.map(({ id, problem }) => [id, problem.entries, problem.tests.length])).toEqual([
      ["1", ["double"], 3],
      ["2", ["roots"], 2],
    ]);
    expect(skipped).toEqual(["3"]);
    expect(problems[0]!.prompt).toContain("assert double(2) == 4");
    expect(problems[1]!.problem.tests[0]!.source).toMatch(/^import math\n/);
  });
});

const PYTHON = LANGUAGES.filter(({ language }) => language === "python");

describe.each(PYTHON)("in two boxes of $language", ({ language }) => {
  const verify = codeVerifier({ language });
  afterAll(() => verify.close());
  const rewards = (read: readonly ReadProblem[], code: (one: ReadProblem) => string) =>
    Promise.all(read.map(async (one) => verify(fenced(code(one), language), one.problem)));

  test("solutions pass, and programs that do nothing do not", async () => {
    const read = [
      ...readHumanEval(write("human-eval.jsonl", HUMAN_EVAL)),
      ...readMbpp(write("mbpp.jsonl", MBPP)).problems,
    ];
    const right = await rewards(read, ({ solution }) => solution);
    expect(right).toMatchObject(read.map(() => ({ reward: 1, outcome: "correct" })));
    const nothing = await rewards(read, ({ problem }) =>
      problem.entries.map((name) => `def ${name}(x): return None`).join("\n"),
    );
    expect(nothing).toMatchObject(read.map(() => ({ reward: 0, outcome: "incorrect" })));
  });

  test("a completion may rely on the prompt's imports, and cannot replace the tests", async () => {
    const [total] = readHumanEval(write("human-eval.jsonl", HUMAN_EVAL)) as [ReadProblem];
    const relies = "def total(values: List[int]) -> int:\n    return sum(values)";
    const attacks = [
      "def check(candidate): pass\ndef total(values): return None",
      "import builtins\nbuiltins.AssertionError = Exception\ndef total(values): return None",
      "class E:\n    __eq__ = lambda *_: True\ndef total(values): return E()",
      "import sys\ndef total(values):\n    sys.exit(0)",
      "import os\nos._exit(0)",
    ];
    expect(await verify(fenced(relies, language), total.problem)).toMatchObject({ reward: 1 });
    for (const code of attacks) {
      expect(await verify(fenced(code, language), total.problem), code).toMatchObject({ status: "graded", reward: 0 });
    }
  });
});
