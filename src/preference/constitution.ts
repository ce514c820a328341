/**
 * Constitutional AI — https://arxiv.org/abs/2212.08073. Principles, not labels, say what is wanted.
 *
 *   phase 1   response → critique by a principle → revision, some rounds; SFT on the last revisions
 *   phase 2   pairs of responses, labeled by a judge who is shown a principle; a reward model on them, then RL
 *
 * Whoever criticizes, revises and judges is a function: the policy itself, another model, a rule.
 */
import { Rng } from "../rng.ts";
import type { Comparison } from "./records.ts";

export interface Principle {
  readonly id: string;
  /** Shown to who criticizes. */
  readonly critique: string;
  /** Shown to who revises. */
  readonly revision: string;
}

/** One round on one response: what is kept for people to read. */
export interface RevisionStep {
  readonly principle: string;
  readonly critique: string;
  readonly revision: string;
}

export interface Revised {
  readonly id: string;
  readonly prompt: string;
  readonly response: string;
  readonly steps: readonly RevisionStep[];
  /** The last revision: what is imitated. */
  readonly revision: string;
}

export interface RevisionOptions {
  readonly principles: readonly Principle[];
  /** Critiques of each response; the paper has 4, each by a principle drawn anew. */
  readonly rounds: number;
  readonly seed: number;
  readonly criticize: (prompt: string, response: string, principle: Principle) => Promise<string>;
  readonly revise: (prompt: string, response: string, critique: string, principle: Principle) => Promise<string>;
  /** After each response, awaited: append it to a log. */
  readonly onRevised?: (revised: Revised) => void | Promise<void>;
}

/** Phase 1. The principles of a response depend on the seed, its id and the round alone. */
export async function reviseByPrinciples(
  responses: readonly { readonly id: string; readonly prompt: string; readonly response: string }[],
  { principles, rounds, seed, criticize, revise, onRevised }: RevisionOptions,
): Promise<Revised[]> {
  const all: Revised[] = [];
  for (const { id, prompt, response } of responses) {
    const rng = new Rng(seed, `constitution/${id}`);
    const steps: RevisionStep[] = [];
    let text = response;
    for (let round = 0; round < rounds; round++) {
      const principle = rng.pick(principles);
      const critique = await criticize(prompt, text, principle);
      text = await revise(prompt, text, critique, principle);
      steps.push({ principle: principle.id, critique, revision: text });
    }
    const revised = { id, prompt, response, steps, revision: text };
    await onRevised?.(revised);
    all.push(revised);
  }
  return all;
}

export interface LabelOptions {
  /** What the judge is shown besides the pair, such as principles; each pair gets `perPair` of them. */
  readonly criteria: readonly string[];
  readonly perPair: number;
  readonly seed: number;
  /** p(the first is better). It is asked in both orders, against position bias. */
  readonly judge: (prompt: string, first: string, second: string, criterion: string) => Promise<number>;
  /** Range of each soft label; the paper has [.4, .6] for judges that reason first. */
  readonly clamp?: readonly [low: number, high: number];
  /** Recorded as the source of each comparison. */
  readonly source: string;
}

/**
 * Phase 2, and RLAIF (https://arxiv.org/abs/2309.00267): soft labels from a judge, averaged over both orders and over
 * criteria. A pair on which it has no opinion at all (exactly ½) is left out.
 */
export async function labelByJudge(
  pairs: readonly { readonly id: string; readonly prompt: string; readonly responses: readonly [string, string] }[],
  { criteria, perPair, seed, judge, clamp: [low, high] = [0, 1], source }: LabelOptions,
): Promise<Comparison[]> {
  const labeled: Comparison[] = [];
  for (const { id, prompt, responses } of pairs) {
    const [a, b] = responses;
    const chosen = new Rng(seed, `judge/${id}`).shuffle([...criteria]).slice(0, perPair);
    let total = 0;
    for (const criterion of chosen) {
      const [forward, backward] = [await judge(prompt, a, b, criterion), await judge(prompt, b, a, criterion)];
      total += Math.min(high, Math.max(low, 0.5 + (forward - backward) / 2)); // exactly ½ for a judge of places
    }
    const p = total / chosen.length;
    if (p === 0.5) continue;
    const [better, worse] = p > 0.5 ? [a, b] : [b, a];
    labeled.push({
      kind: "comparison",
      id,
      source,
      prompt,
      chosen: better,
      rejected: worse,
      target: Math.max(p, 1 - p),
    });
  }
  return labeled;
}
