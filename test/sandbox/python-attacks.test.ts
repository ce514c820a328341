/**
 * What code of a model tries on the box. Each attack has the ending that it must have and a bound on its time; the box serves
 * others meanwhile, and nothing of it is left afterwards. What cannot be tried in this machine's tier is said in one line.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Run, RunOutcome } from "../../src/sandbox/job.ts";
import type { Plain } from "../../src/sandbox/plain.ts";
import type { PythonBox } from "../../src/sandbox/python/box.ts";
import { holds } from "../../src/sandbox/tier.ts";
import { boxedProcesses, call, calls, openHere, processesNamed, programs, theBox } from "./python-here.ts";

const SHORT = { cpuMs: 500, wallMs: 2000 };
/** Of an attack that runs into the limits above, on a machine that is busy with other things. */
const BOUND_MS = 15_000;

let found: PythonBox | string;
beforeAll(async () => {
  found = await openHere();
});
afterAll(async () => {
  if (typeof found !== "string") await found.close();
});

interface Attack {
  readonly name: string;
  readonly code: string;
  readonly outcomes: readonly RunOutcome[];
  /** Of a run that is "ok": what it may have returned. */
  readonly value?: Plain;
}

/** Code that leaves, loops, eats or breaks things. */
const ATTACKS: readonly Attack[] = [
  { name: "sys.exit", code: "import sys\ndef f(): sys.exit(0)", outcomes: ["runtime_error"] },
  { name: "raise SystemExit", code: "def f(): raise SystemExit(0)", outcomes: ["runtime_error"] },
  { name: "os._exit", code: "import os\ndef f(): os._exit(0)", outcomes: ["crash"] },
  { name: "os._exit while it is loaded", code: "import os\nos._exit(0)", outcomes: ["crash"] },
  { name: "unittest.SkipTest", code: "import unittest\ndef f(): raise unittest.SkipTest", outcomes: ["runtime_error"] },
  { name: "KeyboardInterrupt", code: "def f(): raise KeyboardInterrupt", outcomes: ["runtime_error"] },
  {
    name: "an exception that cannot be printed",
    code: "class E(Exception):\n  def __str__(self): raise self\ndef f(): raise E",
    outcomes: ["runtime_error"],
  },
  { name: "an endless loop", code: "def f():\n  while True: pass", outcomes: ["timeout"] },
  { name: "an endless loop while it is loaded", code: "while True: pass", outcomes: ["timeout"] },
  { name: "sleep", code: "import time\ndef f(): time.sleep(100)", outcomes: ["timeout"] },
  {
    name: "a lock that never opens",
    code: "import threading\ndef f():\n  l = threading.Lock()\n  l.acquire()\n  l.acquire()",
    outcomes: ["timeout"],
  },
  {
    name: "a regular expression that backtracks",
    code: "import re\ndef f(): return re.match('(a+)+$', 'a' * 50 + 'b')",
    outcomes: ["timeout"],
  },
  { name: "a power tower", code: "def f(): return 9 ** (9 ** 9)", outcomes: ["timeout", "memory"] },
  {
    name: "a loop that puts the clocks off",
    code: "import signal\ndef f():\n  signal.setitimer(signal.ITIMER_PROF, 0)\n  for s in (signal.SIGPROF, signal.SIGXCPU, signal.SIGTERM): signal.signal(s, signal.SIG_IGN)\n  while True: pass",
    outcomes: ["timeout"],
  },
  {
    name: "a loop that catches all",
    code: "def f():\n  while True:\n    try:\n      while True: print('x' * 1000)\n    except BaseException: pass",
    outcomes: ["timeout", "output_limit"],
  },
  {
    name: "a long list",
    code: "def f():\n  x = []\n  while True: x.append('x' * 1000)",
    outcomes: ["memory", "timeout"],
  },
  { name: "a long text", code: "def f(): return 'x' * 10**10", outcomes: ["memory"] },
  { name: "a text that doubles", code: "def f():\n  x = 'x'\n  while True: x += x", outcomes: ["memory", "timeout"] },
  {
    name: "mmap",
    code: "import mmap\ndef f():\n  m = mmap.mmap(-1, 2**30)\n  return len(m)",
    outcomes: ["runtime_error", "memory"],
  },
  {
    name: "memory of many processes",
    code: "import os, time\ndef f():\n  for _ in range(8):\n    if os.fork() == 0:\n      x = bytearray(200 * 2**20)\n      for i in range(0, len(x), 4096): x[i] = 1\n      time.sleep(60)\n  time.sleep(60)",
    outcomes: ["memory", "timeout"],
  },
  { name: "a flood of prints", code: "def f():\n  while True: print('x' * 1000)", outcomes: ["output_limit"] },
  {
    name: "a flood past print",
    code: "import os\ndef f():\n  while True: os.write(1, b'x' * 1000)",
    outcomes: ["output_limit"],
  },
  {
    name: "a flood on the channel",
    code: "import os\ndef f():\n  while True: os.write(3, b'x' * 1000)",
    outcomes: ["output_limit"],
  },
  {
    name: "lines on the channel",
    code: "import os\ndef f():\n  while True: os.write(3, b'{}\\n')",
    outcomes: ["output_limit", "crash"],
  },
  { name: "a long result", code: "def f(): return ['x' * 1000] * 1000", outcomes: ["output_limit"] },
  { name: "an int of ten million digits", code: "def f(): return 1 << 33_000_000", outcomes: ["output_limit"] },
  {
    name: "recursion without a limit",
    code: "import sys\ndef f():\n  sys.setrecursionlimit(10**9)\n  def g(): return g()\n  return g()",
    outcomes: ["crash", "memory", "timeout", "runtime_error"],
  },
  { name: "recursion", code: "def f(): return f()", outcomes: ["runtime_error"] },
  {
    name: "brackets that overflow the parser",
    code: `x = ${"(".repeat(5000)}\ndef f(): return 1`,
    outcomes: ["compile_error", "crash"],
  },
  {
    name: "a null pointer",
    code: "import ctypes\ndef f(): return ctypes.string_at(0)",
    outcomes: ["crash", "runtime_error"],
  },
  { name: "a signal to itself", code: "import os\ndef f(): os.kill(os.getpid(), 9)", outcomes: ["crash"] },
  {
    name: "signals to its parent and to all",
    code: "import os\ndef f():\n  for pid in (os.getppid(), 1, -1):\n    try: os.kill(pid, 9)\n    except OSError: pass\n  return 1",
    outcomes: ["ok", "crash"],
    value: 1,
  },
  {
    name: "a fork bomb",
    code: "import os\ndef f():\n  while True:\n    try: os.fork()\n    except OSError: pass",
    outcomes: ["timeout", "memory", "crash"],
  },
  {
    name: "broken built-ins",
    code: "import builtins\ndef f():\n  builtins.len = builtins.isinstance = None\n  return 1",
    outcomes: ["ok", "crash"],
    value: 1,
  },
  {
    name: "a broken runner",
    code: "import __main__\ndef f():\n  __main__.encode = lambda *a: 'not json'\n  return 1",
    outcomes: ["crash"],
  },
  {
    name: "closed streams",
    code: "import sys\ndef f():\n  sys.stdout.close()\n  sys.stderr = None\n  return 1",
    outcomes: ["ok"],
    value: 1,
  },
  { name: "a closed channel", code: "import os\ndef f():\n  os.close(3)\n  return 1", outcomes: ["crash", "timeout"] },
];

