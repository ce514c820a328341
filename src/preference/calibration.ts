/**
 * How good a reward model is on comparisons that it has not seen: how often it is right, and whether it is as often right as
 * it says. Its probability for a pair is σ(r_w − r_l).
 */
import { logSigmoid, sigmoid } from "./logistic.ts";

export interface RewardModelReport {
  readonly pairs: number;
  /** Share of pairs with r_w > r_l; equal scores count half. */
  readonly accuracy: number;
  /** Mean −log σ(r_w − r_l); ln 2 = a model that knows nothing. */
  readonly loss: number;
  /** Expected calibration error over ten bins of confidence: https://arxiv.org/abs/1706.04599 eq. 3 */
  readonly ece: number;
  /** Mean r_w − r_l */
  readonly margin: number;
  readonly bins: readonly CalibrationBin[];
}

export interface CalibrationBin {
  readonly pairs: number;
  /** Mean of max(p, 1−p). */
  readonly confidence: number;
  readonly accuracy: number;
}

const BINS = 10;

export function rewardModelReport(
  pairs: readonly { readonly chosen: number; readonly rejected: number }[],
): RewardModelReport {
  const n = pairs.length;
  const judged = pairs.map(({ chosen, rejected }) => {
    const d = chosen - rejected;
    const confidence = sigmoid(Math.abs(d)); // in [½, 1)
    return { d, confidence, right: d > 0 ? 1 : d < 0 ? 0 : 0.5 };
  });
  const binOf = (confidence: number) => Math.min(BINS - 1, Math.floor(2 * BINS * (confidence - 0.5)));
  const mean = (values: readonly number[]) => values.reduce((sum, x) => sum + x / values.length, 0);
  const bins = Array.from({ length: BINS }, (_, bin): CalibrationBin => {
    const inside = judged.filter(({ confidence }) => binOf(confidence) === bin);
    return {
      pairs: inside.length,
      confidence: mean(inside.map(({ confidence }) => confidence)),
      accuracy: mean(inside.map(({ right }) => right)),
    };
  });
  return {
    pairs: n,
    accuracy: mean(judged.map(({ right }) => right)),
    loss: mean(judged.map(({ d }) => -logSigmoid(d))),
    ece: bins.reduce(
      (sum, { pairs: inside, confidence, accuracy }) => sum + (inside / n) * Math.abs(accuracy - confidence),
      0,
    ),
    margin: mean(judged.map(({ d }) => d)),
    bins,
  };
}
