/** The writing of a sum of signed terms: as a question, and worked out in one step a term. */

/** [13, 22, -31, 40] → `13+22-31+40=` */
export function question(terms: readonly number[]): string {
  return `${terms.map((term, i) => (i === 0 || term < 0 ? `${term}` : `+${term}`)).join("")}=`;
}

/** [13, 22, -31, 40] → [13, 35, 4, 44] */
export function runningTotals(terms: readonly number[]): number[] {
  let total = 0;
  return terms.map((term) => (total += term));
}

/** [13, 22, -31, 40] → `13+22=35,35-31=4,4+40=44` */
export function workedSteps(terms: readonly number[]): string {
  const totals = runningTotals(terms);
  return terms
    .slice(1)
    .map((term, i) => `${totals[i]}${term < 0 ? "" : "+"}${term}=${totals[i + 1]}`)
    .join(",");
}