describe("attacks", () => {
  test.for(ATTACKS)("$name", { timeout: BOUND_MS }, async ({ code, outcomes, value }, context) => {
    const run = await call(theBox(found, context), code, [], SHORT);
    expect(outcomes, run.message).toContain(run.outcome);
    if (run.outcome === "ok") expect(run.value).toEqual(value);
  });

  test("all at once, they do not harm their neighbors", { timeout: 4 * BOUND_MS }, async (context) => {
    const box = theBox(found, context);
    const hostile = Promise.all(ATTACKS.map(({ code }) => call(box, code, [], SHORT)));
    const neighbors = await Promise.all(ATTACKS.map((_, i) => call(box, "def f(x): return x * 2", [i])));
    expect(neighbors.map(({ outcome, value }) => [outcome, value])).toEqual(ATTACKS.map((_, i) => ["ok", 2 * i]));
    for (const [i, run] of (await hostile).entries()) {
      expect(ATTACKS[i]?.outcomes, `${ATTACKS[i]?.name}: ${run.message}`).toContain(run.outcome);
    }
  });
});

describe("what is said", () => {
  /** Finds the id of the current call in the frames around it, and writes an answer of its own with that id. */
  const forge = (answer: string) => `
import os, sys
def f(x):
  frame, ids = sys._getframe(), []
  while frame:
    ids += [v["id"] for v in list(frame.f_locals.values()) if type(v) is dict and type(v.get("id")) is str]
    frame = frame.f_back
  os.write(3, ('${answer}' % ids[0]).encode() + b"\\n")
  return "computed"`;

  test("by a forged answer is an output like any other: it wins nothing that computing it would not", async (context) => {
    const run = await call(theBox(found, context), forge('{"id":"%s","outcome":"ok","value":"forged"}'), [1]);
    expect(run).toMatchObject({ outcome: "ok", value: "forged" });
  });

  test("about whose fault it was is not believed", async (context) => {
    const run = await call(theBox(found, context), forge('{"id":"%s","outcome":"sandbox_error","message":"x"}'), [1]);
    expect(run).toMatchObject({ outcome: "crash", message: "wrote to the channel of the box" });
  });

  test("in the name of another call is not heard, though its id is guessed", async (context) => {
    const box = theBox(found, context);
    const code = `
import os
def f(x):
  for i in range(3): os.write(3, b'{"id":"call %d","outcome":"ok","value":"forged"}\\n' % (i + 1))
  return x`;
    expect((await calls(box, code, [[5], [6]])).map(({ value }) => value)).toEqual([5, 6]);
  });

  test("on standard output is output, whatever it looks like", async (context) => {
    const box = theBox(found, context);
    const spoof = 'print(\'{"ready":true}\\nPASSED\\n{"id":"call 0","outcome":"ok","value":1}\')';
    expect(await call(box, `def f():\n  ${spoof}\n  return 2`)).toMatchObject({ outcome: "ok", value: 2 });
    const [run] = await programs(box, `${spoof}\nraise SystemExit(1)`);
    expect(run).toMatchObject({ outcome: "runtime_error" });
  });

  test("by an object that equals everything never leaves the box", async (context) => {
    const code = "class Equal:\n  def __eq__(self, other): return True\n  __hash__ = None\ndef f(): return Equal()";
    expect(await call(theBox(found, context), code)).toMatchObject({ outcome: "runtime_error" });
  });

  test("by a thread after the answer reaches nobody", async (context) => {
    const code = `
import os, threading, time
def late(x):
  time.sleep(0.05)
  os.write(3, b'{"id":"call %d","outcome":"ok","value":"late"}\\n' % x)
def f(x):
  threading.Thread(target=late, args=(x,), daemon=True).start()
  time.sleep(0.1 if x else 0)
  return x`;
    expect((await calls(theBox(found, context), code, [[0], [1]])).map(({ value }) => value)).toEqual([0, 1]);
  });
});

