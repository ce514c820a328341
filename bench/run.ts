/**
 * Our own speed on this machine: `npm run bench`. Writes bench/results/bench.json.
 *
 * Shares are of the matrix-product peak that ONNX Runtime reaches here on all cores, counting 6 operations a parameter and
 * token for a training step and 2 for decoding: the work of the weights alone, without attention. Where other programs use
 * the cores, a workload is marked as noisy.
 */
import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { floats, openEngine, type Tensor, tf } from "../src/engine/index.ts";
import { loadTask, readRows } from "../src/rollout/index.ts";
import { busyShare, QUIET } from "./busy-share.ts";
import { checkout } from "./checkout.ts";
import { type Contender, median } from "./contender.ts";
import { startOurs } from "./ours.ts";
import { DECODES, GRPO, STEPS, type Workload } from "./workloads.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const ROUNDS = 9;
/** Side of the square matrices whose product sets the peak. */
const PEAK_SIZE = 1024;

/** Operations a second of a large product, all cores together: the best of one program with all threads and one a core. */
async function matrixPeak(): Promise<number> {
  const cores = availableParallelism();
  const n = PEAK_SIZE;
  let best = 0;
  for (const setting of [
    { executors: 1, threads: cores },
    { executors: cores, threads: 1 },
  ]) {
    const engine = await openEngine({ engine: "onnx", device: "cpu", ...setting });
    const product = ({ a, b }: Record<string, Tensor>) => ({
      sum: tf
        .matMul(a as Tensor, b as Tensor)
        .sum()
        .reshape([1]),
    });
    const program = await engine.compile("peak", product, { a: floats(n, n), b: floats(n, n) });
    const matrix = () => new Float32Array(new SharedArrayBuffer(4 * n * n)).fill(0.5);
    const bound = Array.from({ length: setting.executors }, (_, i) => program.bind({ a: matrix(), b: matrix() }, i));
    const seconds: number[] = [];
    for (let i = 0; i < 3 * ROUNDS; i++) {
      const started = performance.now();
      await Promise.all(bound.map((program) => program.run({})));
      seconds.push((performance.now() - started) / 1000);
    }
    best = Math.max(best, (2 * n ** 3 * setting.executors) / median(seconds.slice(3)));
    await engine.dispose();
  }
  return best;
}

const OPERATIONS: Readonly<Record<Workload["kind"], number>> = { step: 6, decode: 2, grpo: 8 };
/** The share of the peak that we want to reach. Workloads without a bar are reported all the same. */
const BARS: Readonly<Record<string, number>> = { "training step, 5M": 0.6, "decode, batch 64": 0.4 };

async function measure(workload: Workload, peak: number) {
  const before = await busyShare(1000);
  const contenders = await startOurs(workload);
  const results = [];
  for (const contender of contenders) results.push(await standing(contender, workload, peak));
  await Promise.all(contenders.map((contender) => contender.close()));
  const after = await busyShare(1000);
  const noisy = Math.max(before, after) > QUIET;
  if (noisy) console.log("  warning: other programs were running, these figures are too low");
  return {
    ...{ workload: workload.name, bar: BARS[workload.name] ?? null, settings: results },
    ...{ othersBusy: [before, after], noisy },
  };
}

async function standing(contender: Contender, { kind, name }: Workload, peak: number) {
  const { seconds, tokens } = await contender.run(ROUNDS);
  const tokensPerSecond = tokens / median(seconds);
  const parameters = Number(contender.facts?.parameters);
  const share = (OPERATIONS[kind] * parameters * tokensPerSecond) / peak;
  const bar = BARS[name] === undefined ? "" : ` (bar ${100 * BARS[name]} %)`;
  console.log(
    `  ${contender.name.padEnd(20)} ${tokensPerSecond.toFixed(0).padStart(8)} tokens/s  ${(100 * share).toFixed(0).padStart(3)} % of peak${bar}`,
  );
  return { name: contender.name, parameters, tokensPerSecond, shareOfPeak: share, medianSeconds: median(seconds) };
}

async function verifications() {
  const results: Record<string, number> = {};
  for (const name of ["arithmetic", "countdown"]) {
    const task = await loadTask(name);
    const rows = await readRows(task, "eval", 0, 500);
    const started = performance.now();
    for (const row of rows) await task.verify(task.solution?.(row) ?? "", row);
    results[name] = rows.length / ((performance.now() - started) / 1000);
    console.log(`  ${name.padEnd(20)} ${results[name].toFixed(0).padStart(8)} verdicts/s`);
  }
  return results;
}

function startup(): Record<string, number> {
  const node = (...args: string[]) => {
    const started = performance.now();
    spawnSync(process.execPath, ["--conditions=rlvr-source", ...args], { cwd: ROOT, stdio: "ignore" });
    return (performance.now() - started) / 1000;
  };
  const times = {
    "import rlvr/verifiers": median([1, 2, 3].map(() => node("-e", 'import("rlvr/verifiers")'))),
    "import rlvr": median([1, 2, 3].map(() => node("-e", 'import("rlvr")'))),
    "rlvr --help": median([1, 2, 3].map(() => node("src/cli/main.ts", "--help"))),
  };
  for (const [name, seconds] of Object.entries(times)) console.log(`  ${name.padEnd(24)} ${seconds.toFixed(2)} s`);
  return times;
}

const loadBefore = loadavg()[0];
const peak = await matrixPeak();
console.log(`matrix-product peak: ${(peak / 1e9).toFixed(0)} GFLOP/s on ${availableParallelism()} cores`);
const workloads = [];
for (const workload of [...STEPS, ...DECODES, GRPO]) {
  console.log(workload.name);
  workloads.push(await measure(workload, peak));
}
console.log("verifiers");
const verifiers = await verifications();
console.log("start-up");
const startUp = startup();
const report = {
  date: new Date().toISOString(),
  ...checkout(),
  machine: { cpu: cpus()[0]?.model, cores: cpus().length, loadBefore, node: process.version },
  peakGflops: peak / 1e9,
  workloads,
  verificationsPerSecond: verifiers,
  startUpSeconds: startUp,
};
mkdirSync(join(ROOT, "bench", "results"), { recursive: true });
writeFileSync(join(ROOT, "bench", "results", "bench.json"), `${JSON.stringify(report, null, 2)}\n`);
