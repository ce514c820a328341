/**
 * Work is counted, not timed: the same input costs the same on every machine, so a verdict never depends on the load.
 * Every loop of the math verifier spends from one purse; an empty purse ends the comparison as "not shown equal".
 */

/** One unit is 100 to 200 ns of work on a small server core: the whole budget stays well under 50 ms. */
export const FUEL_BUDGET = 60_000;

const MAX_DEPTH = 100;

/** Thrown by `spend` and caught in `verify.ts`; it never leaves the folder. */
export class OutOfFuel extends Error {}

export class Fuel {
  left: number;
  private depth = 0;

  constructor(budget: number = FUEL_BUDGET) {
    this.left = budget;
  }

  spend(units: number): void {
    this.left -= units;
    if (this.left < 0) throw new OutOfFuel("out of fuel");
  }

  /** One level deeper: what nests deeper than this is not worth following, and must not reach the end of the stack. */
  nested<T>(work: () => T): T {
    if (++this.depth > MAX_DEPTH) throw new OutOfFuel("too deep");
    const result = work();
    this.depth--;
    return result;
  }
}

/** Units for one product of two integers of these sizes: schoolbook cost in 64-bit words, at least 1. */
export function productCost(bitsA: number, bitsB: number): number {
  return 1 + Math.ceil(((bitsA + 64) * (bitsB + 64)) / (64 * 64 * 16));
}

/** Number of bits of |x|, rounded up to a multiple of 4; 0 for 0. Linear in the size. */
export function bitLength(x: bigint): number {
  if (x === 0n) return 0;
  return (x < 0n ? -x : x).toString(16).length * 4;
}
