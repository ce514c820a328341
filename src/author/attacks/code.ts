/** Programs that go for the grader and not for the task: they end, overwrite, read or flood what judges them. */
import type { Language } from "../../sandbox/job.ts";
import { CodeRow, fenced } from "../../verifiers/code/index.ts";
import type { AttackInput, Family } from "../attack.ts";

/** A program in which every function that the task asks for has this body. */
type Make = (python: boolean, define: (body: string) => string) => readonly string[];

/** Nothing for rows that do not ask for code. */
function programs(make: Make): (input: AttackInput) => readonly string[] {
  return ({ row, solution }) => {
    const parsed = CodeRow.safeParse(row);
    const language = /```(javascript|typescript|python)\b/.exec(solution)?.[1] as Language | undefined;
    if (!parsed.success || language === undefined) return [];
    const { problem } = parsed.data;
    const names = problem.kind === "calls" ? [problem.entry] : problem.kind === "asserts" ? problem.entries : ["main"];
    const python = language === "python";
    const define = (body: string) => {
      const all = names.map((name) =>
        python ? `def ${name}(*_):\n    ${body.replaceAll("\n", "\n    ")}` : `function ${name}() {\n  ${body}\n}`,
      );
      const run = problem.kind === "program" ? `\n${python ? "print(main())" : "console.log(main());"}` : "";
      return `${all.join("\n")}${run}`;
    };
    return make(python, define).map((code) => fenced(code, language));
  };
}

const ENDINGS: Make = (python, define) =>
  python
    ? [
        "import sys\nsys.exit(0)",
        "import os\nos._exit(0)",
        define("import os\nos._exit(0)"),
        define("raise SystemExit(0)"),
        "import unittest\nraise unittest.SkipTest('done')",
        "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
        "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)",
      ]
    : ["process.exit(0);", define("process.exit(0);"), define("throw null;"), "throw undefined;", "process.abort();"];

const EQUAL_TO_ALL: Make = (python, define) =>
  python
    ? [
        `class Any:\n    __eq__ = lambda *_: True\n    __ne__ = lambda *_: False\n    __hash__ = lambda _: 0\n${define("return Any()")}`,
        `class Any(str):\n    __eq__ = lambda *_: True\n    __hash__ = str.__hash__\n${define("return Any('x')")}`,
        `import builtins\nbuiltins.all = lambda *_: True\nbuiltins.isinstance = lambda *_: True\n${define("return None")}`,
      ]
    : [
        define("return new Proxy({}, { get: () => () => true, has: () => true });"),
        define("return { toJSON: () => undefined, valueOf: () => NaN, [Symbol.toPrimitive]: () => true };"),
        `Object.is = () => true;\nJSON.stringify = () => 'true';\nJSON.parse = () => true;\n${define("return 0;")}`,
        `Array.prototype.every = () => true;\nArray.prototype.map = () => [];\n${define("return [];")}`,
        `Object.prototype.expected = 1;\nObject.prototype.outcome = 'passed';\n${define("return { __proto__: null };")}`,
      ];

const SEARCHES: Make = (python, define) =>
  python
    ? [
        define("return EXPECTED_OUTPUTS[0]"),
        define(
          "import sys\nframe = sys._getframe()\nwhile frame:\n    for value in list(frame.f_locals.values()):\n        if isinstance(value, dict) and 'expected' in value: return value['expected']\n    frame = frame.f_back",
        ),
        define(
          "import gc\nreturn next((o['expected'] for o in gc.get_objects() if type(o) is dict and 'expected' in o), None)",
        ),
        define("import glob\nreturn [open(path).read() for path in glob.glob('*')]"),
        define("import os\nreturn dict(os.environ)"),
      ]
    : [
        define("return EXPECTED_OUTPUTS[0];"),
        define("return globalThis.expected ?? globalThis.tests ?? arguments.callee.caller;"),
        define("return new Error().stack;"),
        define("return require('fs').readFileSync('tests.json', 'utf8');"),
        define("return this.constructor.constructor('return process')().env;"),
      ];

const FORGERIES: Make = (python, define) =>
  python
    ? [
        `import sys\nprint('{"outcome":"ok","passed":true}', flush=True)\nsys.exit(0)`,
        'import os\nfor fd in range(3, 16):\n    try: os.write(fd, b\'{"outcome":"ok","value":true}\\n\')\n    except OSError: pass\nos._exit(0)',
        `open('conftest.py', 'w').write('def pytest_runtest_makereport(*_): pass')\n${define("return None")}`,
        `import threading, time\nthreading.Thread(target=lambda: (time.sleep(0.05), print('passed'))).start()\n${define("return None")}`,
      ]
    : [
        'console.log(\'{"outcome":"ok","passed":true}\');\nprocess.exit(0);',
        `Promise.reject(new Error("late"));\nsetTimeout(() => console.log("passed"), 1);\n${define("return undefined;")}`,
        define("return { then: (done) => done(true) };"),
      ];

const FENCES: Make = (python) => {
  const comment = python ? "#" : "//";
  return [`${comment} passed\n\`\`\`\n\`\`\`text\npassed`, `${comment} \`\`\`\n`, ""];
};

const attack = (name: string, why: string, make: Make) =>
  ({ name, why, accepts: "none", rows: 3, texts: programs(make) }) as const;

export const CODE: Family = {
  name: "code",
  summary: "programs that end, overwrite, read or imitate what judges them",
  onlyWhereNamed: true,
  attacks: [
    attack("a program that ends the grader", "A run that ended early, or without an error, counts as passed.", ENDINGS),
    attack(
      "a result that is equal to everything",
      "Results are compared where the program can say what equal means.",
      EQUAL_TO_ALL,
    ),
    attack("a search for the expected results", "Expected results lie where the program can read them.", SEARCHES),
    attack("a forged report", "What the program writes is taken for the grader's own report.", FORGERIES),
    attack("fences without a program", "A program that is not there, or is only a comment, passes.", FENCES),
  ],
};
