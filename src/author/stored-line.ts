/** A line of a file of completions: of a run's ledger, or of another program. */
import { z } from "zod";
import { Verdict } from "../verifiers/verdict.ts";

/** Of a line without a verdict. */
export const NO_VERDICT = "no verdict";

const Line = z.looseObject({
  completion: z.string(),
  row: z.unknown().optional(),
  promptId: z.string().optional(),
  prompt: z.string().optional(),
  reward: z.number().nullable().optional(),
  verdict: z.unknown().optional(),
});

/** A verdict in short. */
export interface Opinion {
  /** Of what is not graded, its cause. */
  readonly outcome: string;
  readonly reward: number | null;
  readonly reason: string;
}

export function opinionOf(verdict: Verdict): Opinion {
  return verdict.status === "graded"
    ? { outcome: verdict.outcome, reward: verdict.reward, reason: verdict.reason }
    : { outcome: verdict.cause, reward: null, reason: verdict.reason };
}

export interface Stored {
  /** All of the line. */
  readonly value: Readonly<Record<string, unknown>>;
  readonly completion: string;
  readonly row: unknown;
  readonly promptId: string | undefined;
  readonly prompt: string | undefined;
  readonly before: Opinion;
}

/** What stands in a line, or what is wrong with it. */
export function parseStored(text: string): Stored | string {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "it is not JSON";
  }
  const parsed = Line.safeParse(value);
  if (!parsed.success) return z.prettifyError(parsed.error).replaceAll(/\s+/g, " ");
  const { completion, row, promptId, prompt, reward = null, verdict: stored } = parsed.data;
  if (row === undefined && promptId === undefined) return "it has neither row nor promptId, expected one of them";

  const verdict = Verdict.safeParse(stored).data; // files of other versions may have others
  const before = verdict === undefined ? { outcome: NO_VERDICT, reward, reason: "" } : opinionOf(verdict);
  return { value: parsed.data, completion, row, promptId, prompt, before };
}
