import { describe, expect, test } from "vitest";
import { bradleyTerryLoss } from "../../src/preference/bradley-terry.ts";
import { ensembleLowerBound, ensembleMean, ensembleMin, ensembleScores } from "../../src/preference/ensemble.ts";
import { pairwiseRankingLoss, plackettLuceLoss, softmaxChoiceLoss } from "../../src/preference/ranking-loss.ts";
import {
  likertRegressionLoss,
  likertToPairs,
  multiAttributeScore,
  ratingTarget,
  type Scale,
} from "../../src/preference/ratings.ts";
import { centeredScale, rescaled, standardScale } from "../../src/preference/reward-scale.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";
import { finiteDifferences } from "./finite-differences.ts";
import { inTrlOrder, TRL } from "./trl.ts";

describe("bradleyTerryLoss", () => {
  interface Inputs {
    chosen: number;
    rejected: number;
    margin: number;
    labelSmoothing: number;
  }
  test.each(vectorsOf<Inputs, Record<string, number>>("rm/bt"))("$id: $name", ({ inputs, expected }) => {
    const { loss, gradients } = bradleyTerryLoss([inputs], inputs);
    expectAllClose([loss, ...gradients], [expected.loss!, expected.gradChosen!, expected.gradRejected!]);
  });

  type Votes = { rewardDiff: number; votesA: number; votes: number };
  test.each(vectorsOf<Votes, Record<string, number>>("pref/disagreement"))("$id: $name", ({ inputs, expected }) => {
    const target = inputs.votesA / inputs.votes;
    const { loss, gradients } = bradleyTerryLoss([{ chosen: inputs.rewardDiff, rejected: 0, target }]);
    expectAllClose([target, loss, gradients[0]!], [expected.target!, expected.loss!, expected.grad!]);
  });

  test.each(TRL.reward)(
    "is TRL's: margins $margins, centering $centering",
    ({ scores, margins, centering, ...trl }) => {
      const pairs = [0, 1, 2].map((i) => ({ chosen: scores[i]!, rejected: scores[i + 3]!, margin: margins?.[i] ?? 0 }));
      const { loss, gradients } = bradleyTerryLoss(pairs, { centering });
      expectAllClose(loss, trl.loss, 1e-12, 1e-9);
      expectAllClose(inTrlOrder(gradients), trl.gradients, 1e-12, 1e-9);
    },
  );

  test("has the gradient of finite differences, with every option", () => {
    const labels = [
      { margin: 0.4, target: 0.7, weight: 0.5 },
      { margin: 0, target: 1, weight: 2 },
    ];
    const at = (xs: readonly number[]) =>
      bradleyTerryLoss(
        labels.map((label, i) => ({ ...label, chosen: xs[2 * i]!, rejected: xs[2 * i + 1]! })),
        { labelSmoothing: 0.1, centering: 0.05 },
      );
    const xs = [1.2, 0.3, -0.4, 0.9];
    expectAllClose(
      at(xs).gradients,
      finiteDifferences((x) => at(x).loss, xs),
      1e-8,
    );
  });
});

describe("pairwiseRankingLoss", () => {
  type Inputs = { rewardsBestToWorst: number[] } | { rewards: number[]; ranks: number[] };
  type Expected = { loss: number; grad?: number[]; pairs: number };
  test.each(vectorsOf<Inputs, Expected>("rm/kwise"))("$id: $name", ({ inputs, expected }) => {
    const [scores, ranks] =
      "ranks" in inputs
        ? [inputs.rewards, inputs.ranks]
        : [inputs.rewardsBestToWorst, inputs.rewardsBestToWorst.map((_, i) => i + 1)];
    const { loss, gradients } = pairwiseRankingLoss(scores, ranks);
    expectAllClose(loss, expected.loss);
    if (expected.grad) expectAllClose(gradients, expected.grad);
    expectAllClose(
      gradients,
      finiteDifferences((x) => pairwiseRankingLoss(x, ranks).loss, scores),
      1e-8,
    );
  });

  test("of ties alone is 0, and moves nothing", () => {
    expect(pairwiseRankingLoss([1, 2, 3], [1, 1, 1])).toEqual({ loss: 0, gradients: [0, 0, 0], metrics: {} });
  });
});