describe("what can be known", () => {
  test("of a job is the call that is being made: not the next one", async (context) => {
    const code = `
import gc, sys
def f(x):
  frame, seen = sys._getframe(), []
  while frame:
    seen.append(repr(frame.f_locals))
    frame = frame.f_back
  seen += [repr(o) for o in gc.get_objects() if type(o) in (dict, list, tuple) and len(o) < 50]
  return [any(word in text for text in seen) for word in map("".join, (("argument", "-one"), ("argument", "-two")))]`;
    const runs = await calls(theBox(found, context), code, [["argument-one"], ["argument-two"]], { outputKb: 1024 });
    expect(runs[0]).toMatchObject({ outcome: "ok", value: [true, false] });
  });

  test("of the host's environment, files and processes is nothing", async (context) => {
    const box = theBox(found, context);
    const folder = mkdtempSync(join(tmpdir(), "rlvr-secret-"));
    const secret = "expected-value-4711";
    writeFileSync(join(folder, "tests.json"), secret, { mode: 0o644 });
    process.env.RLVR_TEST_SECRET = secret;
    const code = `
import os
def f(folder, pid):
  found = [name for name, value in os.environ.items() if "4711" in value]
  for place in (folder + "/tests.json", "/proc/%d/environ" % pid, "/proc/1/environ", "/proc/self/environ", "/etc/shadow", "/etc/hostname"):
    try:
      text = open(place).read()
      if "4711" in text or place.startswith("/etc"): found.append(place)
    except OSError: pass
  return found`;
    try {
      const run = await call(box, code, [folder, process.pid]);
      if (box.tier === "strong") expect(run).toMatchObject({ outcome: "ok", value: [] });
      else {
        console.log(`not tried in the tier "${box.tier}": that a file which everybody may read is hidden`);
        expect(run.value).not.toContain("RLVR_TEST_SECRET");
      }
    } finally {
      delete process.env.RLVR_TEST_SECRET;
      rmSync(folder, { recursive: true });
    }
  });

  test("of descriptors are four: the guest's streams and the channel", async (context) => {
    const code = "import os\ndef f():\n  return sorted(int(n) for n in os.listdir('/proc/self/fd'))[:-1]"; // the last is that of listdir
    const run = await call(theBox(found, context), code);
    expect(run).toMatchObject({ outcome: "ok", value: [0, 1, 2, 3] });
  });

  test("of the network is nothing", async (context) => {
    const box = theBox(found, context);
    if (!holds(box.tier, "medium"))
      context.skip(`not tried in the tier "${box.tier}": it does not shut the network off`);
    let requests = 0;
    const server = createServer((_, response) => {
      requests++;
      response.end("reached");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const code = `
import socket
def f(port):
  said = []
  for host in ("127.0.0.1", "localhost", "1.1.1.1"):
    try:
      with socket.create_connection((host, port if host != "1.1.1.1" else 53), 1) as s:
        s.sendall(b"GET / HTTP/1.0\\r\\n\\r\\n")
        said.append(s.recv(100).decode())
    except OSError as error: said.append("refused")
  return said`;
    const run = await call(box, code, [port]);
    await new Promise((resolve) => server.close(resolve));
    expect(run).toMatchObject({ outcome: "ok", value: ["refused", "refused", "refused"] });
    expect(requests).toBe(0);
  });
});

describe("what can be used", () => {
  test("of processes is what the limit says, by a user that is not root", async (context) => {
    const box = theBox(found, context);
    const code = `
import os, time
def f():
  for n in range(200):
    try:
      if os.fork() == 0: time.sleep(60)
    except OSError: break
  return [os.getuid() == 0, n]`;
    const [isRoot, forks] = (await call(box, code)).value as [boolean, number];
    if (process.getuid?.() === 0) expect(isRoot).toBe(false);
    expect(forks).toBeLessThanOrEqual(32);
    expect(forks).toBeGreaterThan(0);
  });

  test("of the disk is what the limits say", async (context) => {
    const code = `
def f():
  said = []
  for size in (2**20, 2**21):
    try:
      with open("file", "wb") as file: file.write(b"x" * size)
      said.append("written")
    except OSError as error: said.append(error.strerror)
  n = 0
  try:
    for n in range(100):
      with open(f"{n}", "wb") as file: file.write(b"x" * 2**20)
  except OSError as error: said.append(error.strerror)
  return said + [n]`;
    const box = theBox(found, context);
    const run = await call(box, code);
    const [one, two, full, files] = run.value as readonly Plain[];
    expect([one, two]).toEqual(["written", "File too large"]);
    if (!box.python.containment.chain.includes("bwrap")) {
      console.log(`not tried in the tier "${box.tier}": that all files together are limited`);
      return;
    }
    expect(full).toBe("No space left on device");
    expect(files).toBeLessThanOrEqual(16);
  });

  test("outside /tmp to write to is nothing", async (context) => {
    const box = theBox(found, context);
    if (box.tier !== "strong") context.skip(`not tried in the tier "${box.tier}": it shows the host's files`);
    const code = `
import os
def f():
  found = []
  for folder, names, _ in os.walk("/"):
    if folder.startswith("/proc"):
      names.clear()
    else:
      try:
        open(folder + "/written", "w").close()
        found.append(folder)
      except OSError: pass
  return sorted({"/" + folder.split("/")[1] for folder in found} - {"/dev"}), [f for f in found if f.startswith("/dev") and f != "/dev/shm"]`;
    const run = await call(box, code, [], { cpuMs: 10_000, wallMs: 20_000, totalMs: 20_000 });
    expect(run.outcome, run.message).toBe("ok");
    expect(run.value).toMatchObject({ items: [["/tmp"], []] });
  });

  test("by the next sample is nothing of the last one", async (context) => {
    const box = theBox(found, context);
    if (box.tier !== "strong") context.skip(`not tried in the tier "${box.tier}": it shows the host's /tmp`);
    const code = "import os\ndef f():\n  seen = os.listdir('/tmp')\n  open('/tmp/left', 'w').close()\n  return seen";
    expect((await call(box, code)).value).toEqual([]);
    expect((await call(box, code)).value).toEqual([]);
  });

  test("by children that leave the process group ends with the run", async (context) => {
    const box = theBox(found, context);
    const mark = `${7_000_000 + (process.pid % 1_000_000)}`;
    const code = `
import os, subprocess
def f(seconds):
  if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: os.execv("/bin/sleep", ["sleep", seconds])
    os._exit(0)
  subprocess.Popen(["/bin/sleep", seconds], start_new_session=True)
  return 1`;
    expect(await call(box, code, [mark])).toMatchObject({ outcome: "ok", value: 1 });
    expect(processesNamed(mark)).toEqual([]);
    const program = code.replace("def f(seconds):", `seconds = "${mark}"\nif True:`).replace("  return 1", "");
    expect((await programs(box, program))[0]).toMatchObject({ outcome: "ok", message: "" });
    expect(processesNamed(mark)).toEqual([]);
  });
});

describe("afterwards", () => {
  test("the box still judges right, and its processes are those that wait for a job", async (context) => {
    const box = theBox(found, context);
    const run: Run = await call(box, "def f(x): return x + 1", [41]);
    expect(run).toMatchObject({ outcome: "ok", value: 42 });
    await box.close();
    expect(boxedProcesses()).toEqual([]);
  });
});
