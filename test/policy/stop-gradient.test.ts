import { beforeAll, describe, expect, test } from "vitest";
import { tf } from "../../src/engine/tf.ts";
import { stopGradient } from "../../src/policy/stop-gradient.ts";

beforeAll(() => tf.setBackend("cpu"));

describe("stopGradient", () => {
  test("passes values", () => {
    expect([...stopGradient(tf.tensor1d([1, -2])).dataSync()]).toEqual([1, -2]);
  });

  test("passes no gradient: d(x·sg(x))/dx = x, not 2x", () => {
    const gradient = tf.grad((x) => x.mul(stopGradient(x)).sum());
    expect([...gradient(tf.tensor1d([3, -5])).dataSync()]).toEqual([3, -5]);
  });

  test("a ratio of a tensor with itself has a gradient only through it", () => {
    const x = tf.tensor1d([-0.5]);
    const withIt = tf
      .grad((l) => l.sub(stopGradient(l)).exp().sum())(x)
      .dataSync()[0];
    const without = tf
      .grad((l) => l.sub(l).exp().sum())(x)
      .dataSync()[0];
    expect([withIt, without]).toEqual([1, 0]);
  });
});
