/** Runs one attack, and tells what its texts show. */
import { isDeepStrictEqual } from "node:util";
import type { AuditNotes } from "../rollout/index.ts";
import { wilson } from "../rollout/intervals.ts";
import type { Graded, Verdict } from "../verifiers/verdict.ts";
import { surelyDiffer } from "./answers.ts";
import type { Attack, AttackInput } from "./attack.ts";
import type { Shown } from "./holes.ts";
import { CONCURRENT, type Judging, type Timed } from "./judging.ts";
import { EPSILON, type Right } from "./right.ts";

export interface Limits {
  readonly slowMs: number;
  readonly rewards: readonly [low: number, high: number];
  readonly answers: AuditNotes["answers"];
}

/** A share of rows above which luck is a hole. */
export const GUESSABLE = 0.2;
/** Slow texts of one row after which an attack is given up: each may take as long as its process is given. */
const PATIENCE = 2;
/** Texts of a row that are under way together. */
const AT_ONCE = 16;
/** A text that takes so many times the limit is not judged once more to be sure. */
const HOPELESS = 3;

export interface Struck {
  readonly shown: readonly Shown[];
  /** For each row, whether each of its texts was accepted. */
  readonly accepted: readonly (readonly boolean[])[];
}

export async function strike(
  attack: Attack,
  inputs: readonly AttackInput[],
  judging: Judging,
  limits: Limits,
): Promise<Struck> {
  const rows: RowStruck[] = [];
  for (let i = 0; i < inputs.length && !rows.some(({ slow }) => slow >= PATIENCE); i += CONCURRENT) {
    const some = inputs.slice(i, i + CONCURRENT);
    rows.push(...(await Promise.all(some.map((input) => strikeRow(attack, input, judging, limits)))));
  }
  const shown = rows.flatMap((row) => row.shown);
  if (attack.accepts === "none" && limits.answers !== "few") shown.push(...tooOften(rows, inputs.length));
  return { shown, accepted: rows.map((row) => row.accepted) };
}

interface RowStruck {
  readonly shown: readonly Shown[];
  readonly accepted: readonly boolean[];
  /** Accepted blind texts that say what this row's right answer says, by their place. */
  readonly lucky: ReadonlyMap<number, Shown>;
  readonly slow: number;
}

/** Blind texts that are right on more rows than luck explains. */
function tooOften(rows: readonly RowStruck[], count: number): Shown[] {
  const places = new Set(rows.flatMap(({ lucky }) => [...lucky.keys()]));
  return [...places].flatMap((place) => {
    const hits = rows.flatMap(({ lucky }) => lucky.get(place) ?? []);
    return wilson(hits.length, count)[0] > GUESSABLE ? hits : [];
  });
}

async function strikeRow(attack: Attack, input: AttackInput, judging: Judging, limits: Limits): Promise<RowStruck> {
  const atOnce = attack.rows === undefined ? AT_ONCE : 1;
  const judged = await judgeAll(input, attack.texts(input), atOnce, judging, limits.slowMs);
  const floor = attack.blind ? await rewardOfNothing(input, judging) : Infinity;
  const shown: Shown[] = [];
  const lucky = new Map<number, Shown>();
  const accepted: Shown[] = [];
  for (const [place, one] of judged.entries()) {
    const { row, prompt } = input;
    const { text: completion, verdict, ms } = one;
    const show = (kind: Shown["kind"], doubtful = false): Shown => {
      return { kind, doubtful, row, prompt, completion, verdict, ms };
    };
    if (ms > limits.slowMs) shown.push(show("slow"));
    else if (verdict.status === "not-graded") shown.push(show("not-graded"));
    else if (!isDeepStrictEqual(verdict, one.again)) shown.push(show("unstable"));
    if (verdict.status !== "graded") continue;

    const [low, high] = limits.rewards;
    if (verdict.reward < low - EPSILON || verdict.reward > high + EPSILON) shown.push(show("out-of-range"));
    if (!isAccepted(verdict, input)) {
      if (verdict.reward > floor + EPSILON) shown.push(show("pays", true));
    } else if (isLuck(attack, verdict, input)) lucky.set(place, show("accepted"));
    else accepted.push(show("accepted", isDoubtful(attack, verdict, input, limits)));
  }
  if (attack.accepts === "none") shown.push(...accepted);
  if (attack.accepts === "one" && accepted.length > 1) shown.push(accepted.at(-1) as Shown);
  const hits = new Set(accepted.map(({ completion }) => completion));
  return {
    shown,
    accepted: judged.map(({ text }) => hits.has(text)),
    lucky,
    slow: judged.filter(({ ms }) => ms > limits.slowMs).length,
  };
}

interface Judged extends Timed {
  readonly text: string;
  /** Of a second call; null where the first was slow. */
  readonly again: Verdict | null;
}

/** Verdicts of the texts in their order, each asked for twice. */
async function judgeAll(
  { row }: AttackInput,
  texts: readonly string[],
  atOnce: number,
  judging: Judging,
  slowMs: number,
): Promise<Judged[]> {
  const distinct = [...new Set(texts)];
  const judged: Judged[] = [];
  for (let i = 0; i < distinct.length; i += atOnce) {
    const some = distinct.slice(i, i + atOnce);
    const first = await Promise.all(some.map((text) => judging.judge(row, text)));
    for (const [j, timed] of first.entries()) {
      if (timed.ms <= slowMs || timed.ms >= HOPELESS * slowMs) continue;
      const alone = await judging.judge(row, some[j] as string); // a loaded machine is slow once
      if (alone.ms < timed.ms) first[j] = alone;
    }
    const again = await Promise.all(
      some.map((text, j) => (first[j]!.ms > slowMs ? null : judging.judge(row, text).then(({ verdict }) => verdict))),
    );
    judged.push(...some.map((text, j) => ({ ...first[j]!, text, again: again[j] ?? null })));
    if (judged.filter(({ ms }) => ms > slowMs).length >= PATIENCE) break;
  }
  return judged;
}

/** What the empty completion earns; Infinity where it is not graded, so that nothing is compared with it. */
async function rewardOfNothing({ row }: Right, judging: Judging): Promise<number> {
  const { verdict } = await judging.judge(row, "");
  return verdict.status === "graded" ? verdict.reward : Infinity;
}

/** Called correct, or paid like a right answer. */
function isAccepted(verdict: Verdict, right: Right): boolean {
  return verdict.status === "graded" && (verdict.outcome === "correct" || verdict.reward >= right.reward - EPSILON);
}

/** A blind text that says what this row's right answer says: as it does, or for all we know in other words. */
function isLuck({ blind }: Attack, verdict: Graded, input: AttackInput): boolean {
  if (blind === undefined || !verdict.answer) return false;
  const isSame = verdict.answer.trim().toLowerCase() === input.answer.trim().toLowerCase();
  return isSame || (blind === "constant" && !surelyDiffer(verdict.answer, input.answer, input.tolerance));
}

/** Whether an accepted text may be right after all. */
function isDoubtful(attack: Attack, { answer }: Graded, input: AttackInput, { answers }: Limits): boolean {
  if (attack.doubtful || (attack.counts && answers === "many")) return true;
  return attack.blind === "prompt" && answer ? !surelyDiffer(answer, input.answer, input.tolerance) : false;
}
