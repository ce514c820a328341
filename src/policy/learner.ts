/**
 * The weights under training: scores given tokens, and takes optimizer steps on a loss.
 *
 * A step runs one program for each micro-batch (forward, loss, gradient), on all executors side by side, adds the
 * gradients up in a fixed order, and updates the weights. Nothing changes before the whole step is known to be finite.
 */
import type { BoundProgram, Engine, Program } from "../engine/engine.ts";
import { RlvrError } from "../errors.ts";
import { adamwStep } from "./adamw.ts";
import { lanes, type MicroBatch, microBatches, padNumbers, padTokens } from "./batching.ts";
import { clipCoefficient, globalNorm } from "./clip-grad-norm.ts";
import { dropoutFeeds, inputViews, trainable } from "./lora.ts";
import type { Learner, Loss, RowScores, StepReport, TrainingRow } from "./loss.ts";
import type { ModelConfig } from "./model-config.ts";
import { gradientProgram, LOSS, MAX, type ProgramSource, SUM, scoreProgram } from "./programs.ts";
import { type FlatWeights, flatWeights, type ModelWeights } from "./weights.ts";

export interface OptimizerConfig {
  readonly beta1: number;
  readonly beta2: number;
  readonly eps: number;
  readonly weightDecay: number;
  /** Gradients of a larger global norm are scaled down to it. */
  readonly maxGradNorm: number;
}

export interface LearnerOptions {
  readonly optimizer: OptimizerConfig;
  /** Padded tokens in one micro-batch. */
  readonly microBatchTokens: number;
  /** Keep only each layer's input for the backward pass, and compute the rest again: a third more work, far less memory. */
  readonly recompute?: boolean;
}

/** What a resumed learner needs besides the weights. */
export interface OptimizerState {
  readonly firstMoment: Float32Array; // [P]
  readonly secondMoment: Float32Array; // [P]
  updates: number;
}

export class PolicyLearner implements Learner {
  readonly engine: Engine;
  readonly config: ModelConfig;
  readonly weights: ModelWeights;
  /** What a step changes: the adapter where there is one, else all weights. */
  readonly trained: FlatWeights;
  readonly state: OptimizerState;
  readonly #options: LearnerOptions;
  readonly #bound = new Map<Program, BoundProgram[]>();

  constructor(engine: Engine, config: ModelConfig, weights: ModelWeights, options: LearnerOptions) {
    this.engine = engine;
    this.config = config;
    this.weights = weights;
    this.#options = options;
    this.trained = weights.halves && !weights.adapter ? flatWeights([]) : trainable(weights);
    const P = this.trained.flat.length;
    this.state = { firstMoment: new Float32Array(P), secondMoment: new Float32Array(P), updates: 0 };
  }

  get version(): number {
    return this.state.updates;
  }

