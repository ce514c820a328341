/** Verifiers made of verifiers. A part that is not graded leaves the whole not graded: a missing part is not a 0. */
import { RlvrError } from "../errors.ts";
import { type Graded, graded, type NotGraded, type Verdict, type Verifier } from "./verdict.ts";

/** name → [weight, verifier]. A weight of 0 makes the part a metric. */
export type Parts<Row> = Readonly<Record<string, readonly [weight: number, verifier: Verifier<Row>]>>;

/**
 * reward = Σ weight · part.
 *
 * The first part with a weight gives the outcome, the answer and the reason. Each part's reward is logged under its name,
 * its own metrics as `name/metric`. A metric-only part that is not graded costs nothing: `name/not_graded` is logged as 1.
 */
export function weighted<Row>(parts: Parts<Row>): Verifier<Row> {
  checkWeights(parts);
  const lead = Object.keys(parts).find((name) => parts[name]?.[0] !== 0);
  if (lead === undefined)
    throw new RlvrError("E_VERIFIER", "weighted has no part with a weight, expected at least one");

  return async (completion, row) => {
    const sum = await weightedSum(parts, completion, row);
    if ("status" in sum) return sum;
    const { outcome, answer, reason } = sum.verdicts.get(lead) as Graded;
    return graded(sum.reward, outcome, answer, reason, sum.metrics);
  };
}

/**
 * `main`, and bonuses that pay only where `main` is correct: a format reward cannot replace a right answer.
 *
 * reward = main + clamp(Σ weight · bonus, −|main|, |main|) where `main` is correct, else main. The clamp keeps a bonus from
 * outweighing the answer, and a penalty from making a right answer worth less than a wrong one that gets 0.
 */
export function gated<Row>(main: Verifier<Row>, bonuses: Parts<Row>): Verifier<Row> {
  checkWeights(bonuses);
  return async (completion, row) => {
    const verdict = await main(completion, row);
    if (verdict.status === "not-graded") return verdict;
    const sum = await weightedSum(bonuses, completion, row);
    if ("status" in sum) return sum;

    const limit = Math.abs(verdict.reward);
    const bonus = verdict.outcome === "correct" ? Math.min(limit, Math.max(-limit, sum.reward)) : 0;
    return { ...verdict, reward: verdict.reward + bonus, metrics: { ...verdict.metrics, ...sum.metrics } };
  };
}

/** Adds metrics to a verifier's verdicts; rewards stay what they are. */
export function withMetrics<Row>(
  verifier: Verifier<Row>,
  metrics: (completion: string, row: Row) => Record<string, number>,
): Verifier<Row> {
  return async (completion, row) => {
    const verdict = await verifier(completion, row);
    if (verdict.status === "not-graded") return verdict;
    return { ...verdict, metrics: { ...verdict.metrics, ...metrics(completion, row) } };
  };
}

interface Sum {
  readonly reward: number;
  readonly metrics: Record<string, number>;
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

async function weightedSum<Row>(parts: Parts<Row>, completion: string, row: Row): Promise<Sum | NotGraded> {
  let reward = 0;
  const metrics: Record<string, number> = {};
  const verdicts = new Map<string, Verdict>();
  for (const [name, [weight, verifier]] of Object.entries(parts)) {
    const verdict = await verifier(completion, row);
    verdicts.set(name, verdict);
    if (verdict.status === "not-graded") {
      if (weight !== 0) return { ...verdict, reason: `${name}: ${verdict.reason}` };
      metrics[`${name}/not_graded`] = 1;
      continue;
    }
    if (weight !== 0) reward += weight * verdict.reward;
    metrics[name] = verdict.reward;
    for (const [key, value] of Object.entries(verdict.metrics)) metrics[`${name}/${key}`] = value;
  }
  return { reward, metrics, verdicts };
}

function checkWeights<Row>(parts: Parts<Row>): void {
  for (const [name, [weight]] of Object.entries(parts)) {
    if (!Number.isFinite(weight)) {
      throw new RlvrError("E_VERIFIER", `the weight of ${JSON.stringify(name)} is ${weight}, expected a finite number`);
    }
  }
}
