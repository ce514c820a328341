/**
 * How the answer that a trainer knows becomes a row of a task.
 *
 * A trainer sends what its data set has: an answer, or a label, or a whole row, and perhaps other columns. A task's rows have
 * a schema of their own. In this order, the first that fits the schema is the row:
 *
 *   1. the answer is an object, or JSON text of one: its fields, and those of `meta` that the schema knows;
 *   2. the task's own `fromAnswer(answer, prompt)`, where it has one;
 *   3. the fields of `meta` that the schema knows, and the answer as `answer`;
 *   4. `meta.id`, or an answer that is only `{ "id": … }`: the task's own row of that id, in `meta.split` or else train.
 *
 * A field `answer` is tried as it came, as a number if it is the text of one, as a text if it is a number, and as what it
 * says if it is JSON text. A row found by its id must be the one that was meant: it is refused if the request has a prompt that does not contain the
 * row's, or an answer that is not the row's. A missing id is filled in.
 */
import type { z } from "zod";
import { promptText } from "../rollout/prompt.ts";
import type { Split } from "../rollout/task.ts";
import { issueText, shorten } from "./refusal.ts";
import type { AnyRow, ServedTask } from "./served-task.ts";

export interface Reference {
  /** Undefined or null where the trainer has none. */
  readonly answer: unknown;
  readonly prompt: string | null;
  /** Other columns of the trainer's data. */
  readonly meta: Fields;
}

export type FormedRow =
  | { readonly status: "formed"; readonly row: AnyRow }
  | { readonly status: "unfit"; readonly message: string }
  /** Our fault: the task's rows do not load, or its own code threw. */
  | { readonly status: "failed"; readonly reason: string };

type Fields = Readonly<Record<string, unknown>>;

/** The id of a row that has none. */
const NO_ID = "request";

export async function formRow(served: ServedTask, reference: Reference): Promise<FormedRow> {
  try {
    const direct = directRow(served, reference);
    if (direct.status === "formed") return direct;
    const named = await namedRow(served, reference);
    return named ?? direct;
  } catch (error) {
    return { status: "failed", reason: shorten(error instanceof Error ? error.message : String(error)) };
  }
}

function directRow({ task, rowSchema }: ServedTask, { answer, prompt, meta }: Reference): FormedRow {
  const fields = Object.keys(rowSchema.properties ?? {});
  const known = (from: Fields): Fields =>
    fields.length === 0
      ? from
      : Object.fromEntries(fields.filter((name) => name in from).map((name) => [name, from[name]]));
  const base = { id: NO_ID, ...known(meta) };
  const object = objectOf(answer);
  const isGiven = answer !== undefined && answer !== null;
  const own = isGiven ? task.fromAnswer?.(answer, prompt ?? "") : undefined;
  const candidates: unknown[] = [
    ...(object === null ? [] : inReadings({ ...base, ...known(object) })),
    ...(own === undefined || own === null ? [] : [own]),
    ...inReadings(isGiven ? { ...base, answer } : base),
  ];

  let refused: z.ZodError | undefined;
  for (const candidate of candidates) {
    const parsed = task.row.safeParse(candidate);
    if (parsed.success) return { status: "formed", row: parsed.data as AnyRow };
    // of the reading that comes nearest; of several the last, which was read furthest
    if (refused === undefined || parsed.error.issues.length <= refused.issues.length) refused = parsed.error;
  }
  const came = isGiven ? `the answer ${shorten(JSON.stringify(answer)).slice(0, 120)}` : "no answer";
  const missing = missingFields(rowSchema.required ?? [], object ?? (isGiven ? { answer } : {}), meta);
  const lacks = missing.length === 0 ? "" : `, which lacks ${missing.join(", ")}`;
  const message = `${came} makes no row of task ${JSON.stringify(task.name)}${lacks}: ${issueText(refused as z.ZodError)}`;
  return { status: "unfit", message };
}

function missingFields(required: readonly string[], answer: Fields, meta: Fields): string[] {
  return required.filter((name) => name !== "id" && !Object.hasOwn(answer, name) && !Object.hasOwn(meta, name));
}

function objectOf(answer: unknown): Fields | null {
  const value = typeof answer === "string" && answer.trimStart().startsWith("{") ? parsedOr(answer) : answer;
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : null;
}

/** The same fields with each meaning of their answer. */
function inReadings(fields: Fields): Fields[] {
  return Object.hasOwn(fields, "answer") ? readings(fields.answer).map((answer) => ({ ...fields, answer })) : [fields];
}

/** What an answer can mean, the most literal first. */
function readings(answer: unknown): unknown[] {
  if (typeof answer === "number" || typeof answer === "boolean") return [answer, String(answer)];
  if (typeof answer !== "string") return [answer];
  const trimmed = answer.trim();
  const number = trimmed === "" ? Number.NaN : Number(trimmed);
  const json = /^[[{]/.test(trimmed) ? parsedOr(trimmed) : answer;
  return [answer, ...(Number.isFinite(number) ? [number] : []), ...(json === answer ? [] : [json])];
}

/** What a text says as JSON; the text itself where it is none. */
function parsedOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The task's own row of the given id; null where the request names none. */
async function namedRow(served: ServedTask, { answer, prompt, meta }: Reference): Promise<FormedRow | null> {
  const object = objectOf(answer);
  const onlyId = object !== null && Object.keys(object).every((name) => name === "id");
  const id = (onlyId ? object.id : undefined) ?? meta.id;
  if (typeof id !== "string") return null;
  const { task } = served;
  const split: Split = meta.split === "eval" ? "eval" : "train";
  const row = await served.rowById(id, split);
  const name = `the row ${JSON.stringify(id.slice(0, 120))} of the ${split} split of task ${JSON.stringify(task.name)}`;
  if (row === undefined) return { status: "unfit", message: `${name} was named, and is not among the first ones` };
  if (prompt !== null && prompt !== "" && !prompt.includes(promptText(task.prompt(row)))) {
    return { status: "unfit", message: `${name} has another prompt than the request: was it made with another seed?` };
  }
  const own = (row as { readonly answer?: unknown }).answer;
  const isGiven = answer !== undefined && answer !== null && !onlyId;
  if (isGiven && own !== undefined && !sameValue(own, answer)) {
    return { status: "unfit", message: `${name} has another answer than the request` };
  }
  return { status: "formed", row };
}

function sameValue(own: unknown, answer: unknown): boolean {
  const text = JSON.stringify(own);
  return readings(answer).some((reading) => JSON.stringify(reading) === text) || String(own) === String(answer);
}

/** What `/v1/tasks` says of the above. */
export function rowRules({ task, rowSchema }: ServedTask): string[] {
  const fields = Object.keys(rowSchema.properties ?? {}).filter((name) => name !== "id");
  const required = (rowSchema.required ?? []).filter((name) => name !== "id");
  const needs = required.length === 0 ? "" : ` with at least ${required.join(", ")}`;
  const others = required.filter((name) => name !== "answer");
  const plain = others.length === 0 ? "" : `, with ${others.join(", ")} in meta`;
  return [
    `an object, or JSON text of one, with fields of the row (${fields.join(", ")})${needs}`,
    ...(task.fromAnswer === undefined ? [] : ["what the task's own fromAnswer makes of answer and prompt"]),
    ...(fields.includes("answer") ? [`the answer alone${plain}`] : [`no answer, and the row's fields in meta`]),
    "meta.id, the id of one of the task's own rows; meta.split is train or eval",
  ];
}
