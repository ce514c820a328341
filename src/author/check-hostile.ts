/** Whatever a policy writes is graded, soon, and the same twice; and nothing earns less than a right answer. */
import { Rng } from "../rng.ts";
import type { Task } from "../rollout/index.ts";
import type { Attack, AttackInput } from "./attack.ts";
import { BOMBS } from "./attacks/bombs.ts";
import { CUT_OFF } from "./attacks/cut-off.ts";
import { NOTHING } from "./attacks/nothing.ts";
import { UNICODE } from "./attacks/unicode.ts";
import type { FindingLog } from "./findings.ts";
import type { Judging } from "./judging.ts";
import { type AnyRow, bestReward, describe, quote, type Right } from "./right.ts";
import { strike } from "./strike.ts";

/** The families that ask nothing but a verdict of a verifier. */
const HOSTILE = [NOTHING, CUT_OFF, UNICODE, BOMBS];

/** @param rights right completions to make texts from, where there are any */
export async function checkHostile(
  task: Task,
  row: AnyRow,
  rights: readonly Right[],
  slowMs: number,
  judging: Judging,
  log: FindingLog,
): Promise<void> {
  const right = rights[0] ?? blank(row);
  const input: AttackInput = {
    ...right,
    others: rights.slice(1),
    wrong: [],
    changed: [],
    tolerance: 0,
    rng: new Rng(0, "hostile"),
  };
  const limits = { slowMs, rewards: [-Infinity, Infinity], answers: undefined } as const;
  let texts = 0;
  for (const attack of HOSTILE.flatMap(({ attacks }) => attacks)) {
    const { shown, accepted } = await strike(onlyAsked(attack), [input], judging, limits);
    texts += accepted.flat().length;
    for (const { kind, completion, verdict, ms } of shown) {
      const text = quote(completion);
      if (kind === "slow") log.error("hostile", `${text} takes ${Math.round(ms)} ms, expected ≤ ${slowMs} ms`);
      if (kind === "not-graded") log.error("hostile", `${text} is not graded: ${verdict.reason}`);
      if (kind === "unstable") log.error("determinism", `the verdict of ${text} is not the same twice`);
    }
  }
  const { verdict } = await judging.judge(right.row, "");
  if (verdict.status === "graded" && verdict.reward >= bestReward(task)) {
    log.error("hostile", `the empty completion has ${describe(verdict)}, expected less than a right answer`);
  }
  log.saw("hostile", `${texts} texts, each twice`);
}

/** The same texts, whatever they earn. */
function onlyAsked({ blind: _, ...attack }: Attack): Attack {
  return { ...attack, accepts: "any" };
}

/** For a task of which nothing right is known. */
function blank(row: AnyRow): Right {
  const slot = { before: "", open: "<answer>", answer: "1", close: "</answer>", after: "" };
  return { row, prompt: "", solution: "<answer>1</answer>", reward: 1, answer: "1", slot };
}
