/**
 * Compares rlvr with PyTorch and TRL on this machine, taking turns in one run, and writes bench/results/peers.json.
 *
 *   npm run bench:peers                          everything
 *   npm run bench:peers -- --only decode         the workloads whose name contains "decode"; not written
 *   npm run bench:peers -- --rounds 3            fewer rounds
 *   npm run bench:peers -- --peers-only          the peers' own speed; not written
 *
 * Each side counts with its fastest thread setting. Skipped with one line where there is no Python or no registry.
 *
 * Where other programs use the cores, a workload is marked as noisy: two threads that wait for each other on a shared core
 * spin, and PyTorch then loses a factor of 30 and more. Such a ratio flatters us.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { busyShare, QUIET } from "./busy-share.ts";
import { checkout } from "./checkout.ts";
import type { Contender } from "./contender.ts";
import { fastest, interleave, type Standing, type Turns } from "./interleave.ts";
import { startOurs } from "./ours.ts";
import { setUpPeers } from "./peers/setup.ts";
import { startPeers } from "./peers/start-peers.ts";
import { DECODES, GRPO, STEPS, type Workload } from "./workloads.ts";

const RESULTS = join(dirname(fileURLToPath(import.meta.url)), "results");
/** Ours ÷ the peer's, in tokens a second: what we want to reach. Workloads without a bar are reported all the same. */
const BARS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(STEPS.map(({ name }) => [name, 1.5])),
  "decode, batch 64": 2,
  [GRPO.name]: 3,
};
/** Repetitions in a turn: about half a second of work or more. */
const REPS = { step: 2, decode: 4, grpo: 1 } satisfies Record<Workload["kind"], number>;

interface Result {
  readonly workload: Workload;
  readonly turns: Turns;
  readonly ours: readonly Standing[];
  readonly peers: readonly Standing[];
  /** Our best tokens a second ÷ the peers' best; null where only the peers ran. */
  readonly ratio: number | null;
  readonly bar: number | null;
  /** Share of the cores' time that other programs used in the second before and in the second after. */
  readonly othersBusy: readonly [before: number, after: number];
  /** Others used more than a tenth: the ratio is worth little. */
  readonly noisy: boolean;
}

async function compare(python: string, workload: Workload, rounds: number, peersOnly: boolean): Promise<Result> {
  const turns: Turns = { rounds, reps: REPS[workload.kind], pauseMs: 300 };
  const before = await busyShare(1000);
  const peers = await startPeers(python, workload);
  const ours: Contender[] = [];
  try {
    if (!peersOnly) ours.push(...(await startOurs(workload)));
    const standings = await interleave([...ours, ...peers], turns);
    const after = await busyShare(1000);
    const [oursStanding, peersStanding] = [standings.slice(0, ours.length), standings.slice(ours.length)];
    return {
      workload,
      turns,
      ours: oursStanding,
      peers: peersStanding,
      ratio: peersOnly ? null : fastest(oursStanding).tokensPerSecond / fastest(peersStanding).tokensPerSecond,
      bar: BARS[workload.name] ?? null,
      othersBusy: [before, after],
      noisy: Math.max(before, after) > QUIET,
    };
  } finally {
    await Promise.all([...ours, ...peers].map((contender) => contender.close()));
  }
}

function describe({ workload, ours, peers, ratio, bar }: Result): string {
  const lines = [...ours, ...peers].map(
    ({ name, tokensPerSecond, medianSeconds }) =>
      `  ${name.padEnd(24)} ${tokensPerSecond.toFixed(0).padStart(8)} tokens/s  ${(medianSeconds * 1e3).toFixed(1).padStart(8)} ms`,
  );
  const verdict =
    ratio === null ? "" : `: ours ÷ best peer = ${ratio.toFixed(2)}${bar === null ? "" : ` (bar ${bar})`}`;
  return [`${workload.name}${verdict}`, ...lines].join("\n");
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      only: { type: "string", default: "" },
      rounds: { type: "string", default: "7" },
      "peers-only": { type: "boolean", default: false },
    },
  });
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error(`--rounds has ${values.rounds}, expected 1 or more`);
  const setup = setUpPeers(console.log);
  if (!setup.ready) {
    console.log(`peers: skipped: ${setup.reason}`);
    return;
  }
  mkdirSync(RESULTS, { recursive: true });
  const loadBefore = loadavg();
  const results: Result[] = [];
  for (const workload of [...STEPS, ...DECODES, GRPO].filter(({ name }) => name.includes(values.only))) {
    const result = await compare(setup.python, workload, rounds, values["peers-only"]);
    results.push(result);
    console.log(describe(result));
  }
  const noisy = results.filter((result) => result.noisy).map(({ workload }) => workload.name);
  if (noisy.length > 0) console.log(`peers: warning: other programs were running, noisy: ${noisy.join("; ")}`);
  if (values.only !== "" || values["peers-only"]) return;
  const report = {
    date: new Date().toISOString(),
    ...checkout(),
    machine: {
      cpu: cpus()[0]?.model ?? "unknown",
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 1e9),
      platform: `${process.platform}-${process.arch}`,
      loadBefore,
      loadAfter: loadavg(),
    },
    versions: { node: process.version, ...setup.versions },
    results,
  };
  writeFileSync(join(RESULTS, "peers.json"), `${JSON.stringify(report, null, 2)}\n`);
}

await main();
