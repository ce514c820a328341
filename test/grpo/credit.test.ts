import { describe, expect, test } from "vitest";
import { centered } from "../../src/grpo/advantages.ts";
import { perCompletion, perStep, perToken } from "../../src/grpo/credit.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

describe("perCompletion", () => {
  const credit = perCompletion(centered());

  test("every token gets the completion's advantage, an ungraded completion 0", () => {
    const rows = [
      { reward: 1, length: 3 },
      { reward: null, length: 2 },
      { reward: 0, length: 1 },
    ];
    expect(credit.assign([{ rows }])).toEqual([[[0.5, 0.5, 0.5], [0, 0], [-0.5]]]);
  });

  test("a KL penalty is taken off the reward before the baseline: 1 − .6 against 1 − 0", () => {
    const rows = [
      { reward: 1, length: 2, penalty: [0.2, 0.4] },
      { reward: 1, length: 1, penalty: [0] },
    ];
    expectAllClose(credit.assign([{ rows }])[0]!, [[-0.3, -0.3], [0.3]], 1e-12);
  });

  test("equal rewards are no signal", () => {
    expect(
      credit.hasSignal({
        rows: [
          { reward: 1, length: 1 },
          { reward: 1, length: 1 },
        ],
      }),
    ).toBe(false);
    expect(
      credit.hasSignal({
        rows: [
          { reward: 1, length: 1 },
          { reward: 0, length: 1 },
        ],
      }),
    ).toBe(true);
  });
});

describe("perToken", () => {
  interface Inputs {
    scores: number[];
    logp: number[][];
    refLogp: number[][];
    mask: number[][];
    beta: number;
    gamma: number;
    ddof: 0 | 1;
    eps: number;
  }
  const vectors = vectorsOf<Inputs, { advantages: number[][] }>("reinforcepp").filter(({ inputs }) => inputs.scores);

  test.each(vectors)(
    "$id, each completion a group of its own, an ungraded one between them",
    ({ inputs, expected }) => {
      const rows = inputs.scores.map((reward, b) => {
        const length = inputs.mask[b]!.filter((one) => one === 1).length;
        const penalty = Array.from({ length }, (_, t) => inputs.beta * (inputs.logp[b]![t]! - inputs.refLogp[b]![t]!));
        return { reward, length, penalty };
      });
      const groups = [{ rows: [rows[0]!] }, { rows: [{ reward: null, length: 2 }] }, { rows: [rows[1]!] }];
      const [first, ungraded, second] = perToken(inputs).assign(groups).flat();
      expect(ungraded).toEqual([0, 0]);
      expectAllClose(first!, expected.advantages[0]!.slice(0, rows[0]!.length), 1e-7);
      expectAllClose(second!, expected.advantages[1]!.slice(0, rows[1]!.length), 1e-7);
    },
  );

  test("a group of one has signal: it is compared with the batch", () => {
    expect(perToken().hasSignal({ rows: [{ reward: 0, length: 1 }] })).toBe(true);
    expect(perToken().hasSignal({ rows: [{ reward: null, length: 1 }] })).toBe(false);
  });
});

describe("perStep", () => {
  const steps = (rewards: number[]) => ({ reward: 0, length: 2, steps: { rewards, ends: [0, 1] } });

  test("signal is a difference between any two steps of the group", () => {
    expect(perStep().hasSignal({ rows: [steps([1, 1]), steps([1, 1])] })).toBe(false);
    expect(perStep().hasSignal({ rows: [steps([1, 0]), steps([1, 0])] })).toBe(true);
  });

  test("a graded completion without steps is refused, an ungraded one gets 0", () => {
    expect(() => perStep().assign([{ rows: [{ reward: 1, length: 1 }] }])).toThrow("without scored steps");
    expect(perStep().assign([{ rows: [{ reward: null, length: 1 }] }])).toEqual([[[0]]]);
  });
});
