import { expect } from "vitest";

type Nested = number | readonly Nested[] | ArrayLike<number>;

/** Same shape, and |a − b| ≤ absolute + relative·|b| for every number. The defaults suit float32. */
export function expectAllClose(actual: Nested, expected: Nested, absolute = 2e-6, relative = 1e-5, path = ""): void {
  if (typeof actual === "number" || typeof expected === "number") {
    const close = Math.abs(Number(actual) - Number(expected)) <= absolute + relative * Math.abs(Number(expected));
    if (!close) expect.fail(`${path || "value"} is ${actual}, expected ${expected}`);
    return;
  }
  expect(actual.length, `length of ${path || "value"}`).toBe(expected.length);
  for (let i = 0; i < expected.length; i++) {
    expectAllClose(actual[i] as Nested, expected[i] as Nested, absolute, relative, `${path}[${i}]`);
  }
}
