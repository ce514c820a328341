/** What the box keeps by itself, where no tool of the machine helps: the tier "none", made here by leaving every tool out. */
import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PythonBox } from "../../src/sandbox/python/box.ts";
import { boxedProcesses, call, calls, openHere, processesNamed, programs, theBox } from "./python-here.ts";

let found: PythonBox | string;
let bare: PythonBox | string;
beforeAll(async () => {
  found = await openHere();
  if (typeof found === "string") bare = found;
  else {
    const containment = { tier: "none", chain: "nothing", wrap: (argv: readonly string[]) => [...argv] } as const;
    bare = new PythonBox({ ...found.python, containment }, 2, 1);
    await found.close();
  }
});
afterAll(async () => {
  if (typeof bare !== "string") await bare.close();
});

describe("without any tool", () => {
  test("runs calls and programs, and names its tier", async (context) => {
    const box = theBox(bare, context);
    expect(box.tier).toBe("none");
    expect((await call(box, "def f(x): return x + 1", [1])).value).toBe(2);
    expect((await programs(box, "print(input())", ["a\n"]))[0]).toMatchObject({ outcome: "ok", stdout: "a\n" });
  });

  test("still ends loops, floods and memory of many processes", async (context) => {
    const box = theBox(bare, context);
    const limits = { cpuMs: 300, wallMs: 3000, addressSpaceMb: 256 };
    expect(await call(box, "def f():\n  while True: pass", [], limits)).toMatchObject({ outcome: "timeout" });
    const flood = await call(box, "import os\ndef f():\n  while True: os.write(1, b'x' * 1000)", [], limits);
    expect(flood).toMatchObject({ outcome: "output_limit" });
    if (process.platform !== "linux") return;
    const memory = `
import os, time
def f():
  for _ in range(4):
    if os.fork() == 0:
      x = bytearray(100 * 2**20)
      for i in range(0, len(x), 4096): x[i] = 1
      time.sleep(60)
  time.sleep(60)`;
    expect(await call(box, memory, [], { ...limits, cpuMs: 2000, wallMs: 10_000 })).toMatchObject({
      outcome: "memory",
    });
    expect(boxedProcesses().length).toBeLessThanOrEqual(1); // a spare
  });

  test("finds children that left the process group by their mark", async (context) => {
    const box = theBox(bare, context);
    if (process.platform !== "linux") context.skip("not tried: only Linux shows the environment of other processes");
    const mark = `${8_000_000 + (process.pid % 1_000_000)}`;
    const code = `
import os, subprocess, time
def f(seconds):
  if os.fork() == 0:
    os.setsid()
    if os.fork() == 0: os.execv("/bin/sleep", ["sleep", seconds])
    os._exit(0)
  time.sleep(0.2)
  return 1`;
    expect((await call(box, code, [mark])).value).toBe(1);
    expect(processesNamed(mark)).toEqual([]);
  });

  test("gives each sample a folder of its own and takes it away", async (context) => {
    const box = theBox(bare, context);
    const before = folders();
    const code = "import os\ndef f():\n  open('left', 'w').close()\n  return os.listdir('.')";
    expect((await call(box, code)).value).toEqual(["left"]);
    expect((await call(box, code)).value).toEqual(["left"]);
    await box.close();
    expect(folders().filter((name) => !before.includes(name))).toEqual([]);
    await expect(calls(box, code)).rejects.toThrow("the box is closed");
  });
});

function folders(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith("rlvr-box-"));
}
