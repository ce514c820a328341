import { describe, expect, test } from "vitest";
import type { Learner, StepReport, TrainingRow } from "../../src/policy/loss.ts";
import {
  bestOfNKl,
  bestOfNSft,
  expectedBestOfN,
  expertIteration,
  keepAtLeast,
  keepBest,
} from "../../src/preference/best-of-n.ts";
import { rewardModelReport } from "../../src/preference/calibration.ts";
import { Rng } from "../../src/rng.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

describe("best of n", () => {
  const [kl, expected] = vectorsOf<{ ns: number[]; rewards: number[] }, { kl: number[]; expectedMax: number[] }>(
    "bon/kl",
  );
  test("bon/kl/1: the most by which it is away from the policy", () => {
    expectAllClose(kl!.inputs.ns.map(bestOfNKl), kl!.expected.kl);
  });

  test("bon/kl/2: the expected largest of n", () => {
    const { ns, rewards } = expected!.inputs;
    expectAllClose(
      ns.map((n) => expectedBestOfN(rewards, n)),
      expected!.expected.expectedMax,
    );
  });
});

const candidate = (token: number, reward: number | null) => ({ completion: Int32Array.of(token), reward });

describe("what is kept", () => {
  test("the best, and nothing where nothing is graded", () => {
    expect(keepBest([candidate(1, 0.2), candidate(2, null), candidate(3, 0.9), candidate(4, 0.9)])).toEqual([
      candidate(3, 0.9),
    ]);
    expect(keepBest([candidate(1, null)])).toEqual([]);
  });

  test("all at the threshold, each text once", () => {
    const all = [candidate(1, 1), candidate(1, 1), candidate(2, 0.5), candidate(3, 0.4), candidate(4, null)];
    expect(keepAtLeast(0.5)(all)).toEqual([candidate(1, 1), candidate(2, 0.5)]);
  });
});

/** Remembers what it was trained on. */
class Recorder implements Learner {
  version = 0;
  readonly seen: string[][] = [];
  async score() {
    return [];
  }
  async step(_: unknown, rows: readonly TrainingRow[]): Promise<StepReport> {
    this.seen.push(rows.map(({ id, tokens }) => `${id}: ${tokens.join(" ")}`));
    this.version++;
    return { metrics: { loss: 1, tokens: 1, entropy: 1 }, gradNorm: 1, applied: true, badRows: [] };
  }
}

const COMMON = { batchSize: 2, epochs: 1, learningRate: 1e-3, schedule: "constant", seed: 1 } as const;

describe("bestOfNSft", () => {
  test("imitates the best completion of each prompt behind its prompt", async () => {
    const learner = new Recorder();
    const sets = [
      { id: "p", prompt: Int32Array.of(7), candidates: [candidate(1, 0), candidate(2, 1)] },
      { id: "q", prompt: Int32Array.of(8), candidates: [candidate(3, null)] },
    ];
    const rounds: object[] = [];
    await bestOfNSft({ ...COMMON, learner, sample: async () => sets, onRound: (round) => void rounds.push(round) });
    expect(learner.seen).toEqual([["p/0: 7 2"]]);
    expect(rounds).toEqual([{ round: 0, sampled: 3, kept: 1, unsolved: 1, reward: 0.5, loss: 1 }]);
  });
});

describe("expertIteration", () => {
  test("samples anew from the policy of the last round, and passes over all that is kept", async () => {
    const learner = new Recorder();
    const versions: number[] = [];
    const sample = async () => {
      versions.push(learner.version);
      const candidates = [1, 2, 3].map((token) => candidate(token, 1));
      return [{ id: "p", prompt: Int32Array.of(7), candidates }];
    };
    await expertIteration({ ...COMMON, epochs: 2, learner, rounds: 2, keep: keepAtLeast(1), sample });
    expect(versions).toEqual([0, 3]); // 2 epochs of 3 examples in batches of 2
    expect(
      learner.seen
        .flat()
        .toSorted()
        .filter((row) => row === "p/0: 7 1").length,
    ).toBe(4);
    expect(learner.seen.map((rows) => rows.length)).toEqual([2, 2, 2, 2, 2, 2]);
  });
});

describe("rewardModelReport", () => {
  test("has no calibration error where σ(d) is how often it is right, and a large one where it is too sure", () => {
    const rng = new Rng(2, "calibration");
    const pairs = (sureness: number) =>
      Array.from({ length: 20_000 }, () => {
        const d = 4 * (rng.next() - 0.5);
        const right = rng.next() < 1 / (1 + Math.exp(-Math.abs(d)));
        return { chosen: right ? sureness * Math.abs(d) : -sureness * Math.abs(d), rejected: 0 };
      });
    expect(rewardModelReport(pairs(1)).ece).toBeLessThan(0.015);
    expect(rewardModelReport(pairs(5)).ece).toBeGreaterThan(0.15);
  });

  test("is what hand computation gives", () => {
    const [ln3, ln9] = [Math.log(3), Math.log(9)]; // σ = .75, .9
    const report = rewardModelReport([
      { chosen: ln3, rejected: 0 },
      { chosen: 0, rejected: ln3 },
      { chosen: ln9, rejected: 0 },
      { chosen: 1, rejected: 1 },
    ]);
    expect(report.accuracy).toBe(2.5 / 4);
    expectAllClose(report.margin, ln9 / 4, 1e-12);
    expectAllClose(report.loss, (-Math.log(0.75) - Math.log(0.25) - Math.log(0.9) + Math.LN2) / 4, 1e-12);
    expectAllClose(report.ece, (2 / 4) * 0.25 + (1 / 4) * 0.1 + (1 / 4) * 0, 1e-12);
  });
});
