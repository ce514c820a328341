/** Tests written as asserts: run in a box of their own, or read as calls with expected values. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../src/sandbox/limits.ts";
import { Float, type Plain, Tuple } from "../../src/sandbox/plain.ts";
import { assertsToCalls } from "../../src/sandbox/python/asserts.ts";
import type { PythonBox } from "../../src/sandbox/python/box.ts";
import { pythonEquals } from "../../src/sandbox/python/equals.ts";
import { call, openHere, theBox } from "./python-here.ts";

let found: PythonBox | string;
beforeAll(async () => {
  found = await openHere();
});
afterAll(async () => {
  if (typeof found !== "string") await found.close();
});

const ADD = "def add(a, b):\n  if a is None: raise ValueError('no number')\n  return a + b";

async function tested(box: PythonBox, tests: string, code = ADD, entries = ["add"], limits = DEFAULT_LIMITS) {
  const candidate = await box.open({ language: "python", code, limits });
  try {
    return await box.test({ language: "python", tests, entries, limits }, candidate);
  } finally {
    await candidate.close();
  }
}

describe("a tester", () => {
  test.for([
    ["asserts that hold", "assert add(1, 2) == 3\nassert add('a', 'b') == 'ab'", 2],
    ["asserts in a loop", "for i in range(5):\n  assert add(i, 1) == i + 1", 5],
    ["a check function, which it calls", "def check(candidate):\n  assert candidate(1, 2) == 3", 1],
    ["a check function that is called", "def check(candidate):\n  assert candidate(1, 2) == 3\ncheck(add)", 1],
    ["tuples and sets", "assert add((1,), (2,)) == (1, 2)\nassert isinstance(add((), ()), tuple)", 2],
    ["a name that is bound anew", "_candidate = add\ndef add(*a): return _candidate(*a)\nassert add(2, 2) == 4", 1],
    [
      "an exception that is expected",
      "try:\n  add(None, 1)\n  assert False\nexcept ValueError as e:\n  assert str(e) == 'no number'",
      1,
    ],
  ] as const)("passes %s", async ([, tests, asserts], context) => {
    expect(await tested(theBox(found, context), tests)).toEqual({ asserts, outcome: "ok", message: "" });
  });

  test("fails an assert that does not hold, and says which", async (context) => {
    const result = await tested(
      theBox(found, context),
      "assert add(1, 2) == 3\nassert add(1, 2) == 4\nassert add(0, 0) == 0",
    );
    expect(result).toEqual({
      asserts: 2,
      outcome: "failed",
      message: "AssertionError (line 2: assert add(1, 2) == 4)",
    });
  });

  test("fails a candidate that raises, and hands its run on", async (context) => {
    const result = await tested(theBox(found, context), "assert add(None, 2) == 3");
    expect(result).toMatchObject({ outcome: "failed", run: { outcome: "runtime_error", error: "ValueError" } });
  });

  test.for([
    ["does not compile", "def add(a, b)", "compile_error"],
    ["is not there", "def sub(a, b): return 0", "runtime_error"],
    ["does not end", "def add(a, b):\n  while True: pass", "timeout"],
    ["leaves", "import os\ndef add(a, b): os._exit(0)", "crash"],
    [
      "returns an object that equals everything",
      "class E:\n  def __eq__(s, o): return True\ndef add(a, b): return E()",
      "runtime_error",
    ],
    ["raises AssertionError by itself", "def add(a, b): raise AssertionError", "runtime_error"],
  ] as const)("fails a candidate that %s", async ([, code, outcome], context) => {
    const limits = { ...DEFAULT_LIMITS, cpuMs: 500 };
    const result = await tested(theBox(found, context), "assert add(1, 2) == 3", code, ["add"], limits);
    expect(result).toMatchObject({ outcome: "failed", run: { outcome } });
  });

  test.for([
    ["holds nothing that could fail", "add(1, 2)", "the tests evaluated no assert"],
    ["breaks before it asks", "assert undefined_name == add(1, 2)", "NameError: name 'undefined_name' is not defined"],
    ["does not compile", "assert add(1, 2) = 3", "SyntaxError"],
    ["passes what cannot cross", "assert add(lambda: 1, 2)", "with a value of type function, expected plain data"],
    ["passes named arguments", "assert add(a=1, b=2) == 3", "with named arguments, expected positional ones"],
  ] as const)("is our fault where it %s", async ([, tests, message], context) => {
    const result = await tested(theBox(found, context), tests);
    expect(result.outcome).toBe("sandbox_error");
    expect(result.message).toContain(message);
  });

  test.for([
    ["its asserts reached nothing", "for x in add((), ()): assert x", "no assert was reached"],
    [
      "it made the tests too deep",
      "x = add([], [])\nfor i in range(300): x = [x]\nadd(x, x)\nassert 1",
      "nested deeper than 200",
    ],
    ["it made the tests break", "assert add(1, 2)[0] == 3", "TypeError: 'int' object is not subscriptable"],
    ["it made them run for ever", "n = add(1, 2)\nwhile n: pass\nassert n", "the tests took more than 1000 ms"],
  ] as const)(
    "fails a candidate that was asked where %s: nothing it gives leaves it ungraded",
    async ([, tests, message], context) => {
      const limits = { ...DEFAULT_LIMITS, totalMs: 1000 };
      const result = await tested(theBox(found, context), tests, ADD, ["add"], limits);
      expect(result.outcome).toBe("failed");
      expect(result.message).toContain(message);
    },
  );

  test("never has the candidate's code or its objects in its box", async (context) => {
    const tests =
      "import gc, sys\nassert add([1], [2]) == [1, 2]\nassert not any(' '.join(('no', 'number')) in repr(o) for o in gc.get_objects() if type(o) is dict)";
    expect(await tested(theBox(found, context), tests)).toMatchObject({ asserts: 2, outcome: "ok" });
  });

  test("asks a candidate with several functions, and methods", async (context) => {
    const code = "class Solution:\n  def twice(self, x): return 2 * x\ndef half(x): return x / 2";
    const tests = "assert Solution.twice(4) == 8\nassert half(4) == 2.0";
    expect(await tested(theBox(found, context), tests, code, ["Solution.twice", "half"])).toMatchObject({
      asserts: 2,
      outcome: "ok",
    });
  });
});

describe("assertsToCalls", () => {
  const rows = async (...tests: string[]) =>
    assertsToCalls(tests.map((text) => ({ tests: text, entries: ["f"] as [string] })));

  test("reads calls with literals, on either side", async (context) => {
    theBox(found, context);
    const [table] = await rows("import math\nassert f(1, 'a') == [1, 2]\nassert (1, 2) == f({1: 2.0}, -3), 'said'");
    expect(table?.map((row) => ({ ...row }))).toEqual([
      { entry: "f", args: [1, "a"], expected: [1, 2] },
      { entry: "f", args: [new Map([[1, new Float(2)]]), -3], expected: new Tuple([1, 2]) },
    ]);
  });

  test("reads a check function", async (context) => {
    theBox(found, context);
    const [table] = await rows(
      "METADATA = {'author': 'x'}\n\ndef check(candidate):\n  '''text'''\n  assert candidate(2) == 4, 'said'\n\ncheck(f)",
    );
    expect(table?.map((row) => ({ ...row }))).toEqual([{ entry: "f", args: [2], expected: 4 }]);
  });

  test("leaves what says more than that to a tester", async (context) => {
    theBox(found, context);
    const others = [
      ...["assert f(1)", "assert not f(1)", "assert f(1) != 2", "assert abs(f(1) - 2) < 1e-6", "assert f(x=1) == 2"],
      ...[
        "x = 1\nassert f(x) == 2",
        "for i in range(3):\n  assert f(i) == i",
        "assert g(1) == 2",
        "assert f(1) == f(1)",
      ],
      ...["assert f(1) == 2 == 2", "assert f(1) == 2j", "", "assert f(1) == ", "assert set(f([1])) == {1}"],
    ];
    expect(await rows(...others)).toEqual(others.map(() => null));
  });
});

describe("pythonEquals", () => {
  const VALUES: readonly Plain[] = [
    ...[
      null,
      true,
      false,
      0,
      1,
      -0,
      1.5,
      new Float(1),
      new Float(0),
      2 ** 53,
      2n ** 53n,
      2n ** 53n + 1n,
      10n ** 30n,
      new Float(1e30),
    ],
    ...[
      "",
      "1",
      "a",
      [],
      [1],
      [true],
      [new Float(1)],
      [1, 2],
      new Tuple([]),
      new Tuple([1]),
      new Tuple([1, 2]),
      [[1], [2]],
    ],
    ...[
      new Set<Plain>(),
      new Set([1, 2]),
      new Set([2, 1]),
      new Set([new Float(1), 2]),
      {},
      { a: 1 },
      { a: true },
      { a: 1, b: 2 },
    ],
    ...[
      { b: 2, a: 1 },
      new Map([["a", 1]]),
      new Map([[1, "a"]]),
      new Map<Plain, Plain>([[true, "a"]]),
      new Uint8Array([97]),
      NaN,
    ],
    ...[
      Infinity,
      [NaN],
      new Map(),
      "[1]",
      new Set(["a"]),
      new Set(["a", "b"]),
      new Set(["a,b"]),
      ["a", "b"],
      ["a,b"],
      ['a","b'],
    ],
  ];

  test("says what Python says, for every pair of many values", async (context) => {
    const box = theBox(found, context);
    // two lists, so that no object is compared with itself: Python finds those equal in a list, NaN too
    const run = await call(box, "def f(a, b): return [[x == y for y in b] for x in a]", [VALUES, VALUES], {
      outputKb: 1024,
    });
    const said = run.value as readonly (readonly boolean[])[];
    for (const [i, a] of VALUES.entries()) {
      for (const [j, b] of VALUES.entries()) expect(pythonEquals(a, b), `value ${i} and value ${j}`).toBe(said[i]?.[j]);
    }
  });
});
