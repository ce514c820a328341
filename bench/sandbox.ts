/**
 * Speed and soundness of the JavaScript boxes:
 *
 *   node --conditions=rlvr-source bench/sandbox.ts [--minutes 1] [--slots cores] [--runtime isolated-vm] [--write]
 *
 * First warm samples of three calls each, each sample in an isolate of its own: samples a second with all slots busy, and the
 * time from asking to answer of a slot that is free. Then a soak: hostile samples among right and wrong ones, more of them than
 * slots, each with the endings that it may have. What counts is that no ending is another one, that no slot is lost, and that
 * neither memory nor processes nor open files grow. With --write the figures go to bench/results/sandbox.json.
 */
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Rng } from "../src/rng.ts";
import type { Box, CallsJob, RunOutcome } from "../src/sandbox/job.ts";
import { DEFAULT_LIMITS } from "../src/sandbox/limits.ts";
import { openBox, type Runtime } from "../src/sandbox/open.ts";
import { family } from "../src/sandbox/processes.ts";
import { busyShare } from "./busy-share.ts";
import { checkout } from "./checkout.ts";

/** Samples a second with two slots on two cores. */
const BAR = 300;
const SAMPLES = 1000;
const WARM_UP = 100;
/** Short, so that a soak meets many endings: they are kept the same way as longer ones. */
const LIMITS = { ...DEFAULT_LIMITS, cpuMs: 300, wallMs: 2000, memoryMb: 32, outputKb: 8 };

type Kind = readonly [share: number, code: string, ...outcomes: RunOutcome[]];

const SUM = "function f(n) { let sum = 0; for (let i = 0; i <= n; i++) sum += i; return sum; }";
/** Endings are a set where the limit that is met first depends on the machine. */
const KINDS: readonly Kind[] = [
  [0.5, SUM, "ok"],
  [0.1, "async function f(n) { await null; console.log(n); return n * (n + 1) / 2; }", "ok"],
  [0.1, "function f(n) { return n.x.y; }", "runtime_error"],
  [0.05, "function f(n) { return n", "compile_error"],
  [0.04, "function f() { for (;;); }", "timeout"],
  [0.02, "async function f() { for (;;) await null; }", "timeout"],
  [0.02, "function f() { return /^(a+)+$/.test('a'.repeat(50) + 'b'); }", "timeout", "runtime_error"],
  [0.01, "function f() { let n = 9n; for (;;) n = n * n; }", "timeout", "runtime_error"],
  [0.01, "function f() { return new Array(2 ** 28).fill(0).map((x) => x); }", "memory", "timeout", "crash"],
  [0.01, "function f() { return 'x'.repeat(2 ** 28).split(''); }", "memory", "crash"],
  [0.01, "function f() { const m = new Map(); for (let i = 0; ; i++) m.set(i, i); }", "memory", "timeout", "crash"],
  [
    0.02,
    "function f() { const a = []; for (;;) a.push(new Array(1000).fill(a.length)); }",
    "memory",
    "timeout",
    "crash",
  ],
  [0.02, "function f() { const a = []; for (;;) a.push(new ArrayBuffer(1e7)); }", "memory", "timeout"],
  [0.02, "function f() { for (;;) console.log('x'.repeat(1000)); }", "output_limit"],
  [0.02, "function f() { return f() + 1; }", "runtime_error"],
  [0.02, "function f() { process.exit(0); }", "runtime_error"],
  [0.02, "JSON.stringify = () => '0'; Array.prototype.map = () => 0; function f(n) { return n * (n + 1) / 2; }", "ok"],
  [0.01, "function f() { return require('child_process').execSync('id'); }", "runtime_error"],
];

function job(code: string, ...args: number[]): CallsJob {
  const calls = args.map((n, i) => ({ id: `${i}`, args: [n] }));
  return { kind: "calls", language: "javascript", code, entry: "f", limits: LIMITS, calls };
}

function quantile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}

async function sample(box: Box): Promise<number> {
  const started = performance.now();
  const { runs } = await box.run(job(SUM, 10, 100, 1000));
  if (runs.map(({ value }) => value).join() !== "55,5050,500500") throw new Error(`wrong: ${JSON.stringify(runs)}`);
  return performance.now() - started;
}

async function speed(box: Box, slots: number) {
  let left = WARM_UP + SAMPLES;
  let started = performance.now();
  const worker = async () => {
    while (left > 0) {
      if (--left === SAMPLES) started = performance.now();
      await sample(box);
    }
  };
  await Promise.all(Array.from({ length: slots }, worker));
  const samplesPerSecond = SAMPLES / ((performance.now() - started) / 1000);
  const times: number[] = [];
  for (let i = 0; i < SAMPLES / 2; i++) times.push(await sample(box));
  return { samplesPerSecond, p50Ms: quantile(times, 0.5), p99Ms: quantile(times, 0.99) };
}

