/** The named parts of a combinator: how they run, what they add up to, and what of them is logged. */
import pLimit from "p-limit";
import { RlvrError } from "../errors.ts";
import type { Graded, NotGraded, Verdict, Verifier, VerifyContext } from "./verdict.ts";

/**
 * A verifier and what its reward is multiplied by: 1 if it stands alone. A weight of 0 makes it a metric.
 *
 * `Verifier<Row>` is spelled out where it stands alone: by its name, TypeScript would take Row from the parts that use the
 * name too, and refuse the others.
 */
export type Part<Row> =
  | ((completion: string, row: Row, context?: VerifyContext) => Verdict | Promise<Verdict>)
  | readonly [weight: number, verifier: Verifier<Row>];

/** Parts by name, in order. */
export type Parts<Row> = Readonly<Record<string, Part<Row>>>;

export interface PartsOptions {
  /** Parts of one completion under way at the same time; all of them by default. Verdicts do not depend on it. */
  readonly concurrency?: number;
}

/** A part, taken apart. */
export interface Member<Row> {
  readonly name: string;
  readonly weight: number;
  readonly verifier: Verifier<Row>;
}

/** A part that counts, with what it says. */
export interface Counted {
  readonly name: string;
  /** Weight included. */
  readonly reward: number;
  readonly verdict: Graded;
}

export interface Tally {
  /** In the order of the parts, without metric-only ones. */
  readonly counted: readonly Counted[];
  /** Each part's reward under its name, its own metrics as `name/metric`. */
  readonly metrics: Record<string, number>;
}

/** @throws {RlvrError} E_VERIFIER for a weight that is not finite, or where no part counts */
export function membersOf<Row>(combinator: string, parts: Parts<Row>): Member<Row>[] {
  const members = metricsAllowed(parts);
  if (!members.some(({ weight }) => weight !== 0)) {
    throw new RlvrError("E_VERIFIER", `${combinator} has no part with a weight, expected at least one`);
  }
  return members;
}

/** As `membersOf`, where it may be that none counts. */
export function metricsAllowed<Row>(parts: Parts<Row>): Member<Row>[] {
  return Object.entries(parts).map(([name, part]) => {
    const [weight, verifier] = typeof part === "function" ? [1, part] : part;
    if (!Number.isFinite(weight)) {
      throw new RlvrError("E_VERIFIER", `the weight of ${JSON.stringify(name)} is ${weight}, expected a finite number`);
    }
    return { name, weight, verifier };
  });
}

/**
 * Runs the parts and adds up what they say.
 *
 * A part that counts and is not graded leaves the whole not graded; the first in order gives the cause, and its name. A
 * metric-only one costs nothing: `name/not_graded` is logged as 1. A throw is thrown on, that of the first part in order.
 */
export async function tally<Row>(
  members: readonly Member<Row>[],
  [completion, row, context]: readonly [completion: string, row: Row, context: VerifyContext | undefined],
  { concurrency = Number.POSITIVE_INFINITY }: PartsOptions,
): Promise<Tally | NotGraded> {
  const limit = pLimit(concurrency);
  const settled = await Promise.allSettled(
    members.map(({ verifier }) => limit(async () => verifier(completion, row, context))),
  );
  const verdicts = settled.map((result): Verdict => {
    if (result.status === "rejected") throw result.reason;
    return result.value;
  });

  const counted: Counted[] = [];
  const metrics: Record<string, number> = {};
  for (const [i, { name, weight }] of members.entries()) {
    const verdict = verdicts[i] as Verdict;
    if (verdict.status === "not-graded") {
      if (weight !== 0) return { ...verdict, reason: `${name}: ${verdict.reason}` };
      metrics[`${name}/not_graded`] = 1;
      continue;
    }
    if (weight !== 0) counted.push({ name, reward: weight * verdict.reward, verdict });
    metrics[name] = verdict.reward;
    for (const [key, value] of Object.entries(verdict.metrics)) metrics[`${name}/${key}`] = value;
  }
  return { counted, metrics };
}
