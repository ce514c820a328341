/**
 * Speed and soundness of the Python box:
 *
 *   node --conditions=rlvr-source bench/sandbox-python.ts [soak seconds, 60] [slots]
 *
 * First warm samples of three calls each, as many at a time as there are slots: samples a second, and the time from asking to
 * answer of a slot that is free. Then a soak: hostile samples among right and wrong ones, each with the ending that it must
 * have. What counts is that no ending is another one, that no process and no file is left, and that memory does not grow.
 */
import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import pLimit from "p-limit";
import { Rng } from "../src/rng.ts";
import type { CallsJob, RunOutcome } from "../src/sandbox/job.ts";
import { DEFAULT_LIMITS } from "../src/sandbox/limits.ts";
import { openPythonBox, type PythonBox } from "../src/sandbox/python/box.ts";

const SOAK_MS = 1000 * Number(process.argv[2] ?? 60);
const SLOTS = Number(process.argv[3] ?? availableParallelism());
const WARM_UP = 20;
const SAMPLES = 300;
/** Short, so that a soak meets many endings: they are kept the same way as longer ones. */
const LIMITS = { ...DEFAULT_LIMITS, cpuMs: 500, wallMs: 1500 };

interface Kind {
  readonly code: string;
  readonly outcomes: readonly RunOutcome[];
  readonly share: number;
}

const ok = ["ok"] as const;
const KINDS: readonly Kind[] = [
  { share: 0.5, outcomes: ok, code: "def f(n):\n    return sum(range(n + 1))" },
  { share: 0.1, outcomes: ok, code: "import collections, re\ndef f(n):\n    return len(re.sub('a', '', 'a' * n))" },
  { share: 0.1, outcomes: ["runtime_error"], code: "def f(n):\n    return [][n]" },
  { share: 0.05, outcomes: ["compile_error"], code: "def f(n)\n    return n" },
  { share: 0.03, outcomes: ["timeout"], code: "def f(n):\n    while True: pass" },
  { share: 0.02, outcomes: ["timeout"], code: "import time\ndef f(n):\n    time.sleep(60)" },
  { share: 0.03, outcomes: ["memory"], code: "def f(n):\n    return 'x' * 10**10" },
  { share: 0.03, outcomes: ["output_limit"], code: "def f(n):\n    while True: print('x' * 1000)" },
  { share: 0.03, outcomes: ["crash"], code: "import os\ndef f(n):\n    os._exit(0)" },
  { share: 0.03, outcomes: ["runtime_error"], code: "import sys\ndef f(n):\n    sys.exit(0)" },
  {
    share: 0.03,
    outcomes: ["timeout", "crash", "memory"],
    code: "import os\ndef f(n):\n    while True:\n        try: os.fork()\n        except OSError: pass",
  },
  {
    share: 0.05,
    outcomes: ok,
    code: "import subprocess, sys\ndef f(n):\n    subprocess.Popen(['/bin/sleep', '600'], start_new_session=True)\n    return 1",
  },
];

function job(code: string, id: number, calls: number): CallsJob {
  const each = Array.from({ length: calls }, (_, i) => ({ id: `${id}-${i}`, args: [i] }));
  return { language: "python", kind: "calls", code, entry: "f", calls: each, limits: LIMITS };
}

const quantile = (sorted: readonly number[], share: number) =>
  (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(0);

async function speed(box: PythonBox): Promise<void> {
  const limit = pLimit(SLOTS);
  const times: number[] = [];
  const sample = (id: number) =>
    limit(async () => {
      const started = performance.now();
      const { runs } = await box.run(job(KINDS[0]?.code as string, id, 3));
      times.push(performance.now() - started);
      if (runs.map(({ value }) => value).join() !== "0,1,3") throw new Error(`wrong: ${JSON.stringify(runs)}`);
    });
  await Promise.all(Array.from({ length: WARM_UP }, (_, i) => sample(i)));
  times.length = 0;
  const started = performance.now();
  await Promise.all(Array.from({ length: SAMPLES }, (_, i) => sample(i)));
  const seconds = (performance.now() - started) / 1000;
  const sorted = times.toSorted((a, b) => a - b);
  console.log(
    `${(SAMPLES / seconds).toFixed(0)} samples/s of 3 calls, ${SLOTS} slots: p50 ${quantile(sorted, 0.5)} ms, p99 ${quantile(sorted, 0.99)} ms, max ${quantile(sorted, 1)} ms`,
  );
}

async function soak(box: PythonBox): Promise<void> {
  const rng = new Rng(7, "soak");
  const limit = pLimit(SLOTS);
  const endings = new Map<string, number>();
  let wrong = 0;
  let done = 0;
  const megabytes = [process.memoryUsage().rss / 1e6];
  const until = performance.now() + SOAK_MS;
  const slot = async () => {
    while (performance.now() < until) {
      const kind = rng.weighted(KINDS.map((each) => [each, each.share] as const));
      const [run] = (await box.run(job(kind.code, done, 1))).runs;
      const outcome = run?.outcome ?? "nothing";
      endings.set(outcome, (endings.get(outcome) ?? 0) + 1);
      if (!kind.outcomes.includes(outcome as RunOutcome)) {
        wrong++;
        console.error(`wrong: ${outcome} (${run?.message}), expected ${kind.outcomes.join(" or ")} of ${kind.code}`);
      }
      if (++done % 100 === 0) megabytes.push(process.memoryUsage().rss / 1e6);
    }
  };
  await Promise.all(Array.from({ length: SLOTS }, () => limit(slot)));
  const counts = [...endings].map(([name, count]) => `${name} ${count}`).join(", ");
  console.log(`soak of ${SOAK_MS / 1000} s: ${done} samples, ${wrong} with a wrong ending (${counts})`);
  console.log(
    `memory of this process: ${megabytes[0]?.toFixed(0)} MB at first, ${megabytes.at(-1)?.toFixed(0)} MB at last`,
  );
}

/** Processes that carry the mark of a box, and folders that boxes were given. */
function leftOvers(): number {
  const marked = readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(`/proc/${name}/environ`, "latin1").includes("RLVR_BOX=");
    } catch {
      return false; // it ended meanwhile
    }
  });
  return marked.length + readdirSync(tmpdir()).filter((name) => name.startsWith("rlvr-box-")).length;
}

const opened = performance.now();
const box = await openPythonBox({ slots: SLOTS });
console.log(
  `tier ${box.tier} (${box.python.containment.chain}), Python ${box.python.version}, opened in ${(performance.now() - opened).toFixed(0)} ms`,
);
await speed(box);
await soak(box);
await box.close();
console.log(`left over: ${leftOvers()} processes and folders`);
console.log(
  `${cpus()[0]?.model}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`,
);