interface Use {
  readonly megabytes: number;
  readonly processes: number;
  readonly openFiles: number;
}

function use(): Use {
  const openFiles = process.platform === "linux" ? readdirSync("/proc/self/fd").length : 0;
  return { megabytes: process.memoryUsage.rss() / 1e6, processes: family(process.pid).length, openFiles };
}

async function soak(box: Box, slots: number, minutes: number) {
  const rng = new Rng(7, "soak");
  const until = performance.now() + minutes * 60_000;
  const endings: Record<string, number> = {};
  const wrong: string[] = [];
  const latencies: number[] = [];
  let done = 0;
  const worker = async () => {
    while (performance.now() < until) {
      const [, code, ...outcomes] = rng.weighted(KINDS.map((kind) => [kind, kind[0]] as const));
      const n = rng.integer(0, 1000);
      const started = performance.now();
      const [run] = (await box.run(job(code, n))).runs;
      if (code === SUM) latencies.push(performance.now() - started);
      const outcome = run?.outcome ?? "sandbox_error";
      endings[outcome] = (endings[outcome] ?? 0) + 1;
      const isRight = outcomes.includes(outcome) && (outcome !== "ok" || run?.value === (n * (n + 1)) / 2);
      if (!isRight)
        wrong.push(`${outcome} ${run?.value} (${run?.message}), expected ${outcomes.join(" or ")} of ${code}`);
      done++;
    }
  };
  const uses: Use[] = [];
  const watch = setInterval(() => uses.push(use()), 2000);
  await Promise.all(Array.from({ length: 2 * slots }, worker)); // more than slots: some always wait
  clearInterval(watch);
  const half = uses.slice(Math.floor(uses.length / 2));
  const most = (list: readonly Use[]) => ({
    megabytes: Math.max(0, ...list.map(({ megabytes }) => megabytes)),
    processes: Math.max(0, ...list.map(({ processes }) => processes)),
    openFiles: Math.max(0, ...list.map(({ openFiles }) => openFiles)),
  });
  // every slot answers: as many samples at once as there are
  await Promise.all(Array.from({ length: slots }, () => sample(box)));
  return {
    minutes,
    done,
    wrong,
    endings,
    mostInFirstHalf: most(uses.slice(0, uses.length - half.length)),
    mostInSecondHalf: most(half),
    rightSamplesMs: { p50: quantile(latencies, 0.5), p99: quantile(latencies, 0.99) },
  };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      minutes: { type: "string", default: "1" },
      slots: { type: "string", default: String(availableParallelism()) },
      runtime: { type: "string", default: "isolated-vm" },
      write: { type: "boolean", default: false },
    },
  });
  const slots = Number(values.slots);
  const busyBefore = await busyShare(1000);
  const started = performance.now();
  const box = await openBox({ languages: ["javascript"], slots, runtime: values.runtime as Runtime });
  const openMs = performance.now() - started;
  console.log(`${values.runtime}, tier ${box.tier}, ${slots} slots, opened in ${openMs.toFixed(0)} ms`);
  const fast = await speed(box, slots);
  const { samplesPerSecond, p50Ms, p99Ms } = fast;
  console.log(
    `${samplesPerSecond.toFixed(0)} samples/s of 3 calls (bar ${BAR} on 2 cores); one at a time p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms`,
  );
  const soaked = await soak(box, slots, Number(values.minutes));
  for (const line of soaked.wrong) console.log(`wrong: ${line}`);
  const { done, wrong, endings, mostInFirstHalf: first, mostInSecondHalf: second, rightSamplesMs } = soaked;
  console.log(`soak of ${values.minutes} min: ${done} samples, ${wrong.length} wrong; ${JSON.stringify(endings)}`);
  console.log(
    `right samples among them: p50 ${rightSamplesMs.p50.toFixed(0)} ms, p99 ${rightSamplesMs.p99.toFixed(0)} ms`,
  );
  console.log(`most in first and second half: ${JSON.stringify(first)} ${JSON.stringify(second)}`);
  await box.close();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const left = family(process.pid).length - 1;
  console.log(`left over: ${left} processes`);
  const othersBusy = [busyBefore, await busyShare(1000)];
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: availableParallelism() };
  console.log(
    `${machine.cpu}, ${machine.cores} cores, ${process.version}; other programs used ${othersBusy.map((share) => share.toFixed(2)).join(" and ")} of it`,
  );
  if (values.write) {
    const report = { date: new Date().toISOString(), ...checkout(), node: process.version, machine, othersBusy, slots };
    const folder = join(import.meta.dirname, "results");
    mkdirSync(folder, { recursive: true });
    const all = { ...report, runtime: values.runtime, tier: box.tier, bar: BAR, openMs, ...fast, soak: soaked, left };
    writeFileSync(join(folder, "sandbox.json"), `${JSON.stringify(all, null, 2)}\n`);
  }
  if (wrong.length > 0 || left > 0) process.exitCode = 1;
}

await main();
