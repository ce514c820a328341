/** Central differences of a function of several numbers: the gradient that an analytic one is held against. */
export function finiteDifferences(f: (xs: readonly number[]) => number, xs: readonly number[], h = 1e-6): number[] {
  return xs.map((x, i) => (f(xs.with(i, x + h)) - f(xs.with(i, x - h))) / (2 * h));
}
