/** One token from logits, and its log-probability under the distribution that it was drawn from. */
import { type Counter, uniform } from "../rng.ts";

export interface Truncation {
  /** 0 = off. Only the k likeliest tokens. */
  readonly topK: number;
  /** 1 = off. The smallest set of likeliest tokens with at least this probability (https://arxiv.org/abs/1904.09751). */
  readonly topP: number;
  /** 0 = off. Tokens at least this likely relative to the likeliest (https://arxiv.org/abs/2407.01082). */
  readonly minP: number;
}

export interface DrawOptions extends Truncation {
  /** 0 = the likeliest token; its log-probability is then the one at temperature 1. */
  readonly temperature: number;
}

export interface Draw {
  readonly token: number;
  readonly logProb: number;
}

/**
 * @param logits the row starts at `offset` and has V entries
 * @param counter (prompt, sample, token, step): the draw depends on (seed, counter) alone
 */
export function draw(
  logits: Float32Array,
  offset: number,
  V: number,
  options: DrawOptions,
  seed: number,
  counter: Counter,
): Draw {
  const { temperature } = options;
  let best = 0;
  for (let v = 1; v < V; v++) if (logits[offset + v]! > logits[offset + best]!) best = v;
  const top = logits[offset + best]!;
  const scale = temperature === 0 ? 1 : 1 / temperature;
  let sum = 0;
  for (let v = 0; v < V; v++) sum += Math.exp((logits[offset + v]! - top) * scale);
  if (temperature === 0) return { token: best, logProb: -Math.log(sum) };
  const u = uniform(seed, counter);
  if (options.topK > 0 || options.topP < 1 || options.minP > 0) {
    return drawTruncated(logits, offset, V, top, scale, options, u);
  }
  let rest = u * sum;
  let token = best; // rounding may leave a rest after the last token
  for (let v = 0; v < V; v++) {
    rest -= Math.exp((logits[offset + v]! - top) * scale);
    if (rest < 0) {
      token = v;
      break;
    }
  }
  return { token, logProb: (logits[offset + token]! - top) * scale - Math.log(sum) };
}

function drawTruncated(
  logits: Float32Array,
  offset: number,
  V: number,
  top: number,
  scale: number,
  { topK, topP, minP }: Truncation,
  u: number,
): Draw {
  const mass = (v: number) => Math.exp((logits[offset + v]! - top) * scale);
  // likeliest first; equal ones by id, so that the order never depends on the sort
  let kept = Array.from({ length: V }, (_, v) => v).sort((a, b) => logits[offset + b]! - logits[offset + a]! || a - b);
  if (topK > 0) kept = kept.slice(0, topK);
  kept = kept.filter((v) => mass(v) >= minP);
  const before = kept.reduce((sum, v) => sum + mass(v), 0);
  let covered = 0;
  const needed = kept.findIndex((v) => (covered += mass(v)) >= topP * before);
  if (topP < 1 && needed >= 0) kept = kept.slice(0, needed + 1);
  const sum = kept.reduce((total, v) => total + mass(v), 0);
  let rest = u * sum;
  const token = kept.find((v) => (rest -= mass(v)) < 0) ?? (kept[0] as number);
  return { token, logProb: (logits[offset + token]! - top) * scale - Math.log(sum) };
}
