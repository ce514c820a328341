/**
 * How far annotators agree beyond chance: 1 = always, 0 = as chance would have it, below 0 = less than that.
 *
 *   Cohen's κ (1960), two annotators · Fleiss' κ (1971), the same number on each item · Krippendorff's α (2011), any number
 */
import { RlvrError } from "../errors.ts";

/** κ = (p_o − p_e) / (1 − p_e), p_e from each annotator's own shares of the labels. 1 where both give one label only. */
export function cohenKappa<Label>(first: readonly Label[], second: readonly Label[]): number {
  if (first.length !== second.length || first.length === 0) {
    const came = `${first.length} and ${second.length}`;
    throw new RlvrError("E_SHAPE", `the annotators gave ${came} labels, expected the same number, at least one`);
  }
  const n = first.length;
  const labels = new Set([...first, ...second]);
  const share = (given: readonly Label[], label: Label) => given.filter((one) => one === label).length / n;
  const observed = first.filter((label, i) => label === second[i]).length / n;
  const expected = [...labels].reduce((sum, label) => sum + share(first, label) * share(second, label), 0);
  return beyondChance(observed, expected);
}

/** Times each category was given to each item, all items by the same number of annotators. [items][categories] */
export function fleissKappa(counts: readonly (readonly number[])[]): number {
  const totals = counts.map((row) => row.reduce((sum, x) => sum + x, 0));
  const n = totals[0] ?? 0;
  if (n < 2 || totals.some((total) => total !== n)) {
    throw new RlvrError(
      "E_SHAPE",
      `items have ${[...new Set(totals)].join(", ")} labels, expected the same, at least 2`,
    );
  }
  const N = counts.length;
  const agreement = counts.map((row) => row.reduce((sum, x) => sum + x * (x - 1), 0) / (n * (n - 1)));
  const shares = counts[0]!.map((_, k) => counts.reduce((sum, row) => sum + row[k]!, 0) / (N * n));
  return beyondChance(
    agreement.reduce((sum, p) => sum + p / N, 0),
    shares.reduce((sum, p) => sum + p * p, 0),
  );
}

function beyondChance(observed: number, expected: number): number {
  return expected === 1 ? 1 : (observed - expected) / (1 - expected);
}

/** Squared distance of two values, both among `values`, which hold every label that can be paired, sorted. */
export type LabelDistance = (a: number, b: number, values: readonly number[]) => number;

export const nominalDistance: LabelDistance = (a, b) => (a === b ? 0 : 1);

export const intervalDistance: LabelDistance = (a, b) => (a - b) ** 2;

/** By how many labels lie between the two ranks. */
export const ordinalDistance: LabelDistance = (a, b, values) => {
  const [low, high] = a < b ? [a, b] : [b, a];
  const between = values.filter((value) => value >= low && value <= high).length;
  const ends = values.filter((value) => value === a).length + values.filter((value) => value === b).length;
  return a === b ? 0 : (between - ends / 2) ** 2;
};

/**
 * α = 1 − D_o / D_e over pairs of labels inside a unit. A unit's missing labels are left out; one label alone says nothing.
 * 1 where no two labels differ. K. Krippendorff, "Computing Krippendorff's alpha-reliability" (2011)
 */
export function krippendorffAlpha(
  units: readonly (readonly number[])[],
  distance: LabelDistance = nominalDistance,
): number {
  const paired = units.filter((unit) => unit.length > 1);
  const values = paired.flat().sort((a, b) => a - b);
  const within = (unit: readonly number[]) =>
    unit.reduce((sum, a) => sum + unit.reduce((rest, b) => rest + distance(a, b, values), 0), 0);
  const n = values.length;
  const observed = paired.reduce((sum, unit) => sum + within(unit) / (unit.length - 1), 0) / n;
  const expected = chance(values, distance) / (n * (n - 1));
  return expected === 0 ? 1 : 1 - observed / expected;
}

/** Σ over all ordered pairs of labels of their distance; by distinct values, of which there are few. */
function chance(values: readonly number[], distance: LabelDistance): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  let sum = 0;
  for (const [a, timesA] of counts) for (const [b, timesB] of counts) sum += timesA * timesB * distance(a, b, values);
  return sum;
}
