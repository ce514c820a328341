/** What the pool makes of slots that lie, die or never start: nobody gains by it, and the next job has a good slot. */
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { findRuntime } from "../../src/sandbox/javascript/box.ts";
import type { Launcher } from "../../src/sandbox/javascript/launch.ts";
import { SandboxPool } from "../../src/sandbox/javascript/pool.ts";
import type { Box, Run } from "../../src/sandbox/job.ts";
import { openBox } from "../../src/sandbox/open.ts";
import { calls, SHORT } from "./contract.ts";
import { JAVASCRIPT } from "./javascript-snippets.ts";

const HOSTILE = fileURLToPath(new URL("./hostile-slot.mts", import.meta.url));
const LIMITS = { ...SHORT, cpuMs: 300, wallMs: 600 };

function hostile(...behaviors: string[]): Launcher {
  let starts = 0;
  const behavior = () => behaviors[Math.min(starts++, behaviors.length - 1)] as string;
  return { tier: "none", chain: "nothing", argv: () => [process.execPath, HOSTILE, behavior()] };
}

async function runsOf(launcher: Launcher): Promise<readonly Run[]> {
  const pool = new SandboxPool(launcher, { slots: 1 });
  try {
    const { runs } = await pool.run({ ...calls(JAVASCRIPT, JAVASCRIPT.add, "add", [1, 2], [3, 4]), limits: LIMITS });
    expect(runs.map(({ id }) => id)).toEqual(["#0", "#1"]);
    return runs;
  } finally {
    await pool.close();
  }
}

describe("a slot that a guest has taken over", () => {
  test.each([
    "no JSON",
    "another shape",
    "an unknown outcome",
    "another job",
    "another id",
    "an id out of turn",
    "runs left out",
    "a value that is none",
    "a line without end",
    "a tester's words",
    "the machine blamed",
    "an exit",
  ])("is charged with a crash for %s", async (behavior) => {
    const runs = await runsOf(hostile(behavior));
    expect(runs.map(({ outcome, value }) => [outcome, value])).toEqual(Array(2).fill(["crash", undefined]));
  });

  test("is charged with a crash for an id twice, after what it had said", async () => {
    expect((await runsOf(hostile("an id twice"))).map(({ outcome }) => outcome)).toEqual(["ok", "crash"]);
  });

  test("runs out of time when it says nothing at all", async () => {
    expect((await runsOf(hostile("nothing at all"))).map(({ outcome }) => outcome)).toEqual(["timeout", "timeout"]);
  });

  test("cannot change an answer that it gave", async () => {
    expect((await runsOf(hostile("more after it is done"))).map(({ value }) => value)).toEqual([42, 42]);
  });
});

describe("a slot that fails before guest code ran", () => {
  test("is our fault, after one more try on a new one", async () => {
    const runs = await runsOf(hostile("an exit before it began"));
    expect(runs.map(({ outcome }) => outcome)).toEqual(["sandbox_error", "sandbox_error"]);
    const second = await runsOf(hostile("an exit before it began", "more after it is done"));
    expect(second.map(({ value }) => value)).toEqual([42, 42]);
  });

  test.each(["a wrong control"])("is our fault with %s, and says what was wrong", async (behavior) => {
    const [run] = await runsOf(hostile(behavior));
    expect(run).toMatchObject({ outcome: "sandbox_error", message: "a slot says 2 + 3 = 6" });
  });

  test("is our fault where no process starts at all", async () => {
    const [run] = await runsOf({ tier: "none", chain: "nothing", argv: () => ["/no/such/program"] });
    expect(run).toMatchObject({ outcome: "sandbox_error" });
    expect(run?.message).toContain("ENOENT");
  });

  test("is our fault where crashing turns out to be what slots do here", async () => {
    const runs = await runsOf(hostile("an exit", "a wrong control"));
    expect(runs.map(({ outcome }) => outcome)).toEqual(["sandbox_error", "sandbox_error"]);
  });
});

describe("a pool", () => {
  let box: Box;
  beforeAll(async () => {
    box = await openBox({ languages: ["javascript"], slots: 2 });
  });
  afterAll(() => box?.close());

  test("serves many jobs that come at once, each with its own answers", async () => {
    const jobs = Array.from({ length: 100 }, (_, n) =>
      box.run(calls(JAVASCRIPT, JAVASCRIPT.add, "add", [n, 1], [n, 2])),
    );
    const values = (await Promise.all(jobs)).map(({ runs }) => runs.map(({ value }) => value));
    expect(values).toEqual(Array.from({ length: 100 }, (_, n) => [n + 1, n + 2]));
  });

  test("lets jobs that wait be aborted, and those behind them go on", async () => {
    const endless = calls(JAVASCRIPT, JAVASCRIPT.endings.timeout, "f", []);
    const busy = [box.run(endless), box.run(endless)];
    const abort = new AbortController();
    const waiting = box.run(endless, abort.signal);
    const behind = box.run(calls(JAVASCRIPT, JAVASCRIPT.add, "add", [1, 2]));
    abort.abort(new Error("not needed any more"));
    await expect(waiting).rejects.toThrow("not needed any more");
    expect((await behind).runs[0]?.value).toBe(3);
    await Promise.all(busy);
  });

  test("keeps what one job may write in bounds, all runs together", async () => {
    const job = calls(JAVASCRIPT, "const f = () => 'x'.repeat(3000);", "f", [], [], [], []);
    const { runs } = await box.run({ ...job, limits: { ...SHORT, jobOutputKb: 5 } });
    expect(runs.map(({ outcome }) => outcome)).toEqual(["ok", "output_limit", "output_limit", "output_limit"]);
  });

  test("gives up what runs in it when it is closed", async () => {
    const other = await openBox({ languages: ["javascript"], slots: 1 });
    const endless = other.run(calls(JAVASCRIPT, JAVASCRIPT.endings.timeout, "f", []));
    const refused = expect(endless).rejects.toThrow("the box is closed");
    setTimeout(() => other.close(), 100);
    await refused;
  });

  test("finds and proves its runtimes", async () => {
    for (const name of ["isolated-vm", "quickjs"] as const) {
      const found = await findRuntime(name);
      expect(found).toMatchObject({ name, version: expect.stringMatching(/^\d+\.\d+\.\d+$/) });
      expect("missing" in found).toBe(false);
    }
  });

  test("is refused below the tier that is demanded, with what to do", async () => {
    await expect(openBox({ languages: [], slots: 1 })).rejects.toThrow("no language");
    await expect(openBox({ languages: ["python"], runtime: "quickjs" })).rejects.toThrow("does not run python");
  });
});
