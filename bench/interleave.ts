/** Takes turns: contenders run one after another, round by round, so that a slow minute of the machine hits them all. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Contender, median } from "./contender.ts";

export interface Turns {
  readonly rounds: number;
  /** Repetitions in one turn. The first repetition of a turn finds the caches cold, and is not counted. */
  readonly reps: number;
  /** Between turns: thread pools spin for a while after their last work, and would disturb the next contender. */
  readonly pauseMs: number;
}

export interface Standing {
  readonly name: string;
  readonly facts: Readonly<Record<string, string | number>>;
  /** Every counted repetition, in order. */
  readonly seconds: readonly number[];
  readonly tokens: number;
  readonly medianSeconds: number;
  readonly tokensPerSecond: number;
}

/** Runs all contenders in turns. Each round begins with another one, so that no one always follows the same neighbor. */
export async function interleave(contenders: readonly Contender[], turns: Turns): Promise<Standing[]> {
  const records = contenders.map((contender) => ({ contender, seconds: [] as number[], tokens: 0 }));
  for (let round = 0; round < turns.rounds; round++) {
    for (let turn = 0; turn < records.length; turn++) {
      const record = records[(round + turn) % records.length]!;
      const { seconds, tokens } = await record.contender.run(turns.reps + 1);
      record.seconds.push(...seconds.slice(1));
      record.tokens = tokens;
      await sleep(turns.pauseMs);
    }
  }
  return records.map(({ contender, seconds, tokens }) => {
    const medianSeconds = median(seconds);
    const { name, facts = {} } = contender;
    return { name, facts, seconds, tokens, medianSeconds, tokensPerSecond: tokens / medianSeconds };
  });
}

/** The one with the most tokens a second. */
export function fastest(standings: readonly Standing[]): Standing {
  return standings.reduce((best, other) => (other.tokensPerSecond > best.tokensPerSecond ? other : best));
}
