/** The writing of a sum of signed terms: as a question, worked out in one step a term, and read again step by step. */

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

/** Where a step ends inside the reasoning: after its separator. */
const END = /(?<=,|<\/think>)/;
/** `<think>13+22=35,` · `35-31+40=44</think>`; every repetition is bounded. */
const EQUATION = /^(?:<think>)?(-?\d{1,6})((?:[+-]\d{1,6}){1,8})=(-?\d{1,6})(?:,|<\/think>)$/;

/**
 * The steps of a completion: each equation, and at last the answer. An equation is right if it takes the next terms of the
 * problem, begins with their true running total and ends with it: the text up to there is then the right way to the answer.
 *
 * @param answer whether the answer is right
 */
export function judgedSteps(
  completion: string,
  terms: readonly number[],
  answer: boolean,
): { end: number; right: boolean }[] {
  const totals = runningTotals(terms);
  const steps: { end: number; right: boolean }[] = [];
  let used = 0; // terms after the first that the steps so far have taken
  let end = 0;
  for (const text of completion.split(END)) {
    end += text.length;
    if (!/\d/.test(text) || end === completion.length) continue; // it belongs to the step after it, or is the last
    const [, first, added = "", total] = EQUATION.exec(text) ?? [];
    const taken = added.match(/[+-]\d+/g)?.map(Number) ?? [];
    const right =
      taken.length > 0 &&
      taken.every((term, i) => term === terms[used + 1 + i]) &&
      Number(first) === totals[used] &&
      Number(total) === totals[used + taken.length];
    used += Math.max(1, taken.length);
    steps.push({ end, right });
  }
  return [...steps, { end: completion.length, right: answer }];
}
