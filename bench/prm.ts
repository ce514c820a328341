/**
 * Process supervision on the default task, from labels to reinforcement learning. `npm run bench:prm` writes
 * bench/results/prm.json; the task's exact step verifier says what is true:
 *
 *   labels     do Math-Shepherd's labels agree with the true ones?
 *   prm        does a reward model that is trained on them find the first wrong step of held-out solutions?
 *   selection  best of 8 by it, against the majority and an outcome reward model of the same size
 *   planted    does the credit for one planted error fall on the step that holds it?
 *   learning   rollouts until 80 % of held-out problems are solved: process rewards against the outcome alone
 *
 * `node --conditions=rlvr-source bench/prm.ts --size small labels prm` runs the parts that are named; sizes are small (a
 * minute or two a part, to see that all works) and full.
 */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import type { ScoredSteps } from "../src/grpo/index.ts";
import { loadModel } from "../src/policy/index.ts";
import { Rng } from "../src/rng.ts";
import { loadTask, readRows } from "../src/rollout/index.ts";
import { wilson } from "../src/rollout/intervals.ts";
import {
  createStepper,
  evaluatePrm,
  type GrpoRun,
  grpo,
  labelSteps,
  openModelSession,
  openPrm,
  ProcessSettings,
  prmTrain,
  processCredit,
} from "../src/run/index.ts";
import { EngineSettings } from "../src/run/settings.ts";
import { workedSteps } from "../tasks/arithmetic/steps.ts";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const PARTS = ["labels", "prm", "selection", "planted", "learning"] as const;
type Part = (typeof PARTS)[number];

const argv = process.argv.slice(2);
const at = argv.indexOf("--size");
const size = at >= 0 ? argv.splice(at, 2)[1] : "full";
const wanted = argv.length > 0 ? (argv as Part[]) : PARTS;
const SIZES = {
  small: { problems: 192, steps: 60, held: 64, planted: 64, rlSteps: 8, seeds: [1], reach: 0.45 },
  full: { problems: 4000, steps: 800, held: 500, planted: 500, rlSteps: 160, seeds: [1, 2, 3], reach: 0.8 },
};
const sizes = SIZES[size as keyof typeof SIZES];
if (!sizes || !wanted.every((part) => PARTS.includes(part))) {
  throw new Error(`--size is small or full, parts are ${PARTS.join(", ")}; got ${process.argv.slice(2).join(" ")}`);
}

const folder = mkdtempSync(join(tmpdir(), "rlvr-prm-"));
const report: Record<string, unknown> = {
  ...{ date: new Date().toISOString(), size, sizes, cores: cpus().length, cpu: cpus()[0]?.model ?? "unknown" },
};
const show = (part: Part, figures: unknown) => {
  report[part] = figures;
  console.log(part, JSON.stringify(figures, null, 2));
};

const seed = 1;
const data = join(folder, "labels.jsonl");
const hot = join(folder, "hot.jsonl");
const solutions = { problems: sizes.problems, samples: 4, method: "hard" } as const;
const ledgers = [
  await labelSteps({ ...solutions, seed, out: data }),
  // the base seldom errs inside a single step: hotter solutions hold more such errors to learn from
  await labelSteps({ ...solutions, seed: seed + 1, out: hot, temperature: 1.4, minSteps: 2 }),
];
appendFileSync(data, readFileSync(hot));
if (wanted.includes("labels")) show("labels", ledgers);

const trained = async (name: string, lastStepOnly: boolean) => {
  const run = { seed, out: folder, name, data, prm: { steps: sizes.steps, lastStepOnly } };
  const { path } = await prmTrain(run);
  return path;
};
const prm = await trained("prm", false);

if (wanted.includes("prm")) {
  const held = { prm, seed, problems: sizes.held, samples: 8 };
  const [all, chains] = [await evaluatePrm(held), await evaluatePrm({ ...held, minSteps: 2 })];
  const figures = ({ firstError, f1Interval, steps, calibration }: typeof all) => {
    return { firstError, f1Interval, steps, ece: calibration?.ece };
  };
  show("prm", { allSolutions: figures(all), withTwoStepsOrMore: figures(chains) });
}

if (wanted.includes("selection")) {
  const orm = await trained("orm", true);
  const held = { seed, problems: sizes.held, samples: 16, k: 8 };
  const [byPrm, byOrm] = [await evaluatePrm({ ...held, prm }), await evaluatePrm({ ...held, prm: orm })];
  const { one, majority, any } = byPrm.selection;
  const ofPrm = { best: byPrm.selection.best, vote: byPrm.selection.vote };
  // an outcome model has one score, that of the last step
  const ofOrm = { best: byOrm.selection.best.last, vote: byOrm.selection.vote.last };
  show("selection", { k: 8, one, majority, any, prm: ofPrm, orm: ofOrm });
}

if (wanted.includes("planted")) show("planted", await plantedErrors(prm));
if (wanted.includes("learning")) show("learning", await learning(prm));

rmSync(folder, { recursive: true });
mkdirSync(join(ROOT, "bench", "results"), { recursive: true });
const file = size === "full" && wanted.length === PARTS.length ? "prm.json" : `prm-${size}.json`;
writeFileSync(join(ROOT, "bench", "results", file), `${JSON.stringify(report, null, 2)}\n`);

/**
 * Gold solutions of which one equation ends with a wrong total, which the next equation goes on from; the answer is the wrong
 * total's. In a group with the gold solution itself: on which step is the lowest advantage?
 */
