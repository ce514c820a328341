/** What a guest says about a run, read as hostile text: a known ending and texts, or nothing. */
import type { Run } from "../job.ts";
import type { Plain } from "../plain.ts";
import { decodePlain } from "../wire.ts";

/** Endings that a guest may claim. "sandbox_error" is not among them: only we can say that it was our fault. */
const CLAIMS = ["ok", "runtime_error", "compile_error", "memory", "output_limit"] as const;
type Claim = (typeof CLAIMS)[number];

export type Message = { readonly [key: string]: Plain };

export interface Claimed extends Run {
  readonly outcome: Claim;
}

/** An object with text keys; null for all else. */
export function readMessage(line: string): Message | null {
  let value: Plain;
  try {
    value = decodePlain(line);
  } catch {
    return null; // not what our side of the box writes, so the guest wrote it
  }
  const isObject = typeof value === "object" && value !== null && Object.getPrototypeOf(value) === null;
  return isObject ? (value as Message) : null;
}

/** The run that a message tells of; null where it is none. */
export function claimedRun(message: Message): Claimed | null {
  const { id, outcome, value, stdout = "", stderr = "", message: said = "", error, micros = 0 } = message;
  if (!CLAIMS.includes(outcome as Claim) || typeof id !== "string" || typeof said !== "string") return null;
  if (typeof stdout !== "string" || typeof stderr !== "string" || typeof micros !== "number") return null;
  return {
    ...{ id, outcome: outcome as Claim, stdout, stderr, message: said, ms: micros / 1000 },
    ...(outcome === "ok" && "value" in message ? { value: value as Plain } : {}),
    ...(typeof error === "string" ? { error } : {}),
  };
}
