/**
 * The weights under training: scores given tokens, and takes optimizer steps on a loss.
 *
 * A step runs one program for each micro-batch (forward, loss, gradient), on all executors side by side, adds the
 * gradients up in a fixed order, and runs one update program. Nothing changes before the whole step is known to be finite.
 */
import type { BoundProgram, Engine, Program, Signature } from "../engine/engine.ts";
import { floats, ints } from "../engine/spec.ts";
import { type Tensor, tf } from "../engine/tf.ts";
import { RlvrError } from "../errors.ts";
import { adamwStep, biasCorrections } from "./adamw.ts";
import { type MicroBatch, microBatches, padNumbers, padTokens } from "./batching.ts";
import { clipCoefficient, globalNorm } from "./clip-grad-norm.ts";
import type { Learner, Loss, StepReport, TrainingRow } from "./loss.ts";
import type { ModelConfig } from "./model-config.ts";
import { policyOutputs } from "./outputs.ts";
import type { ModelWeights } from "./weights.ts";
import type { Weights } from "./transformer.ts";

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
  readonly state: OptimizerState;
  readonly #options: LearnerOptions;
  readonly #gradient: Float32Array; // [P]
  readonly #bound = new Map<Program, BoundProgram[]>();

  constructor(engine: Engine, config: ModelConfig, weights: ModelWeights, options: LearnerOptions) {
    this.engine = engine;
    this.config = config;
    this.weights = weights;
    this.#options = options;
    const P = weights.flat.length;
    const shared = () => new Float32Array(new SharedArrayBuffer(4 * P));
    this.state = { firstMoment: shared(), secondMoment: shared(), updates: 0 };
    this.#gradient = shared();
  }

  get version(): number {
    return this.state.updates;
  }

  async score(rows: readonly Pick<TrainingRow, "id" | "tokens">[], temperature: number) {
    const results: { logProbs: Float32Array; entropy: Float32Array }[] = new Array(rows.length);
    await this.#eachMicroBatch(rows, async (batch, executor) => {
      const { B, T } = batch;
      const signature = { ...this.#weightSignature(), tokens: ints(B, T) };
      const fn = (inputs: Record<string, Tensor>) => {
        const { logProbs, entropy } = policyOutputs(inputs, this.config, inputs.tokens as Tensor, temperature);
        return { logProbs, entropy };
      };
      const program = await this.engine.compile(`score τ=${temperature}`, fn, signature);
      const tokens = padTokens(batch, (row) => (rows[row] as TrainingRow).tokens, this.config.padId);
      const out = await this.#onWeights(program, executor).run({ tokens });
      for (const [b, row] of batch.rows.entries()) {
        const end = b * T + (rows[row] as TrainingRow).tokens.length;
        const cut = (name: string) => (out[name] as Float32Array).slice(b * T, end);
        results[row] = { logProbs: cut("logProbs"), entropy: cut("entropy") };
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
    const partials = Array.from({ length: this.engine.executors }, () => ({ used: false, gradient: this.#gradient }));
    const metrics = new Map<string, number>();
    const add = (name: string, value: number) => metrics.set(name, (metrics.get(name) ?? 0) + value);
    const bad: MicroBatch[] = [];
    const found: { index: number; out: Record<string, Float32Array>; names: LossNames }[] = [];
    await this.#eachMicroBatch(rows, async (batch, executor, index) => {
      const { out, names } = await this.#gradientOf(loss, rows, batch, executor, temperature);
      const partial = partials[executor] as (typeof partials)[number];
      const gradient = out.gradient as Float32Array;
      if (partial.used) for (let i = 0; i < gradient.length; i++) partial.gradient[i]! += gradient[i]!;
      else Object.assign(partial, { used: true, gradient });
      if (!Number.isFinite(out.loss?.[0] as number) || !allFinite(gradient)) bad.push(batch);
      found.push({ index, out: { numbers: out.numbers as Float32Array, loss: out.loss as Float32Array }, names });
    });
    for (const { out, names } of found.sort((a, b) => a.index - b.index)) {
      add("loss", out.loss?.[0] as number);
      for (const [i, name] of names.sums.entries()) add(name, out.numbers?.[i] as number);
      for (const [i, name] of names.maxima.entries()) {
        const value = out.numbers?.[names.sums.length + i] as number;
        metrics.set(name, Math.max(metrics.get(name) ?? Number.NEGATIVE_INFINITY, value));
      }
    }
    const used = partials.filter((partial) => partial.used);
    this.#gradient.set((used[0] as (typeof used)[number]).gradient);
    for (const { gradient } of used.slice(1)) {
      for (let i = 0; i < gradient.length; i++) this.#gradient[i]! += gradient[i]!;
    }
    const gradNorm = bad.length > 0 ? Number.NaN : await this.#update(learningRate);
    const applied = Number.isFinite(gradNorm);
    const badRows = applied ? [] : await this.#findBadRows(loss, rows, bad, temperature);
    return { metrics: Object.fromEntries(metrics), gradNorm, applied, badRows };
  }

  /** Loss, its numbers and the gradient [P] of one micro-batch. */
  async #gradientOf(
    loss: Loss,
    rows: readonly TrainingRow[],
    batch: MicroBatch,
    executor: number,
    temperature: number,
  ) {
    const { B, T } = batch;
    const fields = Object.fromEntries(loss.fields.map((field) => [field, floats(B, T)]));
    const signature = { ...this.#weightSignature(), tokens: ints(B, T), ...fields };
    const key = `gradient ${loss.name} τ=${temperature}`;
    const program = await this.engine.compile(
      key,
      (inputs) => this.#gradientFunction(key, loss, temperature, inputs),
      signature,
    );
    const feeds: Record<string, Int32Array | Float32Array> = {
      tokens: padTokens(batch, (row) => (rows[row] as TrainingRow).tokens, this.config.padId),
    };
    for (const field of loss.fields) {
      feeds[field] = padNumbers(batch, (row) => fieldOf(rows[row] as TrainingRow, field, loss.name));
    }
    const out = await this.#onWeights(program, executor).run(feeds);
    return { out, names: this.#lossNames.get(key) as LossNames };
  }

  readonly #lossNames = new Map<string, LossNames>();

  #gradientFunction(key: string, loss: Loss, temperature: number, inputs: Record<string, Tensor>) {
    const specs = this.weights.specs;
    let numbers: Tensor = tf.zeros([0]);
    const objective = (...list: Tensor[]) => {
      const weights: Weights = Object.fromEntries(specs.map((spec, i) => [spec.name, list[i] as Tensor]));
      const outputs = policyOutputs(weights, this.config, inputs.tokens as Tensor, temperature);
      const batch = Object.fromEntries(loss.fields.map((field) => [field, inputs[field] as Tensor]));
      const result = loss.compute(outputs, batch);
      this.#lossNames.set(key, { sums: Object.keys(result.sums), maxima: Object.keys(result.maxima) });
      const logged = [...Object.values(result.sums), ...Object.values(result.maxima)];
      numbers = tf.keep(logged.length > 0 ? tf.stack(logged) : tf.zeros([1]));
      return result.loss.asScalar();
    };
    const { value, grads } = tf.valueAndGrads(objective as never)(specs.map((spec) => inputs[spec.name] as Tensor));
    return { loss: value.reshape([1]), numbers, gradient: tf.concat((grads as Tensor[]).map((g) => g.reshape([-1]))) };
  }

  /** Applies the summed gradient. Returns its norm; a norm that is not finite changes nothing. */
  async #update(learningRate: number): Promise<number> {
    const { beta1, beta2 } = this.#options.optimizer;
    const { firstMoment, secondMoment } = this.state;
    this.#updater ??= await this.#makeUpdater();
    const { biasCorrection1, biasCorrection2 } = biasCorrections(this.state.updates + 1, beta1, beta2);
    const out = await this.#updater.run({
      learningRate: Float32Array.of(learningRate),
      biasCorrection1: Float32Array.of(biasCorrection1),
      biasCorrection2: Float32Array.of(biasCorrection2),
    });
    const norm = out.norm?.[0] as number;
    if (!Number.isFinite(norm)) return norm;
    this.weights.flat.set(out.params as Float32Array);
    firstMoment.set(out.firstMoment as Float32Array);
    secondMoment.set(out.secondMoment as Float32Array);
    this.state.updates++;
    return norm;
  }

  #updater: BoundProgram | undefined;

  async #makeUpdater(): Promise<BoundProgram> {
    const P = this.weights.flat.length;
    const vectors = { params: floats(P), grads: floats(P), firstMoment: floats(P), secondMoment: floats(P) };
    const scalars = { learningRate: floats(), biasCorrection1: floats(), biasCorrection2: floats() };
    const { beta1, beta2, eps, weightDecay, maxGradNorm } = this.#options.optimizer;
    const fn = (inputs: Record<string, Tensor>) => {
      const { params, grads, firstMoment, secondMoment } = inputs as Record<keyof typeof vectors, Tensor>;
      const { learningRate, biasCorrection1, biasCorrection2 } = inputs as Record<keyof typeof scalars, Tensor>;
      const norm = globalNorm([grads]); // []
      const clipped = grads.mul(clipCoefficient(norm, maxGradNorm)); // [P]
      const settings = { learningRate, beta1, beta2, eps, weightDecay, biasCorrection1, biasCorrection2 };
      return { ...adamwStep({ params, grads: clipped, firstMoment, secondMoment }, settings), norm: norm.reshape([1]) };
    };
    const name = `update ${JSON.stringify(this.#options.optimizer)}`;
    const program = await this.engine.compile(name, fn, { ...vectors, ...scalars });
    const { firstMoment, secondMoment } = this.state;
    return program.bind({ params: this.weights.flat, grads: this.#gradient, firstMoment, secondMoment });
  }

  /** Runs the rows of bad micro-batches one by one, to name those that are not finite. */
  async #findBadRows(loss: Loss, rows: readonly TrainingRow[], bad: readonly MicroBatch[], temperature: number) {
    const names: string[] = [];
    for (const row of bad.flatMap((batch) => batch.rows)) {
      const [batch] = microBatches([(rows[row] as TrainingRow).tokens.length], this.#options.microBatchTokens);
      const alone = { ...(batch as MicroBatch), rows: [row] };
      const { out } = await this.#gradientOf(loss, rows, alone, 0, temperature);
      const finite = Number.isFinite(out.loss?.[0] as number) && allFinite(out.gradient as Float32Array);
      if (!finite) names.push((rows[row] as TrainingRow).id);
    }
    return names;
  }

  /** Micro-batches in a fixed assignment to executors; each executor works through its own in order. */
  async #eachMicroBatch(
    rows: readonly Pick<TrainingRow, "tokens">[],
    work: (batch: MicroBatch, executor: number, index: number) => Promise<void>,
  ): Promise<void> {
    const lengths = rows.map((row) => row.tokens.length);
    const { executors } = this.engine;
    const tokens = lengths.reduce((a, b) => a + b, 0);
    // no micro-batch so large that an executor stays idle
    const most = Math.min(this.#options.microBatchTokens, Math.ceil(tokens / executors));
    const batches = microBatches(lengths, most);
    const lanes = Array.from({ length: executors }, async (_, executor) => {
      for (let index = executor; index < batches.length; index += executors) {
        await work(batches[index] as MicroBatch, executor, index);
      }
    });
    await Promise.all(lanes);
  }

  #weightSignature(): Signature {
    return Object.fromEntries(this.weights.specs.map(({ name, shape }) => [name, floats(...shape)]));
  }

  #onWeights(program: Program, executor: number): BoundProgram {
    const bindings = this.#bound.get(program) ?? [];
    this.#bound.set(program, bindings);
    bindings[executor] ??= program.bind(this.weights.views, executor);
    return bindings[executor] as BoundProgram;
  }
}

interface LossNames {
  readonly sums: readonly string[];
  readonly maxima: readonly string[];
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
