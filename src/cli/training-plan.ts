/** What --dry-run shows of a training command: batch arithmetic, tokens, memory, files. Loads no weights, starts no engine. */
import { availableParallelism, totalmem } from "node:os";
import { join } from "node:path";
import { divideCores, keepsMemory } from "../engine/open.ts";
import { variantsOf } from "../grpo/variants.ts";
import { microBatches } from "../policy/batching.ts";
import {
  encodePrompt,
  type Loss,
  type ModelConfig,
  readModelConfig,
  readTokenizer,
  sftLoss,
  totalMemory,
  trainingMemory,
  weightCount,
} from "../policy/index.ts";
import { POSITION_BUCKET } from "../policy/slots.ts";
import { variantsOf as ppoVariantsOf } from "../ppo/variants.ts";
import { loadTask, readRows, type Task } from "../rollout/index.ts";
import {
  findModel,
  type GrpoRun,
  type PpoRun,
  resolveGrpo,
  resolvePpo,
  resolveSft,
  type SftRun,
} from "../run/index.ts";
import type { RewardSettings } from "../run/reward-loop.ts";
import type { EngineSettings, RunSettings } from "../run/settings.ts";
import { bytes, count, type Plan, type PlanSection } from "./plan.ts";

/** Train rows whose prompts are measured. */
const ROWS_READ = 256;

interface Shape {
  readonly config: ModelConfig;
  /** Longest prompt and whole example among the rows that were read, in tokens. */
  readonly longestPrompt: number;
  readonly longestExample: number;
}

async function readShape(
  { model, seed, chat }: Pick<RunSettings, "model" | "seed" | "chat">,
  task: Task | null,
): Promise<Shape> {
  const [config, tokenizer] = [await readModelConfig(model), await readTokenizer(model)];
  const rows = task ? await readRows(task, "train", seed, ROWS_READ) : [];
  const prompts = rows.map((row) => encodePrompt({ tokenizer, chat }, (task as Task).prompt(row)).length);
  const examples = rows.map((row, i) => prompts[i]! + 1 + tokenizer.encode(task?.solution?.(row) ?? "").length);
  return { config, longestPrompt: Math.max(1, ...prompts), longestExample: Math.max(2, ...examples) };
}

export async function grpoPlan(given: GrpoRun, isResumed: boolean): Promise<Plan> {
  const task = await loadTask(given.task);
  const settings = resolveGrpo(given, { task, modelFolder: await findModel(given.model, task.name) });
  const { grpo: config } = settings;
  const shape = await readShape(settings, task);
  return rewardPlan(settings, {
    ...{ algorithm: "GRPO", isResumed, config, shape, loss: variantsOf(config).loss },
    groupSize: config.groupSize,
    rounds: config.dynamicSampling === "refill" ? 1 + config.maxRefills : 1,
    critic: null,
  });
}

export async function ppoPlan(given: PpoRun, isResumed: boolean): Promise<Plan> {
  const task = await loadTask(given.task);
  const settings = resolvePpo(given, { task, modelFolder: await findModel(given.model, task.name) });
  const { ppo: config } = settings;
  const shape = await readShape(settings, task);
  const { policyLoss, criticLoss } = ppoVariantsOf(config);
  const head = config.critic === "shared" ? "both" : "language";
  return rewardPlan(settings, {
    ...{ algorithm: "PPO", isResumed, config, loss: policyLoss, groupSize: config.samplesPerPrompt, rounds: 1 },
    shape: { ...shape, config: { ...shape.config, head } },
    critic: criticLoss && { config: { ...shape.config, head: "score" }, loss: criticLoss },
  });
}

interface RewardPlanned {
  readonly algorithm: string;
  readonly isResumed: boolean;
  readonly config: Pick<
    GrpoRun["grpo"] | PpoRun["ppo"],
    "steps" | "promptsPerStep" | "minibatches" | "epochs" | "maxTokens" | "learningRate" | "schedule" | "warmupSteps"
  >;
  readonly shape: Shape;
  readonly loss: Loss;
  /** Completions of each prompt. */
  readonly groupSize: number;
  /** Sampling rounds of a step, at most. */
  readonly rounds: number;
  /** A model that is trained beside the policy. */
  readonly critic: Critic | null;
}

interface Critic {
  readonly config: ModelConfig;
  readonly loss: Loss;
}

