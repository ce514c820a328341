/** What every box promises, for Python. Expected values are Python's own, as its documentation and interpreter give them. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DEFAULT_LIMITS } from "../../src/sandbox/limits.ts";
import { Float, Tuple } from "../../src/sandbox/plain.ts";
import { openPythonBox, type PythonBox } from "../../src/sandbox/python/box.ts";
import { call, calls, openHere, programs, theBox } from "./python-here.ts";

let found: PythonBox | string;
beforeAll(async () => {
  found = await openHere();
});
afterAll(async () => {
  if (typeof found !== "string") await found.close();
});

describe("a job of calls", () => {
  test("loads the code once and answers each call in order", async (context) => {
    const box = theBox(found, context);
    const runs = await calls(box, "n = 0\ndef f(x):\n  global n\n  n += 1\n  return [x, n]", [["a"], ["b"]]);
    expect(runs.map(({ id, outcome, value }) => ({ id, outcome, value }))).toEqual([
      { id: "call 0", outcome: "ok", value: ["a", 1] },
      { id: "call 1", outcome: "ok", value: ["b", 2] },
    ]);
  });

  test("calls a method of a fresh instance where the entry is Class.method", async (context) => {
    const code =
      "class Solution:\n  def __init__(self): self.n = 0\n  def f(self, x):\n    self.n += x\n    return self.n";
    const runs = await calls(theBox(found, context), code, [[1], [5]], {}, "Solution.f");
    expect(runs.map(({ value }) => value)).toEqual([1, 5]);
  });

  test("does not run what stands under `if __name__ == '__main__'`", async (context) => {
    const code = "x = 1\nif __name__ == '__main__': x = 2\ndef f(): return x";
    expect((await call(theBox(found, context), code)).value).toBe(1);
  });

  test("keeps what was printed apart from what was returned, call by call", async (context) => {
    const code = "import sys\ndef f(x):\n  print(x, 'ü')\n  print('e', file=sys.stderr)\n  return None";
    const runs = await calls(theBox(found, context), code, [[1], [2]]);
    expect(runs.map(({ stdout, stderr, value }) => [stdout, stderr, value])).toEqual([
      ["1 ü\n", "e\n", null],
      ["2 ü\n", "e\n", null],
    ]);
  });

  test("tells where an exception came from, by the lines of the code alone", async (context) => {
    const code = "def f(x):\n  return g(x)\ndef g(x):\n  return 1 // x";
    const run = await call(theBox(found, context), code, [0]);
    expect(run).toMatchObject({ outcome: "runtime_error", error: "ZeroDivisionError" });
    expect(run.message.split("\n")).toEqual([
      "ZeroDivisionError: integer division or modulo by zero",
      "  line 2, in f: return g(x)",
      "  line 4, in g: return 1 // x",
    ]);
  });

  test("goes on after a run that failed, and stops there when asked to", async (context) => {
    const box = theBox(found, context);
    const code = "def f(x): return 6 // x";
    expect((await calls(box, code, [[1], [0], [3]])).map(({ outcome }) => outcome)).toEqual([
      "ok",
      "runtime_error",
      "ok",
    ]);
    const job = {
      ...({
        language: "python",
        kind: "calls",
        code,
        entry: "f",
        limits: DEFAULT_LIMITS,
        stopAtFailure: true,
      } as const),
      calls: [1, 0, 3].map((x) => ({ id: `${x}`, args: [x] })),
    };
    expect((await box.run(job)).runs.map(({ outcome }) => outcome)).toEqual(["ok", "runtime_error"]);
  });

  test("gives code that does not compile one ending, for every call", async (context) => {
    const runs = await calls(theBox(found, context), "def f(x): return x\nx = 1 +", [[1], [2]]);
    expect(runs.map(({ id, outcome, message }) => [id, outcome, message])).toEqual([
      ["call 0", "compile_error", "SyntaxError: invalid syntax (line 2)"],
      ["call 1", "compile_error", "SyntaxError: invalid syntax (line 2)"],
    ]);
  });

  test("says that a function is missing", async (context) => {
    const run = await call(theBox(found, context), "def g(): pass");
    expect(run).toMatchObject({ outcome: "runtime_error", message: "NameError: the code defines no 'f'" });
  });

  test("a call that ends the interpreter leaves the next one a fresh interpreter", async (context) => {
    const code = "import os\nn = 0\ndef f(x):\n  global n\n  n += 1\n  if x: os._exit(0)\n  return n";
    const runs = await calls(theBox(found, context), code, [[false], [true], [false]]);
    expect(runs.map(({ outcome, value }) => [outcome, value])).toEqual([
      ["ok", 1],
      ["crash", undefined],
      ["ok", 1],
    ]);
  });

  test("draws the same random numbers in every run, whatever ran before", async (context) => {
    const code = "import random\ndef f(): return random.random()";
    const runs = await calls(theBox(found, context), code, [[], []]);
    // python3 -c 'import random; random.seed(0); print(random.random())'
    expect(runs.map(({ value }) => value)).toEqual([0.8444218515250481, 0.8444218515250481]);
  });

  test("hashes texts the same way in every process", async (context) => {
    const box = theBox(found, context);
    const code = "def f(): return [hash('rlvr'), list({'a', 'b', 'c', 'd'})]";
    expect((await call(box, code)).value).toEqual((await call(box, code)).value);
  });

  test("runs that together take too long end in a timeout", async (context) => {
    const code = "import time\ndef f():\n  time.sleep(0.4)\n  return 1";
    const runs = await calls(theBox(found, context), code, [[], [], [], []], { totalMs: 1000 });
    expect(runs).toHaveLength(4);
    expect(runs.at(-1)).toMatchObject({ outcome: "timeout", id: "call 3" });
  });
});

describe("values", () => {
  const same = "def f(x): return x";
  const back = async (box: PythonBox, value: Parameters<typeof call>[2]) => (await call(box, same, value)).value;

  test("come back as they went in", async (context) => {
    const box = theBox(found, context);
    const values = [
      ...[
        null,
        true,
        0,
        -7,
        2.5,
        1e-7,
        Number.MAX_SAFE_INTEGER,
        2n ** 53n,
        -(10n ** 40n),
        "",
        'é\n"\\\u2028😀',
        "\ud800",
      ],
      ...[new Float(2), new Float(1e300), Infinity, -Infinity, NaN, -0, new Tuple([1, new Tuple([])]), new Set([1, 2])],
      ...[new Map([[1, "a"]]), new Uint8Array([0, 255]), [[]], { a: [1] }],
    ];
    expect(await back(box, [values])).toEqual(
      values.map((value) => (plainObject(value) ? { __proto__: null, ...value } : value)),
    );
  });

  test("have the type that Python gives them", async (context) => {
    const code = "def f(*xs): return [type(x).__name__ for x in xs]";
    const args = [
      1,
      new Float(1),
      1.5,
      true,
      undefined,
      new Tuple([]),
      new Set<number>(),
      new Map(),
      {},
      new Uint8Array(),
      2n ** 70n,
    ];
    expect((await call(theBox(found, context), code, args)).value).toEqual(
      ["int", "float", "float", "bool", "NoneType", "tuple", "set", "dict", "dict", "bytes", "int"], // prettier-ignore
    );
  });

  test("tell a dict with other keys than texts, and keys that the encoding itself uses", async (context) => {
    const code = "def f(): return [{1: 'a', (1, 2): 'b'}, {'$': 1}, {'__proto__': 2}, {'a': 1, 'b': 2}]";
    const [numbers, dollar, proto, ordinary] = (await call(theBox(found, context), code)).value as readonly object[];
    expect([...(numbers as Map<unknown, unknown>)]).toEqual([
      [1, "a"],
      [new Tuple([1, 2]), "b"],
    ]);
    expect(Object.entries(dollar as object)).toEqual([["$", 1]]);
    expect(Object.entries(proto as object)).toEqual([["__proto__", 2]]);
    expect(Object.entries(ordinary as object)).toEqual([
      ["a", 1],
      ["b", 2],
    ]);
  });

  test.for([
    ["a Counter", "import collections\ndef f(): return collections.Counter('aab')", { a: 2, b: 1 }],
    ["an OrderedDict", "import collections\ndef f(): return collections.OrderedDict(a=1)", { a: 1 }],
    ["a frozenset", "def f(): return frozenset([1])", new Set([1])],
    ["an int of 10,000 digits", "def f(): return 10**9999", 10n ** 9999n],
  ] as const)("%s of the standard library is the data that it equals", async ([, code, value], context) => {
    const box = theBox(found, context);
    const got = (await call(box, code)).value;
    expect(plainObject(value) ? { ...(got as object) } : got).toEqual(value);
  });

  test.for([
    ["an instance", "class A: pass\ndef f(): return A()", "A"],
    ["a list of a class of its own", "class A(list): pass\ndef f(): return A([1])", "A"],
    ["an int of a class of its own", "class A(int): pass\ndef f(): return [A(1)]", "A"],
    ["one that says it is an int", "class A:\n  __class__ = int\ndef f(): return A()", "A"],
    ["a generator", "def f(): yield 1", "generator"],
    ["a function", "def f(): return f", "function"],
    ["a complex number", "def f(): return 1j", "complex"],
  ] as const)("%s is refused", async ([, code, name], context) => {
    const box = theBox(found, context);
    const run = await call(box, code);
    expect(run).toMatchObject({
      outcome: "runtime_error",
      message: `returned a value of type ${name}, expected plain data`,
    });
  });

  test("that hold themselves, or are deep, long or huge are refused at once", async (context) => {
    const box = theBox(found, context);
    const returned = async (code: string) => (await call(box, code)).outcome;
    expect(await returned("def f():\n  x = []\n  x.append(x)\n  return x")).toBe("runtime_error");
    expect(await returned("def f():\n  x = []\n  for i in range(10**5): x = [x]\n  return x")).toBe("runtime_error");
    expect(await returned("def f():\n  x = 'a'\n  for i in range(64): x = [x, x]\n  return x")).toBe("output_limit");
    expect(await returned("def f(): return 'a' * 10**6")).toBe("output_limit");
    expect(await returned("def f(): return 1 << 10**7")).toBe("output_limit");
  });
});

describe("a program", () => {
  test("reads its input, writes its output, once for each input", async (context) => {
    const runs = await programs(theBox(found, context), "print(int(input()) * 2)", ["21\n", "4"]);
    expect(runs.map(({ id, outcome, stdout }) => [id, outcome, stdout])).toEqual([
      ["input 0", "ok", "42\n"],
      ["input 1", "ok", "8\n"],
    ]);
  });

  test("runs what stands under `if __name__ == '__main__'`", async (context) => {
    const [run] = await programs(theBox(found, context), "def main(): print('ran')\nif __name__ == '__main__': main()");
    expect(run).toMatchObject({ outcome: "ok", stdout: "ran\n" });
  });

  test("reads input of any size, or leaves it unread", async (context) => {
    const box = theBox(found, context);
    const big = "x".repeat(3_000_000);
    expect((await programs(box, "import sys\nprint(len(sys.stdin.read()))", [big]))[0]).toMatchObject({
      stdout: "3000000\n",
    });
    expect((await programs(box, "print('done')", [big]))[0]).toMatchObject({ outcome: "ok", stdout: "done\n" });
  });

  test.for([
    ["an exit status other than 0", "import sys\nprint('x')\nsys.exit(3)", "runtime_error", "exited with status 3"],
    ["an exit status of 0", "import sys\nprint('x')\nsys.exit(0)", "ok", ""],
    ["a text as exit status", "import sys\nprint('x')\nsys.exit('bad')", "runtime_error", "exited with status 1"],
    [
      "an exception",
      "print('x')\n[][1]",
      "runtime_error",
      "IndexError: list index out of range\n  line 2, in <module>: [][1]",
    ],
    [
      "a signal",
      "import os, sys\nprint('x')\nsys.stdout.flush()\nos.kill(os.getpid(), 11)",
      "crash",
      "killed by SIGSEGV",
    ],
    ["a thread that outlives it", "import threading, time\nthreading.Timer(0.2, print, ['x']).start()", "ok", ""],
  ] as const)("%s gives its ending", async ([, code, outcome, message], context) => {
    const box = theBox(found, context);
    const [run] = await programs(box, code);
    expect(run).toMatchObject({ outcome, message, stdout: "x\n" });
  });

  test("that does not compile is not tried again", async (context) => {
    const runs = await programs(theBox(found, context), "x = (", ["", ""]);
    expect(runs.map(({ outcome }) => outcome)).toEqual(["compile_error", "compile_error"]);
  });
});

describe("the box", () => {
  test("refuses jobs that cannot be run at all", async (context) => {
    const box = theBox(found, context);
    const base = { language: "python", kind: "calls", code: "", entry: "f", limits: DEFAULT_LIMITS } as const;
    await expect(box.run({ ...base, calls: [] })).rejects.toThrow("a job has no runs");
    const twice = [
      { id: "a", args: [] },
      { id: "a", args: [] },
    ];
    await expect(box.run({ ...base, calls: twice })).rejects.toThrow("two runs of a job have the same id");
    await expect(box.run({ ...base, language: "javascript", calls: [{ id: "a", args: [] }] })).rejects.toThrow(
      'got code in "javascript", expected "python"',
    );
  });

  test("kills the guest and rejects when the signal aborts", async (context) => {
    const box = theBox(found, context);
    const job = {
      ...({ language: "python", kind: "calls", code: "def f():\n  while True: pass", entry: "f" } as const),
      ...{
        limits: { ...DEFAULT_LIMITS, cpuMs: 60_000, wallMs: 60_000, totalMs: 60_000 },
        calls: [{ id: "a", args: [] }],
      },
    };
    await expect(box.run(job, AbortSignal.timeout(300))).rejects.toThrow("aborted due to timeout");
  });

  test("will not open below the tier that is demanded, nor without a Python", async () => {
    await expect(openPythonBox({ python: "/nowhere/python3" })).rejects.toThrow(/no Python for the boxes.*not found/);
    if (typeof found === "string" || found.tier === "strong") return;
    await expect(openPythonBox({ minTier: "strong" })).rejects.toThrow(/expected "strong" or better/);
  });
});

function plainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
