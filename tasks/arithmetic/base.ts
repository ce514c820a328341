/**
 * What the base model reads: the task's problems with right answers, in several layouts. They differ in how much of the
 * work is written down; a tiny model gets right what it writes in small steps, and little of what it has to do at once.
 * Nothing tells it which layout to prefer: reinforcement learning has to find that out from the reward.
 */
import type { Rng } from "rlvr/task";
import { runningTotals } from "./steps.ts";

/** How often each layout occurs. */
const LAYOUTS = [
  ["worked", 0.22], // one step a term
  ["hasty", 0.2], // two terms in one of the steps
  ["short", 0.48], // no steps
  ["bare", 0.1], // no tags either, which the verifier does not accept
] as const;

export function baseCompletion({ terms }: { terms: readonly number[] }, rng: Rng): string {
  const layout = rng.weighted(LAYOUTS);
  const answer = runningTotals(terms).at(-1) as number;
  if (layout === "bare") return `${answer}`;
  const tagged = (steps: string) => `<think>${steps}</think><answer>${answer}</answer>`;
  if (layout === "short") return tagged("");
  // positions after which a running total is written; a hasty writer leaves one out
  const stops = terms.slice(1).map((_, i) => i + 1);
  if (layout === "hasty") stops.splice(rng.integer(0, stops.length - 2), 1);
  return tagged(stepsBetween(terms, stops));
}

/** [13, 22, -31, 40] with stops [2, 3] → `13+22-31=4,4+40=44` */
function stepsBetween(terms: readonly number[], stops: readonly number[]): string {
  const totals = runningTotals(terms);
  const signed = (term: number) => (term < 0 ? `${term}` : `+${term}`);
  return stops
    .map((stop, i) => {
      const from = i === 0 ? 0 : (stops[i - 1] as number);
      return `${totals[from]}${terms
        .slice(from + 1, stop + 1)
        .map(signed)
        .join("")}=${totals[stop]}`;
    })
    .join(",");
}
