/**
 * The completions that report.html shows, chosen from a ledger of any size in one pass.
 *
 * The first and last steps are shown whole as far as they fit; of the steps between, equally many right, wrong, truncated
 * and ungraded ones are drawn by chance (reservoir sampling, Vitter 1985), so that rare endings are there to look at.
 */
import { join } from "node:path";
import { Rng } from "../rng.ts";
import { readJsonLines } from "./json-lines.ts";
import { RolloutRow } from "./ledger.ts";
import { embeddedJson } from "./report-json.ts";

export type SampleKind = "right" | "wrong" | "truncated" | "ungraded";

export interface Sample {
  readonly step: number;
  readonly id: string;
  readonly kind: SampleKind;
  readonly outcome: string;
  readonly prompt: string;
  readonly completion: string;
  readonly reason: string;
  readonly answer: string | null;
  readonly reward: number | null;
  readonly advantage: number | null;
  readonly tokens: number;
  readonly stop: string;
}

export interface SampleChoice {
  readonly samples: readonly Sample[];
  /** Completions in the ledger. */
  readonly of: number;
}

const EDGE_ROWS = 160; // of the first step, and of the last
const DRAWN_ROWS = 120; // of each kind, from the steps between
const LONGEST_TEXT = 8000; // characters of a prompt or completion
/** Bytes that all samples together may take in the page. */
const BUDGET = 1_800_000;

export async function chooseSamples(run: string, seed: number): Promise<SampleChoice> {
  const rng = new Rng(seed, "report");
  const first: Sample[] = [];
  let last: Sample[] = [];
  const drawn = new Map<SampleKind, { seen: number; kept: Sample[] }>();
  let of = 0;

  for await (const row of readJsonLines(join(run, "rollouts.jsonl"), RolloutRow)) {
    of++;
    const sample = toSample(row);
    if (first.length === 0 || first[0]!.step === sample.step) {
      if (first.length < EDGE_ROWS) first.push(sample);
      continue;
    }
    if (last.length > 0 && last[0]!.step !== sample.step) {
      for (const passed of last) draw(drawn, passed, rng);
      last = [];
    }
    last.push(sample);
  }

  const middle = [...drawn.values()].flatMap(({ kept }) => kept);
  const samples = withinBudget([...first, ...last.slice(0, EDGE_ROWS), ...rng.shuffle(middle)]);
  return { samples: samples.sort((a, b) => b.step - a.step || compare(a.id, b.id)), of };
}

function draw(drawn: Map<SampleKind, { seen: number; kept: Sample[] }>, sample: Sample, rng: Rng): void {
  const reservoir = drawn.get(sample.kind) ?? { seen: 0, kept: [] };
  drawn.set(sample.kind, reservoir);
  const place = reservoir.seen < DRAWN_ROWS ? reservoir.seen : rng.integer(0, reservoir.seen);
  reservoir.seen++;
  if (place < DRAWN_ROWS) reservoir.kept[place] = sample;
}

function toSample(row: RolloutRow): Sample {
  const { verdict } = row;
  const isGraded = verdict.status === "graded";
  return {
    step: row.step,
    id: row.id,
    kind: kindOf(row),
    outcome: isGraded ? verdict.outcome : verdict.cause,
    prompt: cut(row.prompt),
    completion: cut(row.completion),
    reason: cut(verdict.reason),
    answer: isGraded && verdict.answer !== null ? cut(verdict.answer) : null,
    reward: row.reward,
    advantage: row.advantage,
    tokens: row.tokens,
    stop: row.stopReason,
  };
}

function kindOf({ verdict, stopReason }: RolloutRow): SampleKind {
  if (verdict.status === "not-graded") return "ungraded";
  if (stopReason === "length") return "truncated";
  return verdict.outcome === "correct" ? "right" : "wrong";
}

/** The middle of a text that is too long is left out: how it began and how it ended matter most. */
function cut(text: string): string {
  if (text.length <= LONGEST_TEXT) return text;
  const half = LONGEST_TEXT / 2;
  return `${text.slice(0, half)}\n… ${text.length - LONGEST_TEXT} characters left out …\n${text.slice(-half)}`;
}

function withinBudget(samples: readonly Sample[]): Sample[] {
  let left = BUDGET;
  return samples.filter((sample) => {
    left -= Buffer.byteLength(embeddedJson(sample));
    return left >= 0;
  });
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
