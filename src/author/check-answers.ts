/** Answers that need no verifier to be found: they stand in the prompt, or are the same for many rows. */
import type { Task } from "../rollout/index.ts";
import { type Interval, shareInterval, wilson } from "../rollout/intervals.ts";
import { count } from "./check-rows.ts";
import type { FindingLog } from "./findings.ts";
import type { Judging } from "./judging.ts";
import { type AnyRow, bestReward, quote, type Right } from "./right.ts";
import { findSlot } from "./slot.ts";
import { GUESSABLE } from "./strike.ts";

/** Answers in prompts, above what chance explains, that are worth a remark. */
const LEAKED = 0.1;
const GUESSES = 5;
const GUESSED_ROWS = 100;
/** On fewer rows an answer may be frequent by chance. */
const FEWEST_ROWS = 10;

export interface Leak {
  /** Of rows whose prompt holds their own answer. */
  readonly share: number;
  /** Of rows whose prompt holds another row's answer. */
  readonly chance: number;
  readonly rows: number;
}

/** How often a prompt holds its own answer as a word or number of its own, and another row's. Null without two rows. */
export function checkLeak(rights: readonly Right[], log: FindingLog): Leak | null {
  if (rights.length < 2) return null;
  const holds = (prompt: string, answer: string) => wordAt(prompt, answer) >= 0;
  const own = rights.filter(({ prompt, slot }) => holds(prompt, slot.answer));
  const foreign = rights.filter(({ prompt }, i) => holds(prompt, rights[(i + 1) % rights.length]!.slot.answer));
  const [share, chance] = [own.length / rights.length, foreign.length / rights.length];
  if (share - chance > LEAKED && wilson(own.length, rights.length)[0] > chance) {
    const { prompt, slot } = own[0] as Right;
    const rates = `${percent(share)} of prompts, and another row's in ${percent(chance)}`;
    log.warning("leak", `the answer stands in ${rates}: first ${quote(slot.answer)} in ${quote(prompt)}`);
  }
  log.saw("leak", `${percent(share)} of ${count(rights)} prompts hold their answer, by chance ${percent(chance)}`);
  return { share, chance, rows: rights.length };
}

/** Where a text occurs that is not a part of a longer word or number. */
function wordAt(text: string, word: string): number {
  if (word === "") return -1;
  const isPart = (sign: string | undefined) => sign !== undefined && /[\p{L}\p{N}]/u.test(sign);
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) {
    const before = isPart(word[0]) && isPart(text[at - 1]);
    const after = isPart(word.at(-1)) && isPart(text[at + word.length]);
    if (!before && !after) return at;
  }
  return -1;
}

export interface Guess {
  readonly completion: string;
  /** Over the rows of eval. */
  readonly meanReward: number;
  /** Of the way from what the empty completion earns to the best reward. */
  readonly share: number;
  readonly ci95: Interval;
  readonly rows: number;
}

/** The best of the constant completions: solutions of train rows whose answers are the most frequent ones. */
export async function checkGuessing(
  task: Task,
  train: readonly AnyRow[],
  evaluation: readonly AnyRow[],
  seed: number,
  judging: Judging,
  log: FindingLog,
): Promise<Guess | null> {
  const rows = evaluation.slice(0, GUESSED_ROWS);
  const guesses = frequentSolutions(task, train);
  if (rows.length === 0 || guesses.length === 0) return null;
  const best = bestReward(task);
  const rewardOf = async (row: AnyRow, completion: string) => {
    const { verdict } = await judging.judge(row, completion);
    return verdict.status === "graded" ? verdict.reward : null;
  };
  const floors = await Promise.all(rows.map((row) => rewardOf(row, "")));
  const results = await Promise.all(
    guesses.map(async (completion): Promise<Guess> => {
      const rewards = await Promise.all(rows.map((row) => rewardOf(row, completion)));
      const shares = rewards.map((reward, i) => {
        const floor = floors[i] ?? 0;
        return reward === null || best <= floor ? 0 : Math.min(1, Math.max(0, (reward - floor) / (best - floor)));
      });
      const graded = rewards.filter((reward) => reward !== null);
      const ci95 = shareInterval(shares, seed);
      return { completion, meanReward: mean(graded), share: mean(shares), ci95, rows: rows.length };
    }),
  );
  const found = results.reduce((a, b) => (b.share > a.share ? b : a));
  const [low, high] = found.ci95.map((share) => (100 * share).toFixed(0));
  const figures = `${percent(found.share)} [${low}, ${high}] of a right answer's reward on ${count(rows)} eval rows`;
  if (rows.length >= FEWEST_ROWS && found.ci95[0] > GUESSABLE && task.audit?.answers !== "few") {
    const hint = 'say `audit: { answers: "few" }` if there are few different answers';
    log.error("guessing", `${quote(found.completion)} for every row earns ${figures}; ${hint}`);
  }
  log.saw("guessing", `the best of ${guesses.length} constants earns ${figures}`);
  return found;
}

function frequentSolutions({ solution }: Task, train: readonly AnyRow[]): string[] {
  if (solution === undefined) return [];
  const found = new Map<string, { text: string; times: number }>();
  for (const row of train) {
    try {
      const text = solution(row);
      const { answer } = findSlot(text, null);
      found.set(answer, { text: found.get(answer)?.text ?? text, times: (found.get(answer)?.times ?? 0) + 1 });
    } catch {} // the check of solutions has reported it
  }
  return [...found.values()]
    .sort((a, b) => b.times - a.times)
    .slice(0, GUESSES)
    .map(({ text }) => text);
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
