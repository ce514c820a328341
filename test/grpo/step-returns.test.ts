import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { prime, primeAdvantages } from "../../src/grpo/prime.ts";
import { suffixMin, suffixSum } from "../../src/grpo/process.ts";
import { noBaseline, perStepReturn, perValueDifference, siblings } from "../../src/grpo/step-returns.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

const row = (reward: number | null, rewards: number[], ends = rewards.map((_, k) => k), length = rewards.length) => ({
  ...{ reward, length },
  steps: { rewards, ends },
});

describe("perStepReturn", () => {
  const credit = perStepReturn({ credit: suffixMin, baseline: siblings, outcomeWeight: 1 });

  test("return − mean of the siblings' whole returns, and the same for the outcome", () => {
    const group = { rows: [row(1, [0.2, 0.9]), row(0, [0.6, 0.4]), row(0, [0.8])] };
    // whole returns .2, .4, .8; outcome parts 1 − 0, 0 − ½, 0 − ½
    expectAllClose(
      credit.assign([group])[0]!,
      [[0.2 - 0.6 + 1, 0.9 - 0.6 + 1], [0.4 - 0.5 - 0.5, 0.4 - 0.5 - 0.5], [0.8 - 0.3 - 0.5]],
      1e-12,
    );
  });

  test("what was not graded gets 0 and is nobody's sibling; alone there is nothing to compare with", () => {
    const alone = { rows: [row(1, [0.3]), row(null, [0.9])] };
    expect(credit.assign([alone])).toEqual([[[0], [0]]]);
    expect(credit.hasSignal(alone)).toBe(false);
  });

  test("a step's tokens get its return, those after the last step nothing; without steps the outcome counts", () => {
    const group = { rows: [row(1, [0.5], [1], 4), { reward: 0, length: 2, steps: { rewards: [], ends: [] } }] };
    expect(credit.assign([group])[0]).toEqual([
      [1.5, 1.5, 0, 0],
      [-1, -1],
    ]);
  });

  test("one step, its reward the outcome, twice the weight: outcome supervision by leave-one-out", () => {
    const rows = [1, 0, 0, 1].map((reward) => row(reward, [reward]));
    expectAllClose(
      credit.assign([{ rows }])[0]!,
      [1, 0, 0, 1].map((reward) => [(2 * 4 * (reward - 0.5)) / 3]),
      1e-12,
    );
  });

  test("steps of a completion do not move what it is compared with", () => {
    const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(scores, scores, scores, fc.nat(5), (mine, other, third, at) => {
        const of = (steps: number[]) =>
          credit.assign([{ rows: [row(0, steps), row(1, other), row(0, third)] }])[0]![0]!;
        const before = Math.max(...of(mine));
        // a copy of any of its steps, anywhere, raises none of its advantages
        const k = at % mine.length;
        expect(Math.max(...of(mine.toSpliced(k, 0, mine[k]!)))).toBeLessThanOrEqual(before + 1e-12);
      }),
    );
  });

  test("is refused without steps", () => {
    expect(() => credit.assign([{ rows: [{ reward: 1, length: 1 }] }])).toThrow("without scored steps");
  });
});

test("perValueDifference: the reward stands after the last value", () => {
  const [advantages] = perValueDifference().assign([{ rows: [row(1, [0.5, 0.25], [0, 2], 3), row(null, [])] }]);
  expect(advantages).toEqual([[-0.25, 0.75, 0.75], []]);
});

test("noBaseline with differences: a step that loses nothing gets the outcome's part alone", () => {
  const credit = perStepReturn({ credit: (rewards) => [...rewards], baseline: noBaseline, outcomeWeight: 1 });
  expect(credit.assign([{ rows: [row(0, [0, -1, 0]), row(1, [0])] }])[0]).toEqual([[-1, -2, -1], [1]]);
  expect(
    perStepReturn({ credit: suffixSum, baseline: noBaseline, outcomeWeight: 0 }).assign([{ rows: [row(1, [1, 1])] }]),
  ).toEqual([[[2, 1]]]);
});

describe("PRIME", () => {
  type Inputs = { processRewards: number[][]; outcomeRewards: number[]; gamma: number };
  test.each(vectorsOf<Inputs, { advantages: number[][] }>("prime/advantage"))("$id: $name", ({ inputs, expected }) => {
    const { processRewards, outcomeRewards, gamma } = inputs;
    expectAllClose(primeAdvantages(processRewards, outcomeRewards, gamma), expected.advantages, 1e-8);
    const rows = processRewards.map((rewards, i) => row(outcomeRewards[i]!, rewards));
    expectAllClose(prime({ gamma }).assign([{ rows }])[0]!, expected.advantages, 1e-8);
  });

  test("γ discounts what comes after", () => {
    // one completion: baseline is its own mean .5, no outcome part: .5, −.5 → .5 + .5·(−.5)
    expect(primeAdvantages([[1, 0]], [1], 0.5)).toEqual([[0.25, -0.5]]);
  });
});
