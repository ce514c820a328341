/** The arithmetic that a completion writes down: a metric of how it reasons, not a judgment of the answer. */

export interface WrittenSteps {
  /** How many steps such as `35-31=4` stand in the text. */
  readonly count: number;
  /** Share of them that are arithmetically true; 0 where there is none. */
  readonly trueShare: number;
}

// Whole steps only: in 12345+1=2 and 1+2-3=0 no part matches. Every repetition is bounded, so the scan is linear.
const STEP = /(?<![\d+\-*/.])(\d{1,6})([+\-*/])(\d{1,6})=(-?\d{1,9})(?![\d+\-*/.])/g;

/** Finds the steps `a+b=c`, `a-b=c`, `a*b=c`, `a/b=c` of whole numbers anywhere in a text. */
export function writtenSteps(text: string): WrittenSteps {
  let count = 0;
  let correct = 0;
  for (const [, left, operator, right, result] of text.matchAll(STEP)) {
    count++;
    if (holds(Number(left), operator as string, Number(right), Number(result))) correct++;
  }
  return { count, trueShare: count === 0 ? 0 : correct / count };
}

/** Exact: the operands have at most six digits. */
function holds(left: number, operator: string, right: number, result: number): boolean {
  if (operator === "+") return left + right === result;
  if (operator === "-") return left - right === result;
  if (operator === "*") return left * right === result;
  return right !== 0 && result * right === left;
}
