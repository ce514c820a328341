/**
 * Verifiers made of verifiers. A part that is not graded leaves the whole not graded: a missing part is not a 0.
 *
 * Each part's reward is logged under its name, its own metrics as `name/metric`. A part of weight 0 is a metric only.
 */
import { RlvrError } from "../errors.ts";
import { type Counted, membersOf, metricsAllowed, type Parts, type PartsOptions, tally } from "./parts.ts";
import { type Graded, graded, type Verifier } from "./verdict.ts";

export type { Part, Parts, PartsOptions } from "./parts.ts";

/** reward = Σ weight · part. The first part with a weight gives the outcome, the answer and the reason. */
export function weighted<Row>(parts: Parts<Row>, options: PartsOptions = {}): Verifier<Row> {
  const members = membersOf("weighted", parts);
  return async (completion, row, context) => {
    const all = await tally(members, [completion, row, context], options);
    if ("status" in all) return all;
    const { outcome, answer, reason } = (all.counted[0] as Counted).verdict;
    return graded(sum(all.counted), outcome, answer, reason, all.metrics);
  };
}

/**
 * `main`, and bonuses that pay only where `main` is correct: a format reward cannot replace a right answer.
 *
 * reward = main + clamp(Σ weight · bonus, −|main|, |main|) where `main` is correct, else main. The clamp keeps a bonus from
 * outweighing the answer, and a penalty from making a right answer worth less than a wrong one that gets 0.
 */
export function gated<Row>(main: Verifier<Row>, bonuses: Parts<Row>, options: PartsOptions = {}): Verifier<Row> {
  const members = metricsAllowed(bonuses);
  return async (completion, row, context) => {
    const verdict = await main(completion, row, context);
    if (verdict.status === "not-graded") return verdict;
    const all = await tally(members, [completion, row, context], options);
    if ("status" in all) return all;

    const limit = Math.abs(verdict.reward);
    const bonus = verdict.outcome === "correct" ? Math.min(limit, Math.max(-limit, sum(all.counted))) : 0;
    return { ...verdict, reward: verdict.reward + bonus, metrics: { ...verdict.metrics, ...all.metrics } };
  };
}

export interface FirstDecisiveOptions extends PartsOptions {
  /** Whether a part's verdict settles the matter, so that later parts are not asked. By default: it is correct. */
  readonly decides?: (verdict: Graded, name: string) => boolean;
}

/**
 * The first part, in order, whose verdict decides; where none does, the last part that counts. reward = weight · that part.
 *
 * Lazy: a part runs only if all before it were graded and did not decide. So a rule that never accepts a wrong answer goes
 * first, and a judge that costs money hears only what the rule refused. Metric-only parts run in any case, after the others.
 */
export function firstDecisive<Row>(
  parts: Parts<Row>,
  { decides = ({ outcome }) => outcome === "correct", ...options }: FirstDecisiveOptions = {},
): Verifier<Row> {
  const members = membersOf("firstDecisive", parts);
  const [counting, metricOnly] = [members.filter((part) => part.weight !== 0), members.filter((p) => p.weight === 0)];

  return async (completion, row, context) => {
    const input = [completion, row, context] as const;
    const metrics: Record<string, number> = {};
    let last: Counted | undefined;
    for (const member of counting) {
      const one = await tally([member], input, options);
      if ("status" in one) return one;
      Object.assign(metrics, one.metrics);
      last = one.counted[0] as Counted;
      if (decides(last.verdict, last.name)) break;
    }
    const rest = await tally(metricOnly, input, options);
    if ("status" in rest) return rest;
    return verdictOf(last as Counted, { ...metrics, ...rest.metrics });
  };
}

/** The part with the lowest weighted reward, the first of equals: a whole that is as good as its worst part. */
export function min<Row>(parts: Parts<Row>, options: PartsOptions = {}): Verifier<Row> {
  const members = membersOf("min", parts);
  return async (completion, row, context) => {
    const all = await tally(members, [completion, row, context], options);
    if ("status" in all) return all;
    const lowest = all.counted.reduce((low, part) => (part.reward < low.reward ? part : low));
    return verdictOf(lowest, all.metrics);
  };
}

/**
 * Correct, with reward 1, only where every part is; else reward 0, with outcome, answer and reason of the first that is not.
 *
 * @throws {RlvrError} E_VERIFIER for a weight other than 1, and 0 for a metric: there is nothing to weigh
 */
export function unanimous<Row>(parts: Parts<Row>, options: PartsOptions = {}): Verifier<Row> {
  const members = membersOf("unanimous", parts);
  for (const { name, weight } of members) {
    if (weight !== 0 && weight !== 1) {
      throw new RlvrError("E_VERIFIER", `the weight of ${JSON.stringify(name)} is ${weight}, unanimous expects 0 or 1`);
    }
  }
  return async (completion, row, context) => {
    const all = await tally(members, [completion, row, context], options);
    if ("status" in all) return all;
    const against = all.counted.find(({ verdict }) => verdict.outcome !== "correct");
    if (against) return verdictOf({ ...against, reward: 0 }, all.metrics);
    const { answer } = (all.counted[0] as Counted).verdict;
    return graded(1, "correct", answer, `all ${all.counted.length} parts agree`, all.metrics);
  };
}

/** Adds metrics to a verifier's verdicts; rewards stay what they are. */
export function withMetrics<Row>(
  verifier: Verifier<Row>,
  metrics: (completion: string, row: Row) => Record<string, number>,
): Verifier<Row> {
  return async (completion, row, context) => {
    const verdict = await verifier(completion, row, context);
    if (verdict.status === "not-graded") return verdict;
    return { ...verdict, metrics: { ...verdict.metrics, ...metrics(completion, row) } };
  };
}

function sum(counted: readonly Counted[]): number {
  return counted.reduce((total, { reward }) => total + reward, 0);
}

/** The verdict of one part for the whole. */
function verdictOf({ name, reward, verdict }: Counted, metrics: Record<string, number>): Graded {
  return graded(reward, verdict.outcome, verdict.answer, `${name}: ${verdict.reason}`, metrics);
}
