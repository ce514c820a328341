/** What a judge may reply: one JSON object, alone, that is what its schema says. A verdict quoted within prose is none. */
import type { z } from "zod";
import { afterThink } from "../answer-tag.ts";
import { type NotGraded, notGraded } from "../verdict.ts";
import { type ChatQuestion, type ChatReply, type ChatSettings, chat } from "./chat.ts";
import type { ModelServer } from "./server.ts";

const FENCED = /^```(?:json)?\n([^`]*)\n```$/;

/** The reply's object; null if it is none. The reasoning of a model that thinks aloud (`<think>…</think>`) is passed over. */
export function parseReply<Schema extends z.ZodType>(text: string, schema: Schema): z.output<Schema> | null {
  const spoken = afterThink(text)?.trim() ?? "";
  try {
    const parsed = schema.safeParse(JSON.parse(FENCED.exec(spoken)?.[1] ?? spoken));
    return parsed.success ? parsed.data : null;
  } catch {
    return null; // prose, or a torn object
  }
}

export interface Asking {
  readonly server: ModelServer;
  readonly settings: ChatSettings;
  /** Requests before a reply that is no verdict is taken as the last word. */
  readonly tries: number;
  readonly signal: AbortSignal | undefined;
}

/** Asks until `read` finds a verdict in the reply, each time with the next seed. A judge that never gives one is at fault. */
export async function askUntilRead<Read>(
  { server, settings, tries, signal }: Asking,
  question: ChatQuestion,
  read: (reply: ChatReply) => Read | null,
): Promise<{ readonly status: "read"; readonly value: Read } | NotGraded> {
  let last: ChatReply | NotGraded = notGraded("verifier-error", "nobody was asked");
  for (let i = 0; i < tries; i++) {
    last = await chat(server, settings, { ...question, seed: question.seed + i }, signal);
    if (last.status === "not-graded") {
      if (last.cause === "abstained") continue; // a refusal may pass with the next seed, as other words may
      return last;
    }
    const value = read(last);
    if (value !== null) return { status: "read", value };
  }
  if (last.status === "not-graded") return last;
  const shown = JSON.stringify(last.text.slice(0, 120));
  return notGraded("verifier-error", `${settings.model} gave no verdict in ${tries} tries; the last reply: ${shown}`);
}