  async score(rows: readonly Pick<TrainingRow, "id" | "tokens">[], temperature: number): Promise<RowScores[]> {
    const results: RowScores[] = new Array(rows.length);
    const start = async (batch: MicroBatch, executor: number) => {
      const { B, T } = batch;
      const program = await this.#compile(scoreProgram(this, temperature, B, T));
      const tokens = padTokens(batch, (row) => (rows[row] as TrainingRow).tokens, this.config.padId);
      return this.#onWeights(program, executor).run({ tokens });
    };
    await this.#eachMicroBatch(rows, start, (out, { rows: indices, T }) => {
      for (const [b, row] of indices.entries()) {
        const end = b * T + (rows[row] as TrainingRow).tokens.length;
        const cut = (name: string) => (out[name] as Float32Array).slice(b * T, end);
        const scores = out.scores ? { scores: cut("scores") } : {};
        results[row] = { logProbs: cut("logProbs"), entropy: cut("entropy"), ...scores };
      }
    });
    return results;
  }

  async step(
    loss: Loss,
    rows: readonly TrainingRow[],
    { learningRate, temperature }: { learningRate: number; temperature: number },
  ): Promise<StepReport> {
    if (rows.length === 0) throw new RlvrError("E_SHAPE", "a step needs at least one row");
    const partials: Float32Array[] = []; // one for each executor that had work
    const metrics = new Map<string, number>();
    const found: Record<string, Float32Array>[] = [];
    const start = (batch: MicroBatch, executor: number) => this.#gradientOf(loss, rows, batch, executor, temperature);
    await this.#eachMicroBatch(rows, start, ({ gradient, ...numbers }, _, executor, index) => {
      const partial = partials[executor];
      if (partial) addTo(partial, gradient);
      else partials[executor] = gradient;
      found[index] = numbers;
    });
    for (const numbers of found) addMetrics(metrics, numbers);
    const [gradient, ...others] = partials.filter(Boolean) as [Float32Array, ...Float32Array[]];
    for (const other of others) addTo(gradient, other);
    const finite = Number.isFinite(metrics.get("loss")); // a gradient that is not shows in its norm
    const gradNorm = finite ? this.#update(gradient, learningRate) : Number.NaN;
    const applied = Number.isFinite(gradNorm);
    const badRows = applied ? [] : await this.#findBadRows(loss, rows, temperature);
    return { metrics: Object.fromEntries(metrics), gradNorm, applied, badRows };
  }

  /** Gradient [P], loss and further numbers of one micro-batch; these as SUM and MAX name them. */
  async #gradientOf(
    loss: Loss,
    rows: readonly TrainingRow[],
    batch: MicroBatch,
    executor: number,
    temperature: number,
  ) {
    const options = { temperature, recompute: this.#options.recompute ?? false };
    const program = await this.#compile(gradientProgram(this, loss, options, batch.B, batch.T));
    const feeds: Record<string, Int32Array | Float32Array> = {
      tokens: padTokens(batch, (row) => (rows[row] as TrainingRow).tokens, this.config.padId),
      // the mask depends on a row's place in its micro-batch: with dropout, other micro-batches are another step
      ...dropoutFeeds(this.weights, this.version % 2 ** 16),
    };
    for (const field of loss.fields) {
      feeds[field] = padNumbers(batch, (row) => fieldOf(rows[row] as TrainingRow, field, loss.name));
    }
    const out = await this.#onWeights(program, executor).run(feeds);
    return out as Record<string, Float32Array> & { gradient: Float32Array };
  }

  /** Applies the gradient of the whole batch. Returns its norm; a norm that is not finite changes nothing. */
  #update(grads: Float32Array, learningRate: number): number {
    const norm = globalNorm(grads);
    if (!Number.isFinite(norm)) return norm;
    const { maxGradNorm, ...optimizer } = this.#options.optimizer;
    const { firstMoment, secondMoment } = this.state;
    const arrays = { params: this.trained.flat, grads, firstMoment, secondMoment };
    this.state.updates++;
    const gradScale = clipCoefficient(norm, maxGradNorm);
    adamwStep(arrays, { ...optimizer, learningRate, t: this.state.updates, gradScale });
    return norm;
  }

  /** Runs the rows one by one, to name those that are not finite. */
  async #findBadRows(loss: Loss, rows: readonly TrainingRow[], temperature: number): Promise<string[]> {
    const names: string[] = [];
    for (const [row, { id, tokens }] of rows.entries()) {
      const [batch] = microBatches([tokens.length], this.#options.microBatchTokens);
      const alone = { ...(batch as MicroBatch), rows: [row] };
      const { gradient, ...numbers } = await this.#gradientOf(loss, rows, alone, 0, temperature);
      if (!Number.isFinite(numbers[LOSS]?.[0]) || !allFinite(gradient)) names.push(id);
    }
    return names;
  }

  /**
   * Micro-batches in a fixed assignment to executors; each executor works through its own in order. The next one is
   * started before the last one's results are dealt with, so that no executor waits for this thread.
   */
  async #eachMicroBatch<Out>(
    rows: readonly Pick<TrainingRow, "tokens">[],
    start: (batch: MicroBatch, executor: number) => Promise<Out>,
    finish: (out: Out, batch: MicroBatch, executor: number, index: number) => void,
  ): Promise<void> {
    const lengths = rows.map((row) => row.tokens.length);
    const { executors } = this.engine;
    const batches = microBatches(lengths, this.#options.microBatchTokens, executors);
    const running = lanes(batches, executors).map(async (lane, executor) => {
      const started: Promise<Out>[] = [];
      for (const [at, index] of lane.entries()) {
        while (started.length < Math.min(at + 2, lane.length)) {
          const out = start(batches[lane[started.length] as number] as MicroBatch, executor);
          out.catch(() => undefined); // reported when its turn comes
          started.push(out);
        }
        finish(await (started[at] as Promise<Out>), batches[index] as MicroBatch, executor, index);
      }
    });
    await Promise.all(running);
  }

  #compile({ name, fn, signature }: ProgramSource): Promise<Program> {
    return this.engine.compile(name, fn, signature);
  }

  #onWeights(program: Program, executor: number): BoundProgram {
    const bindings = this.#bound.get(program) ?? [];
    this.#bound.set(program, bindings);
    bindings[executor] ??= program.bind(inputViews(this.weights), executor);
    return bindings[executor] as BoundProgram;
  }
}

function addMetrics(metrics: Map<string, number>, numbers: Record<string, Float32Array>): void {
  for (const [key, values] of Object.entries(numbers)) {
    const name = key.slice(SUM.length);
    const value = values[0] as number;
    const known = metrics.get(name);
    metrics.set(name, known === undefined ? value : key.startsWith(MAX) ? Math.max(known, value) : known + value);
  }
}

function addTo(sum: Float32Array, values: Float32Array): void {
  for (let i = 0; i < sum.length; i++) sum[i]! += values[i]!;
}

function fieldOf(row: TrainingRow, field: string, loss: string): Float32Array {
  const values = row.fields[field];
  if (values?.length === row.tokens.length) return values;
  const came = values ? `${values.length} values` : "no values";
  throw new RlvrError("E_SHAPE", `row ${row.id} has ${came} of ${field}, expected ${row.tokens.length} for ${loss}`);
}

function allFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}