/** A run that samples, judges and updates. */
function rewardPlan(settings: RewardSettings, planned: RewardPlanned): Plan {
  const { algorithm, isResumed, shape, loss, groupSize: G, rounds, critic } = planned;
  const { promptsPerStep: P, minibatches, epochs, maxTokens, steps, ...rate } = planned.config;
  const { eval: measured, engine, checkpointEvery } = settings;
  const rows = Math.ceil((P * G) / minibatches);
  const longest = shape.longestPrompt + maxTokens;
  const work = updateShape(shape.config, engine, rows, longest);
  const perMeasurement = measured.problems * (1 + measured.samples);
  const quick = measured.every > 0 ? Math.floor(steps / measured.every) : 0;
  const tokens = steps * P * G * maxTokens;
  return {
    title: title(algorithm, settings.task, settings.model, shape.config, isResumed),
    sections: [
      {
        title: "Batch",
        rows: [
          ["completions a step", count(P * G), `${P} prompts × ${G} completions`],
          ["updates a step", String(epochs * minibatches), `${epochs} epochs × ${minibatches} minibatches`],
          ["completions an update", count(rows)],
          ["longest sequence", `${longest} tokens`, `prompt ${shape.longestPrompt} + completion ${maxTokens}`],
          ...work.rows,
        ],
      },
      {
        title: "Run",
        rows: [
          ["steps", String(steps), `learning rate ${rate.learningRate}, ${rate.schedule} after ${rate.warmupSteps}`],
          ["completions", upTo(steps * P * G, rounds), rounds > 1 ? `with up to ${rounds - 1} refills a step` : ""],
          ["tokens sampled", `at most ${count(tokens * rounds)}`, "every completion at its limit"],
          [
            "measurements",
            `2 × ${count(perMeasurement)} completions`,
            `${quick} quick ones of ${2 * measured.quickProblems}`,
          ],
        ],
      },
      memorySection(shape.config, settings, work, longest, loss, P * G, critic),
      filesSection(
        join(settings.out, settings.name),
        shape.config,
        Math.floor(steps / (checkpointEvery || steps)),
        true,
        critic,
      ),
    ],
  };
}

export async function sftPlan(given: SftRun, isResumed: boolean): Promise<Plan> {
  const task = given.task === "" ? null : await loadTask(given.task);
  const settings = resolveSft(given, task, await findModel(given.model, task?.name ?? null));
  const { sft: config, engine, checkpointEvery } = settings;
  const shape = await readShape(settings, settings.data === "" ? task : null);
  const longest = settings.data === "" ? shape.longestExample : shape.config.maxPositions;
  const work = updateShape(shape.config, engine, config.batchSize, longest);
  return {
    title: title("fine-tune", settings.data || settings.task, settings.model, shape.config, isResumed),
    sections: [
      {
        title: "Batch",
        rows: [
          ["examples an update", count(config.batchSize)],
          ["longest sequence", `${longest} tokens`, settings.data === "" ? "" : "what the model can read at most"],
          ...work.rows,
        ],
      },
      {
        title: "Run",
        rows: [
          ["steps", String(config.steps), `learning rate ${config.learningRate}, ${config.schedule}`],
          ["examples", count(config.steps * config.batchSize)],
          ["tokens", `at most ${count(config.steps * config.batchSize * longest)}`],
        ],
      },
      memorySection(shape.config, settings, work, longest, sftLoss, 0, null),
      filesSection(
        join(settings.out, settings.name),
        shape.config,
        Math.floor(config.steps / (checkpointEvery || config.steps)),
        false,
        null,
      ),
    ],
  };
}

function title(what: string, on: string, model: string, config: ModelConfig, isResumed: boolean): string {
  return `Would ${isResumed ? "go on with" : "start"} ${what} on ${on} from ${model} (${count(weightCount(config))} parameters)`;
}

interface UpdateShape {
  readonly executors: number;
  readonly B: number;
  readonly T: number;
  readonly rows: PlanSection["rows"];
}

/** Micro-batches of one update if all sequences are as long as the longest. */
function updateShape(config: ModelConfig, engine: EngineSettings, rows: number, longest: number): UpdateShape {
  const given = {
    ...(engine.executors > 0 ? { executors: engine.executors } : {}),
    ...(engine.threads > 0 ? { threads: engine.threads } : {}),
  };
  const isShared = engine.name === "onnx" && engine.device === "cpu";
  const { executors, threads } = isShared
    ? divideCores({ ...given, size: weightCount(config) }, availableParallelism())
    : { executors: 1, threads: 1 };
  const batches = microBatches(new Array<number>(rows).fill(longest), engine.microBatchTokens, executors);
  const { B, T } = batches[0]!;
  return {
    ...{ executors, B, T },
    rows: [
      ["micro-batches", `${batches.length} of ${B} × ${T} tokens`, `at most ${engine.microBatchTokens} tokens each`],
      ["side by side", String(executors), isShared ? `${threads} threads each` : `${engine.name} on ${engine.device}`],
    ],
  };
}

interface MemorySettings {
  readonly lora: GrpoRun["lora"];
  readonly engine: EngineSettings;
}

