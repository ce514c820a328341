/** One run in a guest, from the source text to how it ended. Whatever the guest does becomes an ending; nothing is thrown for it. */
import type { GuestReply, GuestSettings } from "../guest/main.ts";
import { settingsText } from "../guest/source.ts";
import type { Language, RunOutcome } from "../job.ts";
import type { Limits } from "../limits.ts";
import {
  type Bridge,
  Budget,
  type Guest,
  type GuestRuntime,
  GuestStopped,
  GuestThrew,
  type ScriptEnd,
} from "./guest.ts";
import { insideAsync, prepare, withoutModuleSyntax } from "./prepare.ts";

/** Timers and events that one run may wait for. Each is a change of threads, so that waiting is not free. */
const MAX_EVENTS = 5000;

export interface Ending {
  readonly outcome: RunOutcome;
  /** In the encoding of `Plain`. */
  readonly value?: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly message: string;
  readonly error?: string;
  /** Of a tester. */
  readonly asserts: number;
  /** The guest still runs, and cannot be stopped but with the process. */
  readonly isWedged: boolean;
}

export interface Loading {
  readonly kind: GuestSettings["kind"];
  readonly code: string;
  readonly language: Language;
  readonly limits: Limits;
  readonly stdin?: string;
  readonly entries?: readonly string[];
  readonly bridge?: Bridge;
  /** Called when guest code is about to run: from there on, a death of the process is its doing. */
  readonly began: () => void;
}

/** A guest with its code loaded, or how the loading ended. */
export type Loaded = { readonly guest: Guest } | { readonly ending: Ending };

export function budgetOf({ cpuMs, wallMs }: Limits): Budget {
  return new Budget(cpuMs, wallMs);
}

/** An ending without anything written. */
export function ending(outcome: RunOutcome, message: string, isWedged = false): Ending {
  return { outcome, stdout: "", stderr: "", message, asserts: 0, isWedged };
}

export async function load(runtime: GuestRuntime, loading: Loading, budget: Budget): Promise<Loaded> {
  const { kind, code, language, limits, stdin = "", entries = [], bridge, began } = loading;
  const guest = await runtime.create({
    settings: settingsText({ kind, stdin, entries, room: limits.outputKb * 1024 }),
    memoryMb: limits.memoryMb,
    ...(bridge ? { bridge } : {}),
  });
  began(); // here, because the parser reads what the guest wrote
  const prepared = prepare(code, language);
  const failure = await endingOf(guest, budget, async () => {
    if ("error" in prepared) return ending("compile_error", prepared.error);
    const end = await runScript(guest, prepared.script, kind, budget);
    if (end.is === "done") return null;
    if (end.is === "syntax error") return ending("compile_error", end.message);
    return toEnding(await guest.ask("threw", end.message, budget));
  });
  if (!failure) return { guest };
  guest.dispose();
  return { ending: failure };
}

export async function callGuest(guest: Guest, entry: string, args: string, budget: Budget): Promise<Ending> {
  const ended = await endingOf(guest, budget, async () =>
    toEnding(await guest.ask("call", JSON.stringify({ entry, args }), budget)),
  );
  return ended ?? settle(guest, budget);
}

/** Lets the guest go on until nothing is due any more. */
export async function settle(guest: Guest, budget: Budget): Promise<Ending> {
  for (let events = 0; events < MAX_EVENTS; events++) {
    const ended = await endingOf(guest, budget, async () => toEnding(await guest.ask("resume", "", budget)));
    if (ended) return ended;
  }
  guest.dispose();
  return ending("timeout", `more than ${MAX_EVENTS} timers and events in one run`);
}

/** Whether the guest lives after such an ending. */
export function survives({ outcome }: Ending): boolean {
  return outcome === "ok" || outcome === "runtime_error" || outcome === "output_limit";
}

/** As a script; where that is no valid one, with the liberties that a module has. */
async function runScript(
  guest: Guest,
  script: string,
  kind: GuestSettings["kind"],
  budget: Budget,
): Promise<ScriptEnd> {
  const end = await guest.run(script, budget);
  if (end.is !== "syntax error") return end;
  const plain = withoutModuleSyntax(script);
  const others = [plain, ...(kind === "calls" ? [] : [insideAsync(plain ?? script)])];
  for (const other of others.filter((text) => text !== null)) {
    const again = await guest.run(other, budget);
    if (again.is !== "syntax error") return again;
  }
  return end;
}

/**
 * The guest's reply; null while it has more to do. A guest may have worked on what its prelude stands on, so that the reply is
 * read with care: it can say no more than what a guest may say.
 *
 * @throws GuestThrew for what is no reply
 */
function toEnding(text: string): Ending | null {
  const reply = parseReply(text);
  if (reply?.state === "pending") return null;
  if (reply?.state !== "done" || !isDone(reply)) throw new GuestThrew("the guest has broken what answers for it");
  const { state, ...said } = reply;
  return { ...said, isWedged: false };
}

function parseReply(text: string): Partial<GuestReply> | null {
  try {
    return JSON.parse(text) as Partial<GuestReply> | null;
  } catch {
    return null; // said by the caller
  }
}

type Done = Extract<GuestReply, { state: "done" }>;

const OUTCOMES: readonly unknown[] = ["ok", "runtime_error", "output_limit", "memory"] satisfies Done["outcome"][];
const FIELDS = ["state", "outcome", "stdout", "stderr", "message", "asserts", "value", "error"];

function isDone(reply: Partial<Done>): reply is Done {
  const { outcome, stdout, stderr, message, asserts, value = "", error = "" } = reply;
  const areTexts = [stdout, stderr, message, value, error].every((text) => typeof text === "string");
  const isKnown = Object.keys(reply).every((field) => FIELDS.includes(field));
  return areTexts && isKnown && OUTCOMES.includes(outcome) && Number.isSafeInteger(asserts) && (asserts as number) >= 0;
}

async function endingOf(guest: Guest, budget: Budget, work: () => Promise<Ending | null>): Promise<Ending | null> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof GuestStopped) {
      return ending(error.stop === "starved" ? "sandbox_error" : error.stop, error.message, error.isWedged);
    }
    if (!(error instanceof GuestThrew)) throw error;
    return withWritten(guest, budget, error.message);
  }
}

/** What the guest had written when it threw past its prelude, if it still can say so. */
async function withWritten(guest: Guest, budget: Budget, message: string): Promise<Ending> {
  try {
    return toEnding(await guest.ask("threw", message, budget)) ?? ending("runtime_error", message);
  } catch (error) {
    if (error instanceof GuestStopped) return ending("runtime_error", message, error.isWedged);
    if (error instanceof GuestThrew) return ending("runtime_error", message);
    throw error;
  }
}
