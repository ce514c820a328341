/**
 * The same number of completions for each algorithm: `npm run bench:compare -- --steps 160 --seeds 1,2,3` trains the base
 * model of the arithmetic task by each of them with each seed, writes bench/results/compare.json and prints a table.
 * `--only PPO,RLOO` runs some of them, and writes a file of its own.
 *
 * All of them sample 512 completions a step at temperature 1, cut at 48 tokens, and take the learning rate of their file in
 * tasks/arithmetic. What defines an algorithm is named below; the rest is as in that file.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { parse } from "yaml";
import { GrpoRun, grpo, PpoRun, ppo, type RunEvent, type Summary } from "../src/run/index.ts";
import { spread as deviation, mean } from "../src/run/statistics.ts";
import { checkout } from "./checkout.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const { values: flags } = parseArgs({
  options: {
    steps: { type: "string", default: "160" },
    seeds: { type: "string", default: "1,2,3" },
    only: { type: "string", default: "" },
  },
});
const STEPS = Number(flags.steps);
const SEEDS = flags.seeds.split(",").map(Number);

const file = (name: string) => parse(readFileSync(join(ROOT, "tasks", "arithmetic", name), "utf8"));
const GRPO = GrpoRun.parse(file("grpo.yaml"));
const PPO = PpoRun.parse(file("ppo.yaml"));

/** What all runs share, whatever the algorithm's own file says. */
const common = (name: string, seed: number) => ({
  ...{ seed, name: `${name}-${seed}`, checkpointEvery: 0 },
  eval: { every: 10, quickProblems: 128, problems: 500, samples: 8 },
});

type Start = (seed: number, out: string, onEvent: (event: RunEvent) => void) => Promise<Summary | null>;

const byGrpo =
  (name: string, settings: Partial<GrpoRun["grpo"]>): Start =>
  async (seed, out, onEvent) => {
    const config = { ...GRPO.grpo, ...settings, steps: STEPS };
    return (await grpo({ ...GRPO, ...common(name, seed), grpo: config, out }, { onEvent })).summary;
  };

const byPpo =
  (name: string): Start =>
  async (seed, out, onEvent) => {
    const config = { ...PPO.ppo, steps: STEPS };
    return (await ppo({ ...PPO, ...common(name, seed), ppo: config, out }, { onEvent })).summary;
  };

const ALGORITHMS: Readonly<Record<string, Start>> = {
  GRPO: byGrpo("grpo", { advantage: "group-normalized", aggregate: "sequence-mean", clipHigh: 0.2 }),
  "Dr. GRPO": byGrpo("dr-grpo", { advantage: "centered", aggregate: "constant-length", clipHigh: 0.2 }),
  RLOO: byGrpo("rloo", { advantage: "leave-one-out", aggregate: "sequence-sum" }),
  "REINFORCE++": byGrpo("reinforce++", { advantage: "reinforce++" }),
  PPO: byPpo("ppo"),
};

interface Run {
  readonly algorithm: string;
  readonly seed: number;
  readonly before: Summary["before"];
  readonly after: Summary["after"];
  readonly meanLength: Summary["meanLength"];
  readonly rollouts: number;
  /** Time spent in steps. */
  readonly seconds: number;
  /** Sampled accuracy on 128 held-out problems after each tenth step. */
  readonly curve: readonly (readonly [step: number, share: number])[];
}

async function train(algorithm: string, start: Start, seed: number, out: string): Promise<Run> {
  const curve: [number, number][] = [];
  const summary = await start(seed, out, (event) => {
    if (event.kind !== "step") return;
    const share = event.metrics["eval/pass1"];
    if (share !== undefined && share !== null) curve.push([event.step, share]);
  });
  if (!summary) throw new Error(`${algorithm} with seed ${seed} was interrupted`);
  const { before, after, meanLength, rollouts, seconds } = summary;
  return { algorithm, seed, before, after, meanLength, rollouts, seconds, curve };
}

/** "93.4 ± 0.3" */
function spread(values: readonly number[], digits = 1): string {
  return `${mean(values).toFixed(digits)} ± ${deviation(values).toFixed(digits)}`;
}

/** One row for each algorithm: mean and standard deviation over seeds. */
function table(runs: readonly Run[]): string {
  const rows = Object.entries(Object.groupBy(runs, ({ algorithm }) => algorithm)).map(([algorithm, of = []]) => [
    algorithm,
    spread(of.map(({ after }) => 100 * after.pass1)),
    `${(100 * Math.min(...of.map(({ after }) => after.pass1))).toFixed(1)}`,
    spread(of.map(({ after }) => 100 * after.greedy)),
    spread(of.map(({ meanLength }) => meanLength.after)),
    String(Math.round(mean(of.map(({ rollouts }) => rollouts)))),
    spread(
      of.map(({ seconds }) => seconds),
      0,
    ),
  ]);
  const head = ["algorithm", "sampled accuracy, %", "lowest seed", "greedy, %", "length", "completions", "seconds"];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const folder = mkdtempSync(join(tmpdir(), "rlvr-compare-"));
const load = loadavg()[0];
const runs: Run[] = [];
const chosen = Object.entries(ALGORITHMS).filter(([name]) => flags.only === "" || flags.only.split(",").includes(name));
for (const seed of SEEDS) {
  for (const [algorithm, start] of chosen) {
    const run = await train(algorithm, start, seed, folder);
    runs.push(run);
    const share = (x: number) => `${(100 * x).toFixed(1)} %`;
    console.error(
      `${algorithm.padEnd(12)} seed ${seed}  ${share(run.before.pass1)} → ${share(run.after.pass1)}  ${run.seconds.toFixed(0)} s`,
    );
  }
}
rmSync(folder, { recursive: true });
const machine = { cpu: cpus()[0]?.model, cores: availableParallelism(), loadBefore: load, loadAfter: loadavg()[0] };
const report = { steps: STEPS, seeds: SEEDS, date: new Date().toISOString(), ...checkout(), machine, runs };
const results = join(ROOT, "bench", "results");
mkdirSync(results, { recursive: true });
const name =
  flags.only === "" ? "compare.json" : `compare-${flags.only.toLowerCase().replaceAll(/[^a-z+]+/g, "-")}.json`;
writeFileSync(join(results, name), `${JSON.stringify(report, null, 2)}\n`);
console.log(table(runs));
