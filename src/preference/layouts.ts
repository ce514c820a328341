/**
 * The layouts in which preference data is published, as records.
 *
 * | layout                         | fields                                                                       |
 * | ------------------------------ | ---------------------------------------------------------------------------- |
 * | own                            | `kind` and the fields of records.ts                                          |
 * | TRL, explicit prompt           | prompt, chosen, rejected: texts or conversations                             |
 * | TRL, implicit prompt           | chosen, rejected: conversations that begin alike                             |
 * | TRL, unpaired                  | prompt, completion, label                                                    |
 * | HH (Anthropic)                 | chosen, rejected: transcripts that begin alike, "\n\nHuman: … \n\nAssistant: …" |
 * | rankings, ratings, attributes  | prompt, completions with ranks or ratings                                    |
 * | feedback                       | prompt, completion, feedback                                                 |
 */
import { z } from "zod";
import { PreferenceRecord, Text } from "./records.ts";

/** Fields that every layout may carry besides its own. */
const CARRIED = ["id", "annotator", "source", "margin", "target", "weight"] as const;

interface Layout {
  /** Fields by which it is known, besides `prompt`. */
  readonly has: readonly string[];
  readonly hasPrompt: boolean;
  readonly convert: (row: Readonly<Record<string, unknown>>) => unknown;
}

const LAYOUTS: readonly Layout[] = [
  { has: ["kind"], hasPrompt: true, convert: (row) => row },
  {
    has: ["chosen", "rejected"],
    hasPrompt: true,
    convert: (row) => ({ kind: "comparison", ...pick(row, ["prompt", "chosen", "rejected"]) }),
  },
  { has: ["chosen", "rejected"], hasPrompt: false, convert: splitPrompt },
  {
    has: ["completion", "label"],
    hasPrompt: true,
    convert: (row) => ({ kind: "unpaired", ...pick(row, ["prompt", "completion"]), desirable: row.label }),
  },
  {
    has: ["completions", "ranks"],
    hasPrompt: true,
    convert: (row) => ({ kind: "ranking", ...pick(row, ["prompt", "completions", "ranks"]) }),
  },
  {
    has: ["completions", "ratings"],
    hasPrompt: true,
    convert: (row) => {
      const byAttribute = Array.isArray(row.ratings) && typeof row.ratings[0] === "object";
      return { kind: byAttribute ? "attributes" : "rating", ...pick(row, ["prompt", "completions", "ratings"]) };
    },
  },
  {
    has: ["completion", "feedback"],
    hasPrompt: true,
    convert: (row) => ({ kind: "feedback", ...pick(row, ["prompt", "completion", "feedback"]) }),
  },
];

/** The record in a row of any layout, or what is wrong with the row, in words. */
export function parsePreference(row: unknown): { readonly record: PreferenceRecord } | { readonly fault: string } {
  if (typeof row !== "object" || row === null || Array.isArray(row)) {
    return { fault: `is ${Array.isArray(row) ? "a list" : JSON.stringify(row)}, expected an object` };
  }
  const fields = row as Record<string, unknown>;
  const present = (name: string) => fields[name] !== undefined && fields[name] !== null;
  const layout = LAYOUTS.find(({ has, hasPrompt }) => has.every(present) && (!hasPrompt || present("prompt")));
  if (layout === undefined) {
    const names = Object.keys(fields).join(", ") || "no fields";
    return { fault: `has ${names}, expected prompt, chosen and rejected, or another known layout` };
  }
  const converted = layout.convert(fields);
  if (typeof converted === "string") return { fault: converted };
  const parsed = PreferenceRecord.safeParse({ ...pick(fields, CARRIED), ...(converted as object) });
  return parsed.success ? { record: parsed.data } : { fault: z.prettifyError(parsed.error).replaceAll("\n", " ") };
}

function pick(row: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(names.flatMap((name) => (row[name] === undefined ? [] : [[name, row[name]]])));
}

const Both = z.object({ chosen: Text, rejected: Text });

/** What two transcripts share is the prompt: up to the last turn that both begin with. Returns a fault in words. */
function splitPrompt(row: Readonly<Record<string, unknown>>): unknown {
  const parsed = Both.safeParse(row);
  if (!parsed.success) return z.prettifyError(parsed.error).replaceAll("\n", " ");
  const { chosen, rejected } = parsed.data;
  if (typeof chosen === "string" && typeof rejected === "string") return splitTranscripts(chosen, rejected);
  if (typeof chosen === "string" || typeof rejected === "string") return "chosen and rejected are of different types";
  let shared = 0;
  while (shared < Math.min(chosen.length, rejected.length) - 1 && sameMessage(chosen[shared]!, rejected[shared]!))
    shared++;
  if (shared === 0)
    return "chosen and rejected share no message, expected conversations that begin with the same prompt";
  return {
    kind: "comparison",
    prompt: chosen.slice(0, shared),
    chosen: chosen.slice(shared),
    rejected: rejected.slice(shared),
  };
}

function sameMessage(a: { role: string; content: string }, b: { role: string; content: string }): boolean {
  return a.role === b.role && a.content === b.content;
}

/** How HH's transcripts begin an answer. */
const ASSISTANT = "\n\nAssistant:";

function splitTranscripts(chosen: string, rejected: string): unknown {
  let shared = 0;
  while (shared < chosen.length && chosen[shared] === rejected[shared]) shared++;
  // the answers may begin alike, so the prompt ends with the last turn that begins inside what is shared
  const turn = chosen.slice(0, shared).lastIndexOf(ASSISTANT);
  if (turn < 0) {
    return `chosen and rejected share no prompt, expected transcripts that both go on from the same ${JSON.stringify(ASSISTANT)}`;
  }
  const end = turn + ASSISTANT.length;
  return {
    kind: "comparison",
    prompt: chosen.slice(0, end),
    chosen: chosen.slice(end),
    rejected: rejected.slice(end),
  };
}
