/**
 * Rotary frequencies, https://arxiv.org/abs/2104.09864, and how checkpoints stretch them for longer contexts. i of d/2:
 *
 *   plain    f_i = θ^(−2i/d)
 *   linear   f_i / s                                                              https://arxiv.org/abs/2306.15595
 *   llama3   f_i where the wavelength 2π/f_i is short, f_i / s where it is long, between them a mixture
 *   yarn     as llama3 with a ramp over i, and cos, sin multiplied by 0.1·ln s + 1  https://arxiv.org/abs/2309.00071
 *
 * As transformers computes them (modeling_rope_utils).
 */
import { z } from "zod";

const factor = z.number().min(1).describe("s, how many times longer the context is");
const positions = z.int().min(1).describe("longest sequence before stretching");

export const RopeScaling = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("linear"), factor }),
  z.strictObject({
    type: z.literal("llama3"),
    factor,
    lowFrequencyFactor: z.number().positive(),
    highFrequencyFactor: z.number().positive(),
    originalPositions: positions,
  }),
  z.strictObject({
    type: z.literal("yarn"),
    factor,
    originalPositions: positions,
    betaFast: z.number().positive().default(32),
    betaSlow: z.number().positive().default(1),
    /** Multiplies cos and sin. */
    attentionFactor: z.number().positive(),
  }),
]);
export type RopeScaling = z.output<typeof RopeScaling>;

/** YaRN's eq. 22. */
export function yarnAttentionFactor(factor: number): number {
  return factor <= 1 ? 1 : 0.1 * Math.log(factor) + 1;
}

export interface RopeSettings {
  readonly headDim: number;
  readonly ropeTheta: number;
  readonly ropeScaling: RopeScaling | null;
}

/** Radians per position of each pair, and the factor of cos and sin. frequencies [d/2] */
export function rotaryFrequencies({ headDim: d, ropeTheta, ropeScaling: scaling }: RopeSettings): {
  frequencies: Float32Array;
  amplitude: number;
} {
  const plain = Float32Array.from({ length: d / 2 }, (_, i) => ropeTheta ** (-(2 * i) / d));
  switch (scaling?.type) {
    case undefined:
      return { frequencies: plain, amplitude: 1 };
    case "linear":
      return { frequencies: plain.map((f) => f / scaling.factor), amplitude: 1 };
    case "llama3": {
      const { factor, lowFrequencyFactor: low, highFrequencyFactor: high, originalPositions } = scaling;
      const stretched = plain.map((f) => {
        const turns = (originalPositions * f) / (2 * Math.PI); // full turns in the original context
        const kept = Math.min(1, Math.max(0, (turns - low) / (high - low)));
        return (1 - kept) * (f / factor) + kept * f;
      });
      return { frequencies: stretched, amplitude: 1 };
    }
    case "yarn": {
      const { factor, originalPositions, betaFast, betaSlow, attentionFactor } = scaling;
      /** The pair that makes so many turns in the original context. */
      const pairOf = (turns: number) =>
        (d * Math.log(originalPositions / (turns * 2 * Math.PI))) / (2 * Math.log(ropeTheta));
      const first = Math.max(0, Math.floor(pairOf(betaFast)));
      const last = Math.min(d - 1, Math.ceil(pairOf(betaSlow)));
      const width = Math.max(last - first, 0.001);
      const stretched = plain.map((f, i) => {
        const kept = 1 - Math.min(1, Math.max(0, (i - first) / width));
        return (1 - kept) * (f / factor) + kept * f;
      });
      return { frequencies: stretched, amplitude: attentionFactor };
    }
    default:
      return scaling satisfies never;
  }
}
