/**
 * How good a process reward model is: does it find the first wrong step (ProcessBench), does it tell right steps from wrong
 * ones (PRMBench, AUC), and are its probabilities what they say (calibration). All functions are pure.
 */

/** Index of the first step that is wrong, −1 if there is none: at or below `threshold` counts as wrong. */
export function firstError(scores: readonly number[], threshold: number): number {
  return scores.findIndex((score) => score <= threshold);
}

/** A solution with the scores of its steps, and where it really goes wrong. */
export interface FirstErrorCase {
  readonly scores: readonly number[]; // [S], from 0 to 1
  /** −1 = nowhere. */
  readonly firstError: number;
}

export interface FirstErrorResult {
  /** Share of solutions with an error whose first wrong step is found exactly. NaN without such solutions. */
  readonly onErroneous: number;
  /** Share of right solutions that are let pass. */
  readonly onCorrect: number;
  /** Harmonic mean of the two. */
  readonly f1: number;
  readonly threshold: number;
}

/** ProcessBench, https://arxiv.org/abs/2412.06559: F1 = harmonic mean of the accuracies on both kinds. */
export function firstErrorF1(cases: readonly FirstErrorCase[], threshold: number): FirstErrorResult {
  const hits = (some: readonly FirstErrorCase[]) =>
    some.filter((one) => firstError(one.scores, threshold) === one.firstError).length / some.length;
  const onErroneous = hits(cases.filter((one) => one.firstError >= 0));
  const onCorrect = hits(cases.filter((one) => one.firstError < 0));
  return { onErroneous, onCorrect, f1: harmonicMean(onErroneous, onCorrect), threshold };
}

/**
 * The threshold with the highest F1 on some cases, to be used on others: of equally good ones the middle of the first run.
 * Between any two neighboring scores all thresholds are alike, so the scores themselves are tried.
 */
export function chooseThreshold(cases: readonly FirstErrorCase[]): number {
  const candidates = thinned([...new Set([0, ...cases.flatMap(({ scores }) => scores)])].sort((a, b) => a - b));
  const values = candidates.map((threshold) => firstErrorF1(cases, threshold).f1);
  const best = Math.max(...values);
  const first = values.indexOf(best);
  if (first < 0) return 0.5; // NaN, one kind of solution alone: nothing to choose by
  const after = candidates.findIndex((_, i) => i > first && values[i] !== best);
  const end = candidates[after < 0 ? candidates.length - 1 : after]!;
  return (candidates[first]! + end) / 2;
}

/** Most thresholds that are tried. */
const MOST_THRESHOLDS = 512;

function thinned(sorted: readonly number[]): number[] {
  const every = Math.ceil(sorted.length / MOST_THRESHOLDS);
  return sorted.filter((_, i) => i % every === 0);
}

function harmonicMean(a: number, b: number): number {
  return a + b === 0 ? 0 : (2 * a * b) / (a + b);
}

/** One step: its score, and whether it is right. */
export interface ScoredStep {
  readonly score: number; // from 0 to 1
  readonly right: boolean;
}

export interface StepClassification {
  /** F1 of finding right steps. */
  readonly f1: number;
  /** F1 of finding wrong steps. */
  readonly f1Negative: number;
  /** ½·f1 + ½·f1Negative. PRMBench, https://arxiv.org/abs/2501.03124 */
  readonly prmScore: number;
  readonly accuracy: number;
  /** Of right steps, and of wrong ones. */
  readonly accuracyRight: number;
  readonly accuracyWrong: number;
}

/** Every step by itself; a score above the threshold says "right". */
export function classifySteps(steps: readonly ScoredStep[], threshold = 0.5): StepClassification {
  const count = (right: boolean, said: boolean) =>
    steps.filter((step) => step.right === right && step.score > threshold === said).length;
  const [truePositive, falseNegative] = [count(true, true), count(true, false)];
  const [falsePositive, trueNegative] = [count(false, true), count(false, false)];
  const f1 = ratio(2 * truePositive, 2 * truePositive + falsePositive + falseNegative);
  const f1Negative = ratio(2 * trueNegative, 2 * trueNegative + falsePositive + falseNegative);
  return {
    f1,
    f1Negative,
    prmScore: 0.5 * f1 + 0.5 * f1Negative,
    accuracy: ratio(truePositive + trueNegative, steps.length),
    accuracyRight: ratio(truePositive, truePositive + falseNegative),
    accuracyWrong: ratio(trueNegative, trueNegative + falsePositive),
  };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}

/**
 * PRMBench's similarity: how alike the accuracy is on solutions as they were and as they were changed to hold errors;
 * a model that calls everything right (or wrong) differs by nearly 1.
 */
export function accuracyGap(modified: readonly ScoredStep[], original: readonly ScoredStep[]): number {
  return Math.abs(classifySteps(modified).accuracy - classifySteps(original).accuracy);
}

/** Chance that a right step scores above a wrong one; ties count half (Mann–Whitney). NaN if one kind is missing. */
export function auc(steps: readonly ScoredStep[]): number {
  const sorted = [...steps].sort((a, b) => a.score - b.score);
  let [rankSum, i] = [0, 0];
  while (i < sorted.length) {
    let j = i;
    while (j < sorted.length && sorted[j]!.score === sorted[i]!.score) j++;
    const middleRank = (i + 1 + j) / 2;
    rankSum += middleRank * sorted.slice(i, j).filter(({ right }) => right).length;
    i = j;
  }
  const right = steps.filter((step) => step.right).length;
  return (rankSum - (right * (right + 1)) / 2) / (right * (steps.length - right));
}

export interface CalibrationBin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
  /** Mean score of the bin; 0 in an empty one. */
  readonly score: number;
  /** Share of its steps that are right. */
  readonly right: number;
}

/** Bins of equal width, and ECE = Σ_bins (count/N)·|right − score|. Guo et al., https://arxiv.org/abs/1706.04599 */
export function calibration(steps: readonly ScoredStep[], bins = 10): { ece: number; bins: CalibrationBin[] } {
  const table = Array.from({ length: bins }, (_, b): CalibrationBin => {
    const inside = steps.filter(({ score }) => Math.min(bins - 1, Math.floor(score * bins)) === b);
    return {
      from: b / bins,
      to: (b + 1) / bins,
      count: inside.length,
      score: ratio(
        inside.reduce((sum, { score }) => sum + score, 0),
        inside.length,
      ),
      right: ratio(inside.filter(({ right }) => right).length, inside.length),
    };
  });
  const ece = table.reduce((sum, { count, right, score }) => sum + count * Math.abs(right - score), 0) / steps.length;
  return { ece, bins: table };
}
