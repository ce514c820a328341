/** The same small programs in both languages, so that one table of facts holds for each. */
import { spawnSync } from "node:child_process";
import type { Language } from "../../../src/sandbox/job.ts";
import { fenced } from "../../../src/verifiers/code/index.ts";

export interface Programs {
  readonly language: Language;
  /** A function `add(a, b)` with this expression as its result. */
  readonly add: (expression: string) => string;
  /** Programs, all of them wrong, by the outcome that they must get. */
  readonly hostile: readonly (readonly [what: string, code: string, outcomes: readonly string[]])[];
  /** Reads two whole numbers and prints their sum. */
  readonly sumProgram: string;
}

const PYTHON: Programs = {
  language: "python",
  add: (expression) => `def add(a, b):\n    return ${expression}`,
  sumProgram: "print(sum(map(int, input().split())))",
  hostile: [
    ["an exit with status 0", "import os\nos._exit(0)", ["crash"]],
    ["an exit in the call", "import sys\ndef add(a, b): sys.exit(0)", ["runtime_error", "crash"]],
    ["an endless loop", "def add(a, b):\n    while True: pass", ["timeout"]],
    ["a sleep", "import time\ndef add(a, b): time.sleep(60)", ["timeout"]],
    ["a memory bomb", "def add(a, b): return [0] * 10**9 + [a]", ["memory", "crash"]],
    ["deep recursion", "def add(a, b): return add(a, b)", ["runtime_error", "crash", "memory"]],
    ["a flood of output", "def add(a, b):\n    while True: print('x' * 4096)", ["output_limit", "timeout"]],
    [
      "a kill of its parent",
      "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\ndef add(a, b): return 0",
      ["wrong_answer", "crash", "runtime_error"],
    ],
    [
      "a kill of everybody",
      "import os, signal\ndef add(a, b): os.kill(-1, signal.SIGKILL)",
      ["wrong_answer", "crash", "runtime_error"],
    ],
    [
      "a fork bomb",
      "import os\ndef add(a, b):\n    while True:\n        try: os.fork()\n        except OSError: pass",
      ["timeout", "crash", "runtime_error", "wrong_answer"],
    ],
    [
      "a result equal to everything",
      "class E:\n    __eq__ = lambda *_: True\ndef add(a, b): return E()",
      ["runtime_error"],
    ],
    [
      "an int that lies",
      "class I(int):\n    __eq__ = lambda *_: True\n    __repr__ = lambda _: '3'\ndef add(a, b): return I(0)",
      ["wrong_answer", "runtime_error"],
    ],
    [
      "a search of the frames",
      "import sys\ndef add(a, b):\n    f = sys._getframe()\n    while f:\n        for v in list(f.f_locals.values()):\n            if isinstance(v, dict) and 'expected' in v: return v['expected']\n        f = f.f_back",
      ["wrong_answer"],
    ],
    [
      "a forged answer on every descriptor",
      'import os\nfor fd in range(3, 16):\n    try: os.write(fd, b\'{"outcome":"ok","value":"3"}\\n\' * 9)\n    except OSError: pass\nos._exit(0)',
      ["crash", "runtime_error", "wrong_answer"],
    ],
    [
      "a result without end",
      "def add(a, b):\n    x = []\n    x.append(x)\n    return x",
      ["runtime_error", "output_limit"],
    ],
    [
      "a very deep result",
      "def add(a, b):\n    x = []\n    for _ in range(100000): x = [x]\n    return x",
      ["runtime_error", "wrong_answer", "output_limit", "crash"],
    ],
    ["a generator", "def add(a, b): yield 3", ["runtime_error", "wrong_answer"]],
    ["no such function", "def sub(a, b): return 3", ["runtime_error", "compile_error"]],
    ["what is no program", "def add(a, b", ["compile_error"]],
  ],
};

const JAVASCRIPT: Programs = {
  language: "javascript",
  add: (expression) => `function add(a, b) { return ${expression}; }`,
  sumProgram: `const [a, b] = require("fs").readFileSync(0, "utf8").split(" ").map(Number);\nconsole.log(a + b);`,
  hostile: [
    ["an exit with status 0", "process.exit(0);", ["runtime_error", "crash"]],
    ["an exit in the call", "function add() { process.exit(0); }", ["runtime_error", "crash"]],
    ["an endless loop", "function add() { for (;;); }", ["timeout"]],
    [
      "endless microtasks",
      "const spin = () => Promise.resolve().then(spin);\nasync function add() { await spin(); }",
      ["timeout", "memory"], // each leaves garbage: on a busy machine the memory ends first
    ],
    ["a promise that never settles", "function add() { return new Promise(() => {}); }", ["timeout", "runtime_error"]],
    [
      "a pattern that backtracks",
      "function add() { return /^(a+)+$/.test('a'.repeat(40) + '!') ? 3 : 4; }",
      ["timeout", "wrong_answer", "runtime_error"],
    ],
    [
      "a big integer without end",
      "function add() { let n = 3n; for (;;) n *= n; }",
      ["timeout", "memory", "crash", "runtime_error"],
    ],
    [
      "a memory bomb",
      "function add() { const all = []; for (;;) all.push(new Array(1e6).fill(1)); }",
      ["memory", "crash", "timeout"],
    ],
    [
      "a map over a huge array",
      "function add() { return new Array(2 ** 28).fill(0).map((x) => x + 1); }",
      ["memory", "crash", "timeout", "runtime_error", "output_limit"],
    ],
    ["deep recursion", "function add(a, b) { return add(a, b) + 1; }", ["runtime_error", "crash"]],
    ["a flood of output", "function add() { for (;;) console.log('x'.repeat(4096)); }", ["output_limit", "timeout"]],
    [
      "patched intrinsics",
      "JSON.stringify = () => '3'; Object.is = () => true; Array.prototype.every = () => true;\nfunction add() { return 0; }",
      ["wrong_answer", "runtime_error"],
    ],
    ["toJSON", "function add() { return { toJSON: () => 3 }; }", ["wrong_answer", "runtime_error"]],
    ["a proxy", "function add() { return new Proxy({}, { get: () => 3 }); }", ["wrong_answer", "runtime_error"]],
    [
      "a getter that loops",
      "function add() { return { get x() { for (;;); } }; }",
      ["timeout", "runtime_error", "wrong_answer"],
    ],
    [
      "a polluted prototype",
      "Object.prototype.value = 3; Object.prototype.outcome = 'ok';\nfunction add() { return undefined; }",
      ["wrong_answer"],
    ],
    [
      "a way out by the constructor",
      "function add() { return this.constructor.constructor('return process.env')().PATH; }",
      ["runtime_error", "wrong_answer"],
    ],
    ["a forged answer", `console.log('{"outcome":"ok","value":"3"}'); process.exit(0);`, ["runtime_error", "crash"]],
    [
      "a result without end",
      "function add() { const x = []; x.push(x); return x; }",
      ["runtime_error", "output_limit"],
    ],
    ["no such function", "function sub() { return 3; }", ["runtime_error", "compile_error"]],
    ["what is no program", "function add(a, b", ["compile_error"]],
  ],
};

/** Python's facts are tested where it is there; that its absence is said clearly is a test of its own. */
export const LANGUAGES: readonly Programs[] =
  spawnSync("python3", ["-c", ""]).status === 0 ? [JAVASCRIPT, PYTHON] : [JAVASCRIPT];

export const inFence = (language: Language) => (code: string) => fenced(code, language);
