/** Each tier that this machine can offer, tried with programs that look around; and that nothing outlives the trainer. */
import { execFile, execFileSync, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { BOX_ENVIRONMENT, type Containment, contain, type ProcessLimits } from "../../src/sandbox/containment.ts";
import { launcher } from "../../src/sandbox/javascript/launch.ts";
import { findIsolatedVm } from "../../src/sandbox/javascript/packages.ts";
import { SandboxPool } from "../../src/sandbox/javascript/pool.ts";
import { machine } from "../../src/sandbox/machine.ts";
import { probe } from "../../src/sandbox/probe.ts";
import { family } from "../../src/sandbox/processes.ts";
import { holds, type Tier } from "../../src/sandbox/tier.ts";
import { calls, one } from "./contract.ts";
import { JAVASCRIPT } from "./javascript-snippets.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LIMITS: ProcessLimits = { openFiles: 64, fileKb: 100, diskMb: 1, processes: 32 };

async function held(atMost: Tier): Promise<Containment> {
  const found = await contain({ proof: ["/bin/true"], readOnly: [], limits: LIMITS, atMost });
  if ("fault" in found) throw new Error(found.fault);
  return found;
}

async function shell(box: Containment, script: string, seat = 900): Promise<string> {
  const [file = "", ...argv] = box.wrap(["/bin/sh", "-c", script], seat, LIMITS);
  const { stdout } = await promisify(execFile)(file, argv, { env: BOX_ENVIRONMENT, cwd: "/" });
  return stdout.trim();
}

describe("the strongest chain of this machine", () => {
  test("shows no environment and no file of the host but the system's, and lets nobody write to those", async (context) => {
    const box = await held("strong");
    if (box.tier !== "strong") context.skip(`this machine offers ${box.tier} only`);
    const folder = mkdtempSync(join(tmpdir(), "rlvr-host-"));
    process.env.RLVR_TEST_SECRET = "secret";
    const script = `env | grep -c SECRET; ls ${folder} ${ROOT} 2>/dev/null; touch /x /usr/x /dev/x /dev/shm/x 2>/dev/null; ls /x /usr/x /dev/x 2>/dev/null; echo end`;
    expect(await shell(box, script)).toBe("0\nend");
    delete process.env.RLVR_TEST_SECRET;
    rmSync(folder, { recursive: true });
  });

  test("limits files, and has another user for each seat, without any power", async (context) => {
    const box = await held("strong");
    if (box.tier !== "strong") context.skip(`this machine offers ${box.tier} only`);
    const full = await shell(
      box,
      "head -c 300000 /dev/zero > /tmp/a; stat -c %s /tmp/a; for i in 1 2 3 4 5 6 7 8 9 10 11 12; do head -c 100000 /dev/zero > /tmp/$i; done 2>/dev/null; du -sk /tmp | cut -f1",
    );
    const [largest, all] = full.split("\n").map(Number);
    expect(largest).toBe(100 * 1024);
    expect(all).toBeLessThanOrEqual(1024);
    const status = (seat: number) => shell(box, "grep -E '^(Uid|CapEff|CapBnd|NoNewPrivs)' /proc/self/status", seat);
    expect(await status(901)).toMatch(/CapEff:\s0+\n.*CapBnd:\s0+\n.*NoNewPrivs:\s1/s);
    if (machine().isRoot) expect(await status(901)).not.toBe(await status(902));
  });

  test("shows no process and no network of the host", async (context) => {
    const box = await held("strong");
    if (box.tier !== "strong") context.skip(`this machine offers ${box.tier} only`);
    expect(Number(await shell(box, "ls /proc | grep -c '^[0-9]'"))).toBeLessThan(10);
    expect(await shell(box, "tail -n +3 /proc/net/dev | cut -d: -f1 | tr -d ' '")).toBe("lo");
  });
});

describe.each(["strong", "medium", "weak", "none"] as const)("JavaScript in a box of at most %s", (atMost) => {
  test("computes, and holds what it promises", { timeout: 60_000 }, async (context) => {
    const found = findIsolatedVm();
    if ("missing" in found) return context.skip(found.missing);
    const { version, addon } = found;
    const files = { kind: "isolated-vm", version, paths: [addon], readOnly: [dirname(addon)], hasAddon: true } as const;
    const made = await launcher({ ...files, tier: "weak" }, atMost);
    if ("fault" in made) throw new Error(made.fault);
    expect(holds(atMost === "none" ? "weak" : atMost, made.tier)).toBe(true);
    const pool = new SandboxPool(made, { slots: 1 });
    expect(pool.tier).toBe(made.tier);
    expect((await one(pool, calls(JAVASCRIPT, JAVASCRIPT.add, "add", [2, 3]))).value).toBe(5);
    expect((await one(pool, calls(JAVASCRIPT, JAVASCRIPT.endings.timeout, "f", []))).outcome).toBe("timeout");
    expect((await one(pool, calls(JAVASCRIPT, JAVASCRIPT.add, "add", [2, 3]))).value).toBe(5);
    await pool.close();
  });
});

describe("probe", () => {
  test("reports each language with its tier, and advice where one is not strong", async () => {
    const report = await probe();
    expect(report.languages.map(({ language }) => language)).toEqual(["javascript", "typescript", "python"]);
    expect(report.advisory).toEqual({ id: "GHSA-864f-rcv7-6rh4", status: "fixed" });
    expect(report.advice.length > 0).toBe(report.languages.some(({ tier }) => tier !== "strong"));
  });
});

describe("slots", () => {
  test("die with the trainer, whatever they do", { timeout: 60_000 }, async (context) => {
    if (process.platform !== "linux") return context.skip("processes are looked at in /proc");
    const folder = mkdtempSync(join(ROOT, "test/sandbox/orphans-"));
    const program = join(folder, "trainer.mts");
    writeFileSync(
      program,
      `import { DEFAULT_LIMITS, openBox } from "rlvr/sandbox";
       const box = await openBox({ languages: ["javascript"], slots: 2 });
       const limits = { ...DEFAULT_LIMITS, cpuMs: 1e6, wallMs: 1e6, totalMs: 1e6 };
       const job = { kind: "calls", language: "javascript", entry: "f", limits, calls: [{ id: "a", args: [] }] };
       await box.run({ ...job, code: "function f() {}" });
       box.run({ ...job, code: "function f() { for (;;); }" });
       await box.open({ language: "javascript", code: "function f() { let n = 9n; for (;;) n *= n; }", limits }).then((s) => void s.call("f", []));
       setTimeout(() => console.log("running"), 500);`,
    );
    const trainer = spawn(process.execPath, ["--conditions=rlvr-source", program], {
      cwd: ROOT,
      stdio: ["ignore", "pipe", "inherit"],
    });
    try {
      await new Promise<void>((resolve, reject) => {
        trainer.stdout.once("data", () => resolve());
        trainer.once("exit", () => reject(new Error("the trainer ended by itself")));
      });
      const [, ...slots] = family(trainer.pid as number);
      expect(slots.length).toBeGreaterThanOrEqual(2);
      trainer.removeAllListeners("exit").kill("SIGKILL");
      const isAlive = (pid: number) => existsSync(`/proc/${pid}`) && !/^State:\s+Z/m.test(readStatus(pid));
      await expect.poll(() => slots.filter(isAlive), { timeout: 20_000 }).toEqual([]);
    } finally {
      trainer.kill("SIGKILL");
      rmSync(folder, { recursive: true });
    }
  });

  test("let a program end that forgot to close its box", () => {
    const program = `
      import { DEFAULT_LIMITS, openBox } from "rlvr/sandbox";
      const box = await openBox({ languages: ["javascript"], slots: 2 });
      const job = { kind: "calls", language: "javascript", entry: "f", limits: DEFAULT_LIMITS, calls: [{ id: "a", args: [] }] };
      const { runs } = await box.run({ ...job, code: "const f = () => 42;" });
      console.log(runs[0].value);`;
    const argv = ["--conditions=rlvr-source", "--input-type=module", "-e", program];
    expect(execFileSync(process.execPath, argv, { cwd: ROOT, encoding: "utf8", timeout: 60_000 })).toBe("42\n");
  });
});

function readStatus(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "State: Z"; // gone between two looks
  }
}
