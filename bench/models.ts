/**
 * LoRA on checkpoints of published shapes with random weights, beside PyTorch + transformers + peft on the same folders,
 * in turns: seconds to load, tokens a second of sampling and of training steps, peak memory of each process.
 *
 *   npm run bench:models                          both shapes, written to bench/results/models.json
 *   npm run bench:models -- --only 135M --rounds 2    one of them; not written
 *
 * 4 prompts × 4 completions × 128 tokens, rank 8 on every projection. Each side trains with its better micro-batch.
 * Takes about a quarter of an hour and 12 GiB. Without Python only our side is measured.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { readTokenizer } from "../src/policy/index.ts";
import { busyShare, QUIET } from "./busy-share.ts";
import { checkout } from "./checkout.ts";
import { type Contender, median } from "./contender.ts";
import { randomModel, SHAPES, type ShapeName } from "./models/shapes.ts";
import { startChild, startPython } from "./peers/python-contender.ts";
import { setUpPeers } from "./peers/setup.ts";

const HERE = dirname(fileURLToPath(import.meta.url));
const WORK = { rank: 8, rows: 16, prompt: 64, completion: 128 };
/** Rows of one micro-batch in training. */
const MICRO_BATCHES = [2, 4];
const THREADS = cpus().length;
const BARS = { sample: 1.5, train: 1 } as const;
type What = keyof typeof BARS;

interface Measured {
  readonly name: string;
  readonly facts: Contender["facts"];
  readonly medianSeconds: number;
  readonly tokensPerSecond: number;
  readonly peakBytes: number;
}

/** The first repetition of each warms it up and is not counted. */
async function measure(contenders: readonly Contender[], rounds: number): Promise<Measured[]> {
  const records = contenders.map((contender) => ({ contender, seconds: [] as number[], tokens: 0, peakBytes: 0 }));
  for (let round = 0; round <= rounds; round++) {
    for (let turn = 0; turn < records.length; turn++) {
      const record = records[(round + turn) % records.length]!;
      const { seconds, tokens, peakBytes = 0 } = await record.contender.run(1);
      if (round > 0) record.seconds.push(...seconds);
      Object.assign(record, { tokens, peakBytes });
    }
  }
  return records.map(({ contender: { name, facts }, seconds, tokens, peakBytes }) => {
    const medianSeconds = median(seconds);
    return { name, facts, medianSeconds, tokensPerSecond: tokens / medianSeconds, peakBytes };
  });
}

/** Both sides on one micro-batch size; no more than two models are in memory at a time. */
async function pair(folder: string, what: What, microbatch: number, python: string | null): Promise<Contender[]> {
  const options = { model: folder, what, ...WORK, microbatch };
  const label = what === "train" ? `, ${microbatch} rows` : "";
  const node = [process.execPath, "--conditions=rlvr-source", join(HERE, "models/ours.ts")] as const;
  const ours = await startChild(`rlvr${label}`, node, options);
  if (python === null) return [ours];
  const theirs = { ...options, threads: THREADS };
  return [ours, await startPython(python, `transformers${label}`, "transformers_lora.py", theirs)];
}

const { values } = parseArgs({ options: { only: { type: "string" }, rounds: { type: "string", default: "3" } } });
const setup = setUpPeers(console.log);
if (!setup.ready) console.log(`only our side: ${setup.reason}`);
const tokenizer = await readTokenizer(join(HERE, "../models/arithmetic-base"));
const results: object[] = [];
for (const shape of Object.keys(SHAPES) as ShapeName[]) {
  if (values.only && !shape.includes(values.only)) continue;
  const folder = await randomModel(shape, tokenizer);
  for (const what of Object.keys(BARS) as What[]) {
    const before = await busyShare(1000);
    const measured: Measured[] = [];
    for (const microbatch of what === "train" ? MICRO_BATCHES : [1]) {
      const contenders = await pair(folder, what, microbatch, setup.ready ? setup.python : null);
      const turns = measure(contenders, Number(values.rounds));
      measured.push(...(await turns.finally(() => Promise.all(contenders.map((contender) => contender.close())))));
    }
    const othersBusy = [before, await busyShare(1000)];
    const best = (side: string) =>
      Math.max(...measured.filter(({ name }) => name.startsWith(side)).map((one) => one.tokensPerSecond));
    const ratio = setup.ready ? best("rlvr") / best("transformers") : null;
    console.log(`${shape}, ${what}${ratio === null ? "" : `: ${ratio.toFixed(2)} × (bar ${BARS[what]})`}`);
    for (const { name, facts, tokensPerSecond, peakBytes } of measured) {
      const loaded = Number(facts?.load_seconds).toFixed(1);
      const gib = (peakBytes / 2 ** 30).toFixed(2);
      console.log(
        `  ${name.padEnd(24)} ${tokensPerSecond.toFixed(1).padStart(7)} tokens/s, ${gib} GiB, loaded in ${loaded} s`,
      );
    }
    const noisy = Math.max(...othersBusy) > QUIET;
    if (noisy) console.log("  noisy: other programs used the cores");
    results.push({ shape, what, work: WORK, ratio, bar: BARS[what], measured, othersBusy, noisy });
  }
}
if (!values.only) {
  const machine = { cpu: cpus()[0]?.model, cores: THREADS, memory: totalmem() };
  mkdirSync(join(HERE, "results"), { recursive: true });
  const content = { ...checkout(), machine, versions: setup.ready ? setup.versions : null, results };
  writeFileSync(join(HERE, "results/models.json"), `${JSON.stringify(content, null, 2)}\n`);
}
