/**
 * How many rewards a second the server gives, and how soon, to a client in another process on the same machine.
 *
 *   npm run bench:serve                      every load; writes bench/results/serve.json
 *   npm run bench:serve -- --only native     loads whose name contains "native"; not written
 *   npm run bench:serve -- --seconds 2       seconds of each measurement; not written
 *
 * Client and server share the cores. `node:http alone` reads the same bodies and answers a constant: what no server in Node
 * can beat. `Hono alone` does the same through Hono and its adapter.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { busyShare, QUIET } from "./busy-share.ts";
import { checkout } from "./checkout.ts";
import { drive, type Load, type Rate } from "./serve/client.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
const RESULTS = join(HERE, "results");
const MAIN = join(HERE, "..", "src", "cli", "main.ts");
const BASELINE = join(HERE, "serve", "baseline.ts");

/** Requests a second that the arithmetic task must reach on 2 cores, one completion each. */
const BAR = 1000;
const WARM_UP_SECONDS = 1;

const completion = "<think>13+22=35,35-31=4,4+40=44</think><answer>44</answer>";
const row = { id: "eval-0", terms: [13, 22, -31, 40], answer: 44 };
const prompt = "13+22-31+40=";
const item = { completion, prompt, answer: row };

const openRlhf: Load = {
  path: "/get_reward",
  body: { query: [`${prompt}${completion}<|im_end|>`], prompts: [prompt], labels: [JSON.stringify(row)] },
};
const slime: Load = { path: "/rm", body: { prompt, response: completion, label: row } };
const single: Load = { path: "/v1/verify", body: { items: [{ id: "0", ...item }] } };
const batch: Load = {
  path: "/v1/verify",
  body: { items: Array.from({ length: 64 }, (_, i) => ({ id: `${i}`, ...item })) },
};

interface Measurement {
  readonly name: string;
  readonly server: "rlvr" | "node" | "hono";
  readonly load: Load;
  readonly connections: number;
  readonly completions: number;
}

const MEASUREMENTS: readonly Measurement[] = [
  { name: "OpenRLHF, 16 connections", server: "rlvr", load: openRlhf, connections: 16, completions: 1 },
  { name: "OpenRLHF, 64 connections", server: "rlvr", load: openRlhf, connections: 64, completions: 1 },
  { name: "slime, 64 connections", server: "rlvr", load: slime, connections: 64, completions: 1 },
  { name: "native, 64 connections", server: "rlvr", load: single, connections: 64, completions: 1 },
  { name: "native, batches of 64, 16 connections", server: "rlvr", load: batch, connections: 16, completions: 64 },
  { name: "Hono alone, 64 connections", server: "hono", load: openRlhf, connections: 64, completions: 1 },
  { name: "node:http alone, 64 connections", server: "node", load: openRlhf, connections: 64, completions: 1 },
];

const ARGUMENTS = {
  rlvr: [MAIN, "serve", "arithmetic", "--port", "0", "--quiet"],
  hono: [BASELINE, "hono"],
  node: [BASELINE, "node"],
} as const satisfies Record<Measurement["server"], readonly string[]>;

/** Starts a server in a process of its own; its first line ends with its URL. */
async function start(server: Measurement["server"]): Promise<{ url: string; child: ChildProcess }> {
  const argv = ["--conditions=rlvr-source", ...ARGUMENTS[server]];
  const child = spawn(process.execPath, argv, { stdio: ["ignore", "pipe", "inherit"] });
  let said = "";
  for await (const text of child.stdout) {
    said += String(text);
    const url = /http:\/\/[\d.]+:\d+/.exec(said)?.[0];
    if (url !== undefined) return { url, child };
  }
  throw new Error(`the server ended before it listened: ${said}`);
}

interface Result extends Rate {
  readonly name: string;
  readonly connections: number;
  readonly completionsPerSecond: number;
}

async function measure(
  { server, load, connections, completions, name }: Measurement,
  seconds: number,
): Promise<Result> {
  const { url, child } = await start(server);
  try {
    await drive(url, load, connections, WARM_UP_SECONDS);
    const rate = await drive(url, load, connections, seconds);
    return { name, connections, ...rate, completionsPerSecond: rate.requestsPerSecond * completions };
  } finally {
    child.kill("SIGKILL");
  }
}

function describe({ name, requestsPerSecond, completionsPerSecond, p50Ms, p99Ms }: Result): string {
  const rates = `${requestsPerSecond.toFixed(0).padStart(7)} requests/s ${completionsPerSecond.toFixed(0).padStart(7)} completions/s`;
  return `${name.padEnd(40)} ${rates}  p50 ${p50Ms.toFixed(1)} ms  p99 ${p99Ms.toFixed(1)} ms`;
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { only: { type: "string", default: "" }, seconds: { type: "string", default: "10" } },
  });
  const seconds = Number(values.seconds);
  if (!(seconds > 0)) throw new Error(`--seconds has ${values.seconds}, expected a number above 0`);
  const before = await busyShare(1000);
  const results: Result[] = [];
  for (const measurement of MEASUREMENTS.filter(({ name }) => name.includes(values.only))) {
    results.push(await measure(measurement, seconds));
    console.log(describe(results.at(-1) as Result));
  }
  const after = await busyShare(1000);
  const noisy = Math.max(before, after) > QUIET;
  const ours = results.filter(({ name }) => !name.includes("alone") && !name.includes("batches"));
  if (ours.length > 0) {
    const worst = Math.min(...ours.map(({ requestsPerSecond }) => requestsPerSecond));
    console.log(
      `slowest of one completion each: ${worst.toFixed(0)} requests/s (bar ${BAR})${noisy ? "; other programs were running" : ""}`,
    );
  }
  if (values.only !== "" || values.seconds !== "10") return;
  const machine = { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length };
  const report = {
    date: new Date().toISOString(),
    ...checkout(),
    node: process.version,
    machine,
    bar: BAR,
    othersBusy: [before, after],
    noisy,
    results,
  };
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, "serve.json"), `${JSON.stringify(report, null, 2)}\n`);
}

await main();
