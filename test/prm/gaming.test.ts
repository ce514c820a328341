/** What a policy must not be paid for: more steps, empty steps, other orders. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { GrpoConfig } from "../../src/grpo/config.ts";
import { type StepCredit, suffixSum } from "../../src/grpo/process.ts";
import { noBaseline, perStepReturn, type StepBaseline, siblings } from "../../src/grpo/step-returns.ts";
import { trainGrpo } from "../../src/grpo/train.ts";
import { clipped, deltas, drops, rawScores, type StepShaping, softMinimum } from "../../src/prm/shaping.ts";
import { Rng } from "../../src/rng.ts";
import { expectAllClose } from "../allclose.ts";
import { TabularLearner } from "../grpo/tabular-learner.ts";

const score = fc.double({ min: 0, max: 1, noNaN: true });
const scores = fc.array(score, { minLength: 1, maxLength: 8 });
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);

/** Ways to write the same reasoning that must not pay. Each gives the scores of the changed steps. */
const CHANGES = {
  /** The same step once more, anywhere later. */
  duplicate: fc.tuple(scores, fc.nat(), fc.nat()).map(([s, k, later]) => {
    const at = k % s.length;
    return [s, s.toSpliced(at + 1 + (later % (s.length - at)), 0, s[at]!)] as const;
  }),
  /** Something else in between, however good it looks. */
  pad: fc.tuple(scores, score, fc.nat()).map(([s, p, at]) => [s, s.toSpliced(at % (s.length + 1), 0, p)] as const),
  /** One step as two: what is wrong in it stands in one of them. */
  split: fc.tuple(scores, score, fc.nat(), fc.boolean()).map(([s, p, at, first]) => {
    const k = at % s.length;
    return [s, s.toSpliced(k, 1, ...(first ? [s[k]!, p] : [p, s[k]!]))] as const;
  }),
  /** Two steps as one: it is as good as the worse. */
  merge: fc.tuple(scores, score, fc.nat()).map(([s, p, at]) => {
    const k = at % s.length;
    return [s.toSpliced(k, 0, p), s.toSpliced(k, 1, Math.min(p, s[k]!))] as const;
  }),
  reorder: fc.tuple(scores, fc.nat()).map(([s, seed]) => [s, new Rng(seed, "reorder").shuffle([...s])] as const),
};
const names = Object.keys(CHANGES) as (keyof typeof CHANGES)[];

/** Whether a change never raises the sum of the rewards. */
function holds(shaping: StepShaping, change: keyof typeof CHANGES): boolean {
  const { failed } = fc.check(
    fc.property(CHANGES[change], ([before, after]) => sum(shaping(after)) <= sum(shaping(before)) + 1e-9),
    { numRuns: 500, seed: 1 },
  );
  return !failed;
}

describe("drops, the default form", () => {
  test.each(names)("%s never raises the return", (change) => expect(holds(drops, change)).toBe(true));

  test("the sum is the lowest score − 1, and no step earns anything", () => {
    fc.assert(
      fc.property(scores, (s) => {
        expect(sum(drops(s))).toBeCloseTo(Math.min(...s) - 1, 12);
        expect(Math.max(...drops(s))).toBeLessThanOrEqual(0);
      }),
    );
  });

  test("the step that brings the worst down bears it alone", () => {
    expectAllClose(drops([1, 0.9, 0.2, 0.5, 0.1]), [0, -0.1, -0.7, 0, -0.1], 1e-12);
  });
});

