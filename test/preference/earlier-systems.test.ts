import { describe, expect, test } from "vitest";
import type { RowScores, StepReport, TrainingRow } from "../../src/policy/loss.ts";
import { labelByJudge, reviseByPrinciples } from "../../src/preference/constitution.ts";
import { coherence, cosine, dialogueReward, easeOfAnswering, informationFlow } from "../../src/preference/dialogue.ts";
import { discriminatorLoss, generatorStep, rolloutPolicyLoss, rolloutValues } from "../../src/preference/seqgan.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";
import { finiteDifferences } from "./finite-differences.ts";

describe("SeqGAN", () => {
  interface Rewards {
    rolloutScores: number[][];
    logp: number[];
    baseline?: number;
  }
  const vectors = vectorsOf<unknown, unknown>("seqgan");
  const rewards = vectors.slice(0, 2) as {
    id: string;
    inputs: Rewards;
    expected: { q: number[]; policyLoss: number };
  }[];
  const [, , bce] = vectors as { inputs: { realLogits: number[]; fakeLogits: number[] }; expected: { loss: number } }[];

  test.each(rewards)("$id", ({ inputs: { rolloutScores, logp, baseline }, expected }) => {
    const values = rolloutValues(rolloutScores, baseline);
    expectAllClose(values, expected.q);
    expectAllClose(rolloutPolicyLoss(values, logp), expected.policyLoss);
  });

  test("seqgan/3: the discriminator's loss, and its gradient", () => {
    const { realLogits, fakeLogits } = bce!.inputs;
    const { loss, gradients } = discriminatorLoss(realLogits, fakeLogits);
    expectAllClose(loss, bce!.expected.loss);
    const at = (xs: readonly number[]) => discriminatorLoss(xs.slice(0, 2), xs.slice(2)).loss;
    expectAllClose(gradients, finiteDifferences(at, [...realLogits, ...fakeLogits]), 1e-8);
  });

  test("pays each token with what its roll-outs are worth, the last one with the sequence itself", async () => {
    let trained: readonly TrainingRow[] = [];
    const generator = {
      version: 0,
      score: async () => [],
      step: async (_: unknown, rows: readonly TrainingRow[]): Promise<StepReport> => {
        trained = rows;
        return { metrics: { loss: 0 }, gradNorm: 0, applied: true, badRows: [] };
      },
    };
    /** Says σ(last token), in logits. */
    const discriminator = {
      score: async (rows: readonly { tokens: Int32Array }[]): Promise<RowScores[]> =>
        rows.map(({ tokens }) => ({
          ...{ logProbs: new Float32Array(tokens.length), entropy: new Float32Array(tokens.length) },
          scores: Float32Array.from(tokens),
        })),
    };
    const sample = { id: "s", tokens: Int32Array.of(9, 5, 1, 0), completionStart: 1 };
    const { reward } = await generatorStep([sample], {
      ...{ generator, discriminator, baseline: 0.25, learningRate: 1 },
      // two roll-outs of each prefix: one ends in a token of logit 0, one in the prefix's own last token
      rollOut: async (prefixes) =>
        prefixes.map((prefix) => [0, prefix.tokens.at(-1)!].map((end) => ({ ...prefix, tokens: Int32Array.of(end) }))),
    });
    const sigma = (x: number) => 1 / (1 + Math.exp(-x));
    expect(reward).toBe(0.5);
    const values = [(0.5 + sigma(5)) / 2, (0.5 + sigma(1)) / 2, 0.5];
    expectAllClose(trained[0]!.fields.weights!, [0, ...values.map((value) => 0.25 - value)]);
  });
});

describe("dialogue rewards", () => {
  interface Inputs {
    dullLogp: number[];
    dullLen: number[];
    h1: number[];
    h2: number[];
    forwardLogp: number;
    forwardLen: number;
    backwardLogp: number;
    backwardLen: number;
    lambdas: [number, number, number];
  }
  test.each(vectorsOf<Inputs, Record<string, number>>("dialogue"))("$id: $name", ({ inputs, expected }) => {
    const { dullLogp, dullLen, h1, h2, forwardLogp, forwardLen, backwardLogp, backwardLen, lambdas } = inputs;
    const ease = easeOfAnswering(dullLogp.map((logProb, i) => ({ logProb, length: dullLen[i]! })));
    const flow = informationFlow(h1, h2);
    const sense = coherence(
      { logProb: forwardLogp, length: forwardLen },
      { logProb: backwardLogp, length: backwardLen },
    );
    expectAllClose(
      [ease, cosine(h1, h2), flow, sense, dialogueReward([ease, flow, sense], lambdas)],
      [expected.easeOfAnswering!, expected.cosine!, expected.informationFlow!, expected.coherence!, expected.reward!],
    );
  });
});

const PRINCIPLES = ["harmless", "honest", "brief"].map((id) => ({
  id,
  critique: `Is it ${id}?`,
  revision: `Make it ${id}.`,
}));

describe("reviseByPrinciples", () => {
  const revised = (ids: readonly string[]) =>
    reviseByPrinciples(
      ids.map((id) => ({ id, prompt: "p", response: "r" })),
      {
        ...{ principles: PRINCIPLES, rounds: 4, seed: 1 },
        criticize: async (_, response, principle) => `${principle.id} of ${response}`,
        revise: async (_, response, critique) => `${response}+${critique.split(" ")[0]}`,
      },
    );

  test("criticizes and revises the last revision, round after round, and keeps a log", async () => {
    const [only] = await revised(["a"]);
    expect(only!.steps.length).toBe(4);
    expect(only!.revision).toBe(`r+${only!.steps.map(({ principle }) => principle).join("+")}`);
    expect(only!.steps[1]!.critique).toBe(`${only!.steps[1]!.principle} of r+${only!.steps[0]!.principle}`);
    expect(new Set(only!.steps.map(({ principle }) => principle)).size).toBeGreaterThan(1);
  });

  test("draws the same principles for a response whatever stands before it", async () => {
    expect((await revised(["b", "a"]))[1]).toEqual((await revised(["a"]))[0]);
  });
});

describe("labelByJudge", () => {
  const pair = (id: string, a: string, b: string) => ({ id, prompt: "p", responses: [a, b] as const });
  const options = { criteria: ["length"], perPair: 1, seed: 1, source: "test judge" };

  test("a judge who always prefers the first place has no opinion, and its pairs are left out", async () => {
    expect(await labelByJudge([pair("1", "a", "bb")], { ...options, judge: async () => 0.9 })).toEqual([]);
  });

  test("averages both orders, clamps, and records who judged", async () => {
    /** Prefers the longer one by .7, and the first place by .1 more. */
    const judge = async (_: string, first: string, second: string) => (first.length > second.length ? 0.8 : 0.4);
    const expected = { kind: "comparison", id: "1", source: "test judge", prompt: "p", chosen: "bb", rejected: "a" };
    const [label] = await labelByJudge([pair("1", "a", "bb")], { ...options, judge });
    expect(label).toEqual({ ...expected, target: expect.closeTo(0.7, 12) });
    const [clamped] = await labelByJudge([pair("1", "a", "bb")], { ...options, judge, clamp: [0.4, 0.6] });
    expect(clamped!.target).toBe(0.6);
  });
});
