/**
 * The programs that a policy runs on, as functions of shapes: a name, the function, what it takes. The learner and the
 * sampler compile them; the plan of a run traces them, to know how much memory they need before anything is allocated.
 */
import type { Signature, TensorFunction } from "../engine/engine.ts";
import { floats, ints } from "../engine/spec.ts";
import { type Tensor, tf, valueAndGrads } from "../engine/tf.ts";
import { decode, decodeSignature, decodeWeights, prefill } from "./decode.ts";
import { dropoutSignature, inputSignature, trainable } from "./lora.ts";
import type { Loss } from "./loss.ts";
import type { ModelConfig } from "./model-config.ts";
import { policyOutputs } from "./outputs.ts";
import { programName, type Weights } from "./transformer.ts";
import type { ModelWeights } from "./weights.ts";

export interface ProgramSource {
  readonly name: string;
  readonly fn: TensorFunction;
  readonly signature: Signature;
}

interface Policy {
  readonly config: ModelConfig;
  readonly weights: ModelWeights;
}

/** tokens [B, T] → what `policyOutputs` gives. */
export function scoreProgram({ config, weights }: Policy, temperature: number, B: number, T: number): ProgramSource {
  return {
    name: programName(`score τ=${temperature}`, config),
    fn: (inputs) => ({ ...policyOutputs(inputs, config, inputs.tokens as Tensor, temperature) }),
    signature: { ...inputSignature(weights), tokens: ints(B, T) },
  };
}

/** Prefixes of the names under which a gradient program returns the numbers that a loss wants logged. */
export const SUM = "sum:";
export const MAX = "max:";
export const LOSS = `${SUM}loss`;

export interface GradientOptions {
  readonly temperature: number;
  readonly recompute: boolean;
}

/** tokens and the loss's fields [B, T] → gradient [P] of what is trained, the loss, and its numbers. */
export function gradientProgram(
  { config, weights }: Policy,
  loss: Loss,
  { temperature, recompute }: GradientOptions,
  B: number,
  T: number,
): ProgramSource {
  const fields = Object.fromEntries(loss.fields.map((field) => [field, floats(B, T)]));
  return {
    name: programName(`${recompute ? "recomputing " : ""}gradient ${loss.name} τ=${temperature}`, config),
    fn: (inputs) => gradient({ config, weights }, loss, { temperature, recompute }, inputs),
    signature: { ...inputSignature(weights), ...dropoutSignature(weights), tokens: ints(B, T), ...fields },
  };
}

function gradient(
  { config, weights }: Policy,
  loss: Loss,
  { temperature, recompute }: GradientOptions,
  inputs: Weights,
): Record<string, Tensor> {
  const { specs } = trainable(weights);
  const numbers: [name: string, number: Tensor][] = [];
  const objective = (...list: Tensor[]) => {
    const trained = Object.fromEntries(specs.map((spec, i) => [spec.name, list[i] as Tensor]));
    const outputs = policyOutputs({ ...inputs, ...trained }, config, inputs.tokens as Tensor, temperature, recompute);
    const batch = Object.fromEntries(loss.fields.map((field) => [field, inputs[field] as Tensor]));
    const result = loss.compute(outputs, batch);
    for (const [prefix, group] of [
      [SUM, result.sums],
      [MAX, result.maxima],
    ] as const) {
      for (const [name, number] of Object.entries(group)) numbers.push([prefix + name, tf.keep(number)]);
    }
    return result.loss.asScalar();
  };
  const { value, grads } = valueAndGrads(
    objective,
    specs.map((spec) => inputs[spec.name] as Tensor),
  );
  const all = tf.concat(grads.map((g) => g.reshape([-1]))); // [P]
  const logged = Object.fromEntries(numbers.map(([name, number]) => [name, number.clone()]));
  for (const [, number] of numbers) number.dispose(); // it was kept; the clone belongs to the caller's scope
  return { ...logged, [LOSS]: value, gradient: all };
}

/** tokens [B, T], last [B] → what `prefill` gives. */
export function prefillProgram({ config, weights }: Policy, B: number, T: number): ProgramSource {
  return {
    name: programName("prefill", config),
    fn: (inputs) => prefill(inputs, config),
    signature: { ...inputSignature(weights), tokens: ints(B, T), last: ints(B) },
  };
}

/** One token for each of B sequences with a cache of S positions. */
export function decodeProgram({ config, weights }: Policy, B: number, S: number): ProgramSource {
  return {
    name: programName("decode", config),
    fn: (inputs) => decode(inputs, config),
    signature: { ...decodeWeights(weights, config).signature, ...decodeSignature(config, B, S) },
  };
}
