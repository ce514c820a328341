/**
 * What the base model reads: the task's problems answered in several layouts, from a whole search to a blind guess. Nothing
 * tells it which layout to prefer; reinforcement learning has to find that out from the reward.
 */
import type { Rng } from "rlvr/task";
import { type Try, trace, tries } from "./search.ts";

/** How often each layout occurs. */
const LAYOUTS = [
  ["search", 0.3], // tries in order until one reaches the target
  ["tired", 0.2], // the same, but given up after a few tries: the last one is the answer
  ["guess", 0.25], // one try, whatever it gives
  ["short", 0.15], // an expression without any try
  ["bare", 0.1], // a right expression without tags, which the verifier does not accept
] as const;

/** Most tries of a tired search. */
const PATIENCE = 6;

export function baseCompletion(
  { numbers, target }: { numbers: [number, number, number]; target: number },
  rng: Rng,
): string {
  const all = tries(numbers);
  const success = all.findIndex(({ second }) => second.result === target);
  const answer = (tried: readonly Try[], last: Try) =>
    `<think>${trace(tried)}</think><answer>${last.expression}</answer>`;
  switch (rng.weighted(LAYOUTS)) {
    case "search":
      return answer(all.slice(0, success + 1), all[success] as Try);
    case "tired": {
      const count = Math.min(success + 1, rng.integer(1, PATIENCE));
      return answer(all.slice(0, count), all[count - 1] as Try);
    }
    case "guess": {
      const guess = rng.pick(all);
      return answer([guess], guess);
    }
    case "short":
      return answer([], rng.pick(all));
    case "bare":
      return (all[success] as Try).expression;
  }
}