async function plantedErrors(prm: string) {
  const task = await loadTask("arithmetic");
  const rows = (await readRows(task, "eval", seed, sizes.planted)) as { id: string; terms: number[] }[];
  const rng = new Rng(seed, "planted");
  const model = await loadModel(join(ROOT, "models", "arithmetic-base"));
  const stepper = createStepper(task, model.tokenizer, { rule: "task", separators: [] });
  const session = await openModelSession(join(ROOT, "models", "arithmetic-base"), EngineSettings.parse({}));
  const { score } = await openPrm(prm, { engine: session.engine, policy: model, settings: EngineSettings.parse({}) });
  const pairs = await Promise.all(
    rows.map(async (row) => {
      const wrongAt = rng.integer(0, row.terms.length - 2);
      const slip = rng.pick([-20, -10, -3, -2, -1, 1, 2, 3, 10, 20]);
      const [right, wrong] = [write(row.terms, -1, 0), write(row.terms, wrongAt, slip)];
      const prompt = model.tokenizer.encode(task.prompt(row) as string);
      const solutions = [right, wrong].map((text) =>
        Int32Array.of(...model.tokenizer.encode(text), model.tokenizer.eosIds[0]!),
      );
      const spans = await Promise.all(solutions.map((tokens) => stepper.split(tokens, row)));
      return { row, wrongAt, prompt, solutions, spans };
    }),
  );
  const byPrm = await score(
    pairs.flatMap(({ row, prompt, solutions, spans }) =>
      solutions.map((completion, i) => ({ id: `${row.id}/${i}`, prompt, completion, ends: spans[i]!.ends })),
    ),
  );
  await session.engine.dispose();
  const byVerifier = pairs.flatMap(({ spans }) => spans.map(({ right }) => right.map((one) => (one ? 1 : 0))));
  const credits = ["drop", "min", "pure", "clip", "delta", "process"] as const;
  const figures = Object.fromEntries(
    credits.map((credit) => {
      const share = (scores: readonly (readonly number[])[]) => {
        const hits = pairs.filter(({ solutions, spans, wrongAt }, i) => {
          const rows = solutions.map(({ length }, j) => {
            const steps: ScoredSteps = { rewards: scores[2 * i + j]!, ends: spans[j]!.ends };
            return { reward: j === 0 ? 1 : 0, length, steps };
          });
          const [, advantages] = processCredit(ProcessSettings.parse({ credit })).assign([{ rows }])[0]!;
          const ofSteps = spans[1]!.ends.map((end) => advantages![end]!);
          const lowest = Math.min(...ofSteps);
          return ofSteps[wrongAt] === lowest && ofSteps.filter((A) => A === lowest).length === 1;
        }).length;
        return { share: hits / pairs.length, ci95: wilson(hits, pairs.length) };
      };
      return [credit, { stepVerifier: share(byVerifier), prm: share(byPrm) }];
    }),
  );
  return { solutions: pairs.length, lowestOnTheWrongStep: figures };
}

/** A worked solution whose equation number `wrongAt` is off by `slip`, and which goes on from there. */
function write(terms: readonly number[], wrongAt: number, slip: number): string {
  if (wrongAt < 0) return `<think>${workedSteps(terms)}</think><answer>${terms.reduce((a, b) => a + b)}</answer>`;
  let total = terms[0]!;
  const steps = terms.slice(1).map((term, k) => {
    const before = total;
    total = Math.max(0, before + term + (k === wrongAt ? slip : 0));
    if (k === wrongAt && total === before + term) total++; // it was held at 0
    return `${before}${term < 0 ? "" : "+"}${term}=${total}`;
  });
  return `<think>${steps.join(",")}</think><answer>${total}</answer>`;
}

/** Completions sampled until the quick measurement on held-out problems first reaches the mark; null = never. */
async function learning(prm: string) {
  const settings = parse(readFileSync(join(ROOT, "tasks", "arithmetic", "grpo.yaml"), "utf8"));
  const arms: Readonly<Record<string, GrpoRun["process"] | undefined>> = {
    outcome: undefined,
    "drop, step verifier": ProcessSettings.parse({ stepVerifier: true }),
    "process, step verifier": ProcessSettings.parse({ stepVerifier: true, credit: "process" }),
    "min, step verifier": ProcessSettings.parse({ stepVerifier: true, credit: "min" }),
    "drop, reward model": ProcessSettings.parse({ prm }),
  };
  const results = [];
  for (const seed of sizes.seeds) {
    for (const [arm, process] of Object.entries(arms)) {
      const grpoSettings = { ...settings.grpo, steps: sizes.rlSteps };
      const name = `${arm.replaceAll(/\W+/g, "-")}-${seed}`;
      const path = join(folder, name);
      await grpo({
        ...{ ...settings, seed, out: folder, name, checkpointEvery: 0, grpo: grpoSettings },
        ...(process ? { process } : {}),
        eval: { every: 2, quickProblems: 256, problems: sizes.held, samples: 8 },
      });
      const lines = readFileSync(join(path, "metrics.jsonl"), "utf8").trim().split("\n");
      const steps = lines.map((line) => JSON.parse(line) as Record<string, number>);
      const reached = steps.find((step) => step.step! > 0 && (step["eval/pass1"] ?? 0) >= sizes.reach);
      const perStep = settings.grpo.promptsPerStep * settings.grpo.groupSize;
      const rollouts = reached ? reached.step! * perStep : null;
      const last = steps.findLast((step) => step["eval/pass1"] !== undefined);
      results.push({ arm, seed, rollouts, after: last?.["eval/pass1"] });
      console.log(`${arm.padEnd(24)} seed ${seed}  ${rollouts ?? "never"} rollouts to ${100 * sizes.reach} %`);
    }
  }
  return { mark: sizes.reach, results };
}
