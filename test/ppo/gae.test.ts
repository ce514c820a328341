import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { explainedVariance } from "../../src/ppo/explained-variance.ts";
import { decoupledGae, gae, lengthAdaptiveLambda } from "../../src/ppo/gae.ts";
import { adaptKlCoef } from "../../src/ppo/kl-controller.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

interface Inputs {
  rewards: number[];
  values: number[];
  gamma: number;
  lambda_: number;
  length: number;
  bootstrapValue: number;
}

interface Expected {
  advantages: number[];
  returns: number[];
}

describe("gae", () => {
  test.each(vectorsOf<Inputs, Expected>("gae"))("$id: $name", ({ inputs, expected }) => {
    const { rewards, values, gamma, lambda_: lambda, length, bootstrapValue: lastValue } = inputs;
    const { advantages, returns } = gae(rewards, values, { gamma, lambda, length, lastValue });
    expectAllClose(advantages, expected.advantages, 1e-6);
    expectAllClose(returns, expected.returns, 1e-6);
  });

  const episode = fc.array(
    fc.record({
      reward: fc.double({ min: -2, max: 2, noNaN: true }),
      value: fc.double({ min: -2, max: 2, noNaN: true }),
    }),
    {
      minLength: 1,
      maxLength: 12,
    },
  );

  test("λ = 1: the discounted return minus the value, on every token of any episode", () => {
    fc.assert(
      fc.property(episode, fc.double({ min: 0, max: 1, noNaN: true }), (tokens, gamma) => {
        const { advantages, returns } = gae(
          tokens.map(({ reward }) => reward),
          tokens.map(({ value }) => value),
          { gamma, lambda: 1 },
        );
        for (const [t, { value }] of tokens.entries()) {
          const G = tokens.slice(t).reduce((sum, { reward }, k) => sum + gamma ** k * reward, 0);
          expect(advantages[t]).toBeCloseTo(G - value, 9);
          expect(returns[t]).toBeCloseTo(G, 9);
        }
      }),
    );
  });

  test("λ = 0: the one-step error", () => {
    fc.assert(
      fc.property(episode, fc.double({ min: 0, max: 1, noNaN: true }), (tokens, gamma) => {
        const { advantages } = gae(
          tokens.map(({ reward }) => reward),
          tokens.map(({ value }) => value),
          { gamma, lambda: 0, lastValue: 0.5 },
        );
        for (const [t, { reward, value }] of tokens.entries()) {
          expect(advantages[t]).toBeCloseTo(reward + gamma * (tokens[t + 1]?.value ?? 0.5) - value, 9);
        }
      }),
    );
  });

  test("an exact critic leaves nothing to learn from a certain reward", () => {
    const { advantages } = gae([0, 0, 1], [1, 1, 1], { gamma: 1, lambda: 0.95 });
    expectAllClose(advantages, [0, 0, 0], 1e-12);
  });
});

test.each(
  vectorsOf<
    { lengths: number[]; alpha: number } & Pick<Inputs, "rewards" | "values" | "gamma"> & {
        lambdaPolicy: number;
        lambdaCritic: number;
      },
    { lambda_: number[]; unclamped: number[]; advantages: number[]; valueTargets: number[] }
  >("gae/lengthadaptive"),
)("$id: $name", ({ inputs, expected }) => {
  if (expected.lambda_) {
    const lambdas = inputs.lengths.map((length) => lengthAdaptiveLambda(length, inputs.alpha));
    return expectAllClose(lambdas, expected.lambda_, 1e-9);
  }
  const { rewards, values, ...options } = inputs;
  const { advantages, returns } = decoupledGae(rewards, values, options);
  expectAllClose(advantages, expected.advantages, 1e-6);
  expectAllClose(returns, expected.valueTargets, 1e-6);
});

describe("adaptKlCoef", () => {
  interface Control {
    value: number;
    currentKl: number;
    targetKl: number;
    nSteps: number;
    horizon: number;
  }

  test.each(vectorsOf<Control, { value: number }>("kl/adaptive"))("$id: $name", ({ inputs, expected }) => {
    const { value, currentKl, targetKl: target, nSteps, horizon } = inputs;
    expectAllClose(adaptKlCoef(value, currentKl, nSteps, { target, horizon }), expected.value, 1e-9);
  });

  test("at the target it stays", () => {
    expect(adaptKlCoef(0.3, 6, 512, { target: 6, horizon: 10_000 })).toBe(0.3);
  });
});

describe("explainedVariance", () => {
  test.each(vectorsOf<{ returns: number[]; values: number[] }, { explainedVariance: number }>("ppo/explainedvar"))(
    "$id: $name",
    ({ inputs, expected }) => {
      expectAllClose(explainedVariance(inputs.returns, inputs.values)!, expected.explainedVariance, 1e-9);
    },
  );

  test("a critic that says the opposite explains less than nothing", () => {
    expect(explainedVariance([1, 0], [0, 1])).toBe(-3);
  });

  test("equal returns have no variance to explain", () => {
    expect(explainedVariance([1, 1], [0.3, 0.9])).toBeNull();
  });
});