describe("plackettLuceLoss", () => {
  type Inputs = { rewardsBestToWorst: number[] };
  test.each(vectorsOf<Inputs, { loss: number }>("rm/plackettluce"))("$id: $name", ({ inputs, expected }) => {
    const scores = inputs.rewardsBestToWorst;
    const ranks = scores.map((_, i) => i + 1);
    const { loss, gradients } = plackettLuceLoss(scores, ranks);
    expectAllClose(loss, expected.loss);
    expectAllClose(
      gradients,
      finiteDifferences((x) => plackettLuceLoss(x, ranks).loss, scores),
      1e-8,
    );
    expectAllClose(plackettLuceLoss(scores.toReversed(), ranks.toReversed()).loss, expected.loss);
  });
});

describe("softmaxChoiceLoss", () => {
  type Inputs = { rewards: number[]; best: number };
  test.each(vectorsOf<Inputs, { loss: number }>("rm/bestof4"))(
    "$id: $name",
    ({ inputs: { rewards, best }, expected }) => {
      expectAllClose(softmaxChoiceLoss(rewards, best).loss, expected.loss);
      expectAllClose(
        softmaxChoiceLoss(rewards, best).gradients,
        finiteDifferences((x) => softmaxChoiceLoss(x, best).loss, rewards),
        1e-8,
      );
    },
  );
});

describe("ratings", () => {
  type LikertExpected = { pairs: [number, number][]; margins: number[] };
  const [pairs, regression] = vectorsOf<never, never>("pref/likert") as unknown as [
    { inputs: { ratings: number[] }; expected: LikertExpected },
    { inputs: Scale & { predictions: number[]; ratings: number[] }; expected: { targets: number[]; loss: number } },
  ];
  test("pref/likert/1: strict pairs with the difference as margin", () => {
    const found = likertToPairs(pairs.inputs.ratings);
    expect(found.map(({ better, worse }) => [better, worse])).toEqual(pairs.expected.pairs);
    expect(found.map(({ margin }) => margin)).toEqual(pairs.expected.margins);
    expect(likertToPairs([1, 4])).toEqual([{ better: 1, worse: 0, margin: 3 }]);
  });

  test("pref/likert/2: mean squared error to the rating in [0, 1]", () => {
    const { predictions, ratings, ...scale } = regression.inputs;
    expect(ratings.map((rating) => ratingTarget(rating, scale))).toEqual(regression.expected.targets);
    const { loss, gradients } = likertRegressionLoss(predictions, ratings, scale);
    expectAllClose(loss, regression.expected.loss);
    expectAllClose(
      gradients,
      finiteDifferences((x) => likertRegressionLoss(x, ratings, scale).loss, predictions),
      1e-8,
    );
  });

  type Attributes = { ratings: Record<string, number>; weights: Record<string, number> } & Scale;
  test.each(vectorsOf<Attributes, { score: number }>("pref/multiattr"))("$id: $name", ({ inputs, expected }) => {
    expectAllClose(multiAttributeScore(inputs.ratings, inputs.weights, inputs), expected.score);
  });

  test("refuses ratings of which none has a weight", () => {
    const score = () => multiAttributeScore({ wit: 3 }, { safety: 1 }, { min: 1, max: 5 });
    expect(score).toThrow("the ratings have wit, expected one of safety");
  });
});

describe("reward scale", () => {
  type Inputs = { scores: number[]; biasOnly?: boolean };
  type Expected = { gain: number; bias: number; out: number[] };
  test.each(vectorsOf<Inputs, Expected>("rm/normalize"))("$id: $name", ({ inputs: { scores, biasOnly }, expected }) => {
    const scale = biasOnly ? centeredScale(scores) : standardScale(scores);
    expectAllClose([scale.gain, scale.bias], [expected.gain, expected.bias]);
    expectAllClose(rescaled(scores, scale), expected.out);
  });

  test("clips, and leaves equal scores finite", () => {
    expect(rescaled([-9, 0, 9], { gain: 1, bias: 0 }, 5)).toEqual([-5, 0, 5]);
    expect(standardScale([2, 2, 2])).toEqual({ gain: 1, bias: -2 });
  });
});

describe("ensembleScores", () => {
  const scores = [
    [1, 4],
    [3, 4],
    [2, 7],
  ]; // [models][B]
  test("combines the models' scores of each completion", () => {
    expect(ensembleScores(scores, ensembleMean)).toEqual([2, 5]);
    expect(ensembleScores(scores, ensembleMin)).toEqual([1, 4]);
    // population standard deviations √(2/3) and √2
    expectAllClose(
      ensembleScores(scores, ensembleLowerBound(2)),
      [2 - 2 * Math.sqrt(2 / 3), 5 - 2 * Math.SQRT2],
      1e-12,
    );
  });

  test("refuses models that scored different completions", () => {
    expect(() => ensembleScores([[1], [1, 2]], ensembleMean)).toThrow("the models scored 1, 2 completions");
  });
});