describe("the other forms", () => {
  test("the sum of scores pays for copies, for padding and for parts", () => {
    expect(names.filter((change) => !holds(rawScores, change))).toEqual(["duplicate", "pad", "split"]);
  });

  test("clip pays for putting steps together, and for nothing else", () => {
    expectAllClose(clipped(0.6)([0.9, 0.5]), [0, -0.1], 1e-12);
    expect(names.filter((change) => !holds(clipped(0.5), change))).toEqual(["merge"]);
  });

  test("delta: the sum from step k on is the score of step k, so a good first step pays", () => {
    const s = [0.9, 0.3, 0.6, 0.2];
    expectAllClose(suffixSum(deltas(s)), [0.9, 0.3, 0.6, 0], 1e-12);
    expect(deltas([0.7])).toEqual([0]);
    expect(names.filter((change) => !holds(deltas, change))).toEqual(["duplicate", "pad", "split", "reorder"]); // a copy makes one step two
  });

  test("softMinimum is the minimum, but for what many good steps add", () => {
    const s = [0.9, 0.2, 0.8];
    expect(sum(softMinimum(0.001)(s))).toBeCloseTo(0.2, 9);
    expect(softMinimum(0.001)(s)[1]).toBeCloseTo(0.2, 9);
    // 20 steps of score 1: 20 · .8 · exp(−.8/.1) = .005
    const padded = sum(softMinimum(0.1)([0.2, ...new Array<number>(20).fill(1)]));
    expect(padded).toBeGreaterThan(0.2);
    expect(padded).toBeLessThan(0.2054);
    expect(sum(softMinimum(0.1)([0, 0, 0]))).toBe(0);
    expect(names.filter((change) => !holds(softMinimum(0.1), change))).toEqual(["duplicate", "pad", "split", "merge"]);
  });
});

/** Tokens: 0 ends, 1 does a piece of work, 2 is an empty step. Some work and an end succeed. */
const [END, WORK, EMPTY] = [0, 1, 2];
const T = 12;
/** What a reward model says of any step: nothing is wrong with an empty one either. */
const SCORE = 0.9;

async function trainTabular(credit: StepCredit, baseline: StepBaseline): Promise<{ empty: number; success: number }> {
  const learner = new TabularLearner(T, 3);
  const draw = (seed: number, stream: string) => {
    const { tokens, logProbs } = learner.sample(seed, stream);
    const end = tokens.indexOf(END, 1);
    const length = end < 0 ? T - 1 : end; // written tokens, the end included
    const steps = [...tokens.subarray(1, end < 0 ? T : end)];
    const rewards = steps.map(() => SCORE);
    return {
      ...{ tokens, samplerLogProbs: logProbs, steps: rewards.length > 0 ? rewards : [0.5] },
      completionMask: Uint8Array.from(tokens, (_, t) => (t >= 1 && t <= length ? 1 : 0)),
      // each token is a step; the end belongs to the last one
      ends: rewards.length > 0 ? rewards.map((_, k) => (k === rewards.length - 1 ? length - 1 : k)) : [0],
      empty: steps.filter((token) => token === EMPTY).length,
      success: end > 0 && steps.includes(WORK),
    };
  };
  await trainGrpo({
    config: GrpoConfig.parse({
      ...{ steps: 100, promptsPerStep: 4, groupSize: 8, advantage: "process", dynamicSampling: "keep" },
      ...{ learningRate: 0.1, warmupSteps: 0, truncation: "score", mismatchLimit: null, maxTokens: T },
    }),
    seed: 1,
    learner,
    credit: perStepReturn({ credit, baseline, outcomeWeight: 1 }),
    collect: async (step, { refill, prompts }) =>
      Array.from({ length: prompts }, (_, p) => ({
        promptId: `${p}`,
        trajectories: Array.from({ length: 8 }, (_, i) => {
          const { ends, steps, success, ...sampled } = draw(1, `${step}/${refill}/${p}/${i}`);
          const reward = success ? 1 : 0;
          return {
            ...{ id: `${step}/${refill}/${p}/${i}`, ...sampled, reward, truncated: false },
            ...{ policyVersion: learner.version, steps: { rewards: steps, ends } },
          };
        }),
      })),
  });
  const after = Array.from({ length: 200 }, (_, i) => draw(2, `after/${i}`));
  return {
    empty: sum(after.map(({ empty }) => empty)) / after.length,
    success: after.filter(({ success }) => success).length / after.length,
  };
}

describe("a policy that is trained on step rewards, with one empty step a completion before", () => {
  test("writes empty steps up to the limit for the sum of scores", { timeout: 300_000 }, async () => {
    expect((await trainTabular(suffixSum, siblings)).empty).toBeGreaterThan(5);
  });

  test("learns to succeed, and writes no more of them, for the default form", { timeout: 300_000 }, async () => {
    const { empty, success } = await trainTabular(drops, noBaseline);
    expect(empty).toBeLessThan(1.5);
    expect(success).toBeGreaterThan(0.95);
  });
});
