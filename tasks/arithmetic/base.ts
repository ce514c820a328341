/**
 * What the base model reads: the task's problems answered in several layouts, most of them bad. Nothing tells it which
 * layout to prefer; reinforcement learning has to find that out from the reward.
 */
import type { Rng } from "rlvr/task";
import { runningTotals } from "./steps.ts";

/** How often each layout occurs. */
const LAYOUTS = [
  ["worked", 0.3], // every step, right
  ["sloppy", 0.3], // every step, some wrong; later steps go on from the wrong total
  ["short", 0.3], // no steps, only the right answer
  ["bare", 0.1], // the right answer without tags, which the verifier does not accept
] as const;

/** Chance that a sloppy step is wrong. */
const SLIP = 0.35;

export function baseCompletion({ terms }: { terms: readonly number[] }, rng: Rng): string {
  const layout = drawLayout(rng);
  const answer = runningTotals(terms).at(-1) as number;
  if (layout === "bare") return `${answer}`;
  if (layout === "short") return `<think></think><answer>${answer}</answer>`;
  const steps: string[] = [];
  let total = terms[0] as number;
  for (const term of terms.slice(1)) {
    const right = total + term;
    const next = layout === "sloppy" && rng.next() < SLIP ? Math.max(0, right + rng.pick([-20, -10, -2, -1, 1, 2, 10, 20])) : right;
    steps.push(`${total}${term < 0 ? "" : "+"}${term}=${next}`);
    total = next;
  }
  return `<think>${steps.join(",")}</think><answer>${total}</answer>`;
}

function drawLayout(rng: Rng): (typeof LAYOUTS)[number][0] {
  let rest = rng.next();
  for (const [layout, share] of LAYOUTS) {
    rest -= share;
    if (rest < 0) return layout;
  }
  return "bare";
}