/** @param sampled completions that are sampled in one step */
function memorySection(
  config: ModelConfig,
  { lora, engine }: MemorySettings,
  { executors, B, T }: UpdateShape,
  longest: number,
  loss: Loss,
  sampled: number,
  critic: Critic | null,
): PlanSection {
  const positions = Math.ceil(longest / POSITION_BUCKET) * POSITION_BUCKET;
  const size = weightCount(config);
  const keepMemory = engine.name === "onnx" && engine.device === "cpu" && keepsMemory(size);
  const slots = Math.min(engine.slots, Math.ceil(sampled / executors));
  const { recompute } = engine;
  const inHalves = engine.weights === "f16";
  const shapes = { loss, inHalves, recompute, executors, keepMemory, B, T, slots, positions };
  const memory = trainingMemory(config, { ...shapes, lora: lora.rank > 0 ? lora : null });
  const ofCritic = critic ? criticMemory(critic, { ...shapes, slots: 0 }, memory.programs) : 0;
  const total = totalMemory(memory) + ofCritic;
  return {
    title: "Memory, at the peak",
    rows: [
      ["weights", bytes(memory.weights)],
      ...(lora.rank > 0 ? ([["adapter", bytes(memory.adapter), `rank ${lora.rank}`]] as const) : []),
      ["moments", bytes(memory.moments), `AdamW's two, of ${lora.rank > 0 ? "the adapter" : "all weights"}`],
      ["gradients", bytes(memory.gradients), "one on each executor, and their sum"],
      ["programs", bytes(memory.programs), keepMemory ? "kept: more for other lengths" : "the largest, traced"],
      ["key-value cache", bytes(memory.cache), `${slots} sequences of ${positions} on each executor`],
      ...(critic ? ([["critic", bytes(ofCritic), "weights, moments, gradients, larger programs"]] as const) : []),
      ["process", bytes(memory.process), "Node, TensorFlow.js, ONNX Runtime"],
      ["together", bytes(total), `this machine has ${bytes(totalmem())}`],
      ...(total > FITS * totalmem() ? advice(config, shapes, lora, ofCritic) : []),
    ],
  };
}

/** What a critic adds to a policy's memory; programs run one at a time, so of these the larger one counts. */
function criticMemory(
  { config, loss }: Critic,
  shapes: Omit<Parameters<typeof trainingMemory>[1], "lora">,
  programs: number,
): number {
  const memory = trainingMemory(config, { ...shapes, loss, inHalves: false, lora: null });
  return memory.weights + memory.moments + memory.gradients + Math.max(0, memory.programs - programs);
}

/** Share of the machine's memory that a run may take before the plan says what to change. */
const FITS = 0.85;

/** What each change alone would make of the peak. */
function advice(
  config: ModelConfig,
  shapes: Omit<Parameters<typeof trainingMemory>[1], "lora">,
  lora: GrpoRun["lora"],
  ofCritic: number,
): PlanSection["rows"] {
  const given = lora.rank > 0 ? lora : null;
  const changes: [what: string, change: Partial<Parameters<typeof trainingMemory>[1]>][] = [
    ["--engine.recompute true", { recompute: true }],
    [`--engine.microBatchTokens ${shapes.T}`, { B: 1 }],
    ["--engine.slots 8", { slots: Math.min(8, shapes.slots) }],
    ["--engine.executors 1", { executors: 1 }],
    ["--lora.rank 8", { lora: given ?? { ...lora, rank: 8 } }],
    ["--lora.rank 8 --engine.weights f16", { lora: given ?? { ...lora, rank: 8 }, inHalves: true }],
  ];
  const peakWith = (change: Partial<Parameters<typeof trainingMemory>[1]>) =>
    totalMemory(trainingMemory(config, { ...shapes, lora: given, ...change })) + ofCritic;
  const now = peakWith({});
  const helped = changes.flatMap(([what, change]) => {
    const peak = peakWith(change);
    return peak < 0.98 * now ? [[`  with ${what}`, bytes(peak)] as const] : [];
  });
  return [["does not fit", "", "what each change alone would make of it:"], ...helped];
}

function filesSection(
  path: string,
  config: ModelConfig,
  checkpoints: number,
  hasRollouts: boolean,
  critic: Critic | null,
): PlanSection {
  const size = 4 * weightCount(config);
  const saved = 3 * (size + (critic ? 4 * weightCount(critic.config) : 0));
  return {
    title: "Files",
    rows: [
      [`${path}/`, "", "config.json manifest.json metrics.jsonl timings.jsonl before.json"],
      ...(hasRollouts ? ([["  rollouts.jsonl", "", "every completion with its verdict"]] as const) : []),
      ["  checkpoints/", bytes(saved), `each; ${Math.max(1, checkpoints)} are made, the newest 2 and the best kept`],
      ["  model/", bytes(size), "the trained model"],
      ["  report.html", "", "and summary.json, examples.json"],
    ],
  };
}

function upTo(value: number, factor: number): string {
  return factor > 1 ? `${count(value)} to ${count(value * factor)}` : count(value);
}
