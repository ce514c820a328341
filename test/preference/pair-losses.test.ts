import { describe, expect, test } from "vitest";
import { type DpoOptions, dpoLoss, hingeLoss, robustDpoLoss } from "../../src/preference/dpo-loss.ts";
import { ipoLoss } from "../../src/preference/ipo-loss.ts";
import { orpoLoss } from "../../src/preference/orpo-loss.ts";
import {
  type CompletionLogProb,
  expectedLoss,
  type LogProbPair,
  meanOverPairs,
  type PairLoss,
  withNll,
} from "../../src/preference/pair-loss.ts";
import { simpoLoss } from "../../src/preference/simpo-loss.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";
import { finiteDifferences } from "./finite-differences.ts";
import { inTrlOrder, TRL } from "./trl.ts";

const side = (sum: number, reference = 0, length = 1): CompletionLogProb => ({ sum, reference, length });
const PAIR: LogProbPair = { chosen: side(-6.5, -7, 5), rejected: side(-4, -4.4, 3) };

interface DpoInputs {
  policyChosen: number;
  policyRejected: number;
  refChosen: number;
  refRejected: number;
}
const pairOf = ({ policyChosen, policyRejected, refChosen, refRejected }: DpoInputs, nW = 1, nL = 1): LogProbPair => ({
  chosen: side(policyChosen, refChosen, nW),
  rejected: side(policyRejected, refRejected, nL),
});

describe("dpoLoss", () => {
  test.each(vectorsOf<DpoInputs & DpoOptions, Record<string, number>>("dpo"))("$id: $name", ({ inputs, expected }) => {
    const { loss, gradChosen, gradRejected, rewardChosen, rewardRejected } = dpoLoss(inputs)(pairOf(inputs));
    const { implicitAccuracy, margin, ...numbers } = expected;
    expect(rewardChosen > rewardRejected).toBe(implicitAccuracy);
    expectAllClose(rewardChosen - rewardRejected, margin!);
    for (const [name, value] of Object.entries({ loss, gradChosen, gradRejected, rewardChosen, rewardRejected })) {
      expectAllClose(value, numbers[name]!, 1e-8, 0, name);
    }
  });
});

describe("hingeLoss", () => {
  test.each(vectorsOf<{ h: number; beta: number }, { loss: number }>("slic"))("$id: $name", ({ inputs, expected }) => {
    const { loss, gradChosen, gradRejected } = hingeLoss(inputs)({ chosen: side(inputs.h), rejected: side(0) });
    expectAllClose(loss, expected.loss);
    expect([gradChosen, gradRejected]).toEqual(expected.loss === 0 ? [0, 0] : [-inputs.beta, inputs.beta]);
  });
});

describe("ipoLoss", () => {
  type Inputs = DpoInputs & { tau: number; lenChosen: number; lenRejected: number; average: boolean };
  test.each(vectorsOf<Inputs, { loss: number; gradH: number }>("ipo"))("$id: $name", ({ inputs, expected }) => {
    const { average, lenChosen, lenRejected, tau } = inputs;
    const loss = ipoLoss({ tau, per: average ? "token" : "sequence" });
    const result = loss(pairOf(inputs, lenChosen, lenRejected));
    expectAllClose(result.loss, expected.loss);
    expectAllClose(result.gradChosen * (average ? lenChosen : 1), expected.gradH);
    expectAllClose(result.gradRejected * (average ? lenRejected : 1), -expected.gradH);
  });
});

describe("simpoLoss", () => {
  interface Inputs {
    sumLogpChosen: number;
    lenChosen: number;
    sumLogpRejected: number;
    lenRejected: number;
    beta: number;
    gammaBetaRatio: number;
  }
  test.each(vectorsOf<Inputs, Record<string, number>>("simpo"))("$id: $name", ({ inputs, expected }) => {
    const { sumLogpChosen, lenChosen, sumLogpRejected, lenRejected, beta, gammaBetaRatio } = inputs;
    const pair = { chosen: side(sumLogpChosen, 0, lenChosen), rejected: side(sumLogpRejected, 0, lenRejected) };
    const { loss, gradChosen, gradRejected, rewardChosen, rewardRejected } = simpoLoss(inputs)(pair);
    expectAllClose(loss, expected.loss!);
    expectAllClose(rewardChosen - rewardRejected - beta * gammaBetaRatio, expected.margin!);
    expectAllClose(gradChosen * lenChosen, expected.gradChosenAvg!);
    expectAllClose(gradRejected * lenRejected, expected.gradRejectedAvg!);
  });
});

describe("orpoLoss", () => {
  interface Inputs {
    avgLogpChosen: number;
    avgLogpRejected: number;
    lambda_: number;
  }
  test.each(vectorsOf<Inputs, { loss: number }>("orpo"))("$id: $name", ({ inputs, expected }) => {
    const pair = { chosen: side(4 * inputs.avgLogpChosen, 0, 4), rejected: side(3 * inputs.avgLogpRejected, 0, 3) };
    expectAllClose(orpoLoss({ lambda: inputs.lambda_ })(pair).loss, expected.loss);
  });

  test("stays finite where the policy is certain", () => {
    const result = orpoLoss({ lambda: 0.1 })({ chosen: side(0, 0, 4), rejected: side(0, 0, 3) });
    expect(Object.values(result).every(Number.isFinite)).toBe(true);
  });
});

const LOSSES: Record<string, PairLoss> = {
  dpo: dpoLoss({ beta: 0.3 }),
  "conservative dpo": dpoLoss({ beta: 0.3, labelSmoothing: 0.2 }),
  "robust dpo": robustDpoLoss({ beta: 0.3, labelSmoothing: 0.2 }),
  hinge: hingeLoss({ beta: 0.3 }),
  "ipo per token": ipoLoss({ tau: 0.2, per: "token" }),
  "ipo per sequence": ipoLoss({ tau: 0.2, per: "sequence" }),
  simpo: simpoLoss({ beta: 2, gammaBetaRatio: 0.25, labelSmoothing: 0.1 }),
  orpo: orpoLoss({ lambda: 0.7 }),
  "dpo with NLL": withNll(dpoLoss({ beta: 0.3 }), 0.5),
};

describe("the gradient of every pair loss", () => {
  test.each(Object.entries(LOSSES))("%s is that of finite differences, soft labels and weights included", (_, loss) => {
    const pairs = [PAIR, { chosen: side(-3, -2.5, 4), rejected: side(-9, -8.8, 6) }];
    const labels = [{ target: 0.8, weight: 0.5 }, { weight: 2 }];
    const at = (sums: readonly number[]) => {
      const moved = pairs.map(({ chosen, rejected }, i) => ({
        chosen: { ...chosen, sum: sums[2 * i]! },
        rejected: { ...rejected, sum: sums[2 * i + 1]! },
      }));
      return meanOverPairs(loss, moved, labels);
    };
    const sums = pairs.flatMap(({ chosen, rejected }) => [chosen.sum, rejected.sum]);
    expectAllClose(
      at(sums).gradients,
      finiteDifferences((xs) => at(xs).loss, sums),
      1e-8,
      1e-6,
    );
  });
});

describe("TRL's numbers", () => {
  test.each(TRL.dpo)("DPO trainer, $lossType, beta $beta, smoothing $labelSmoothing", (trl) => {
    const { lossType, beta, labelSmoothing, lengths, sums, references } = trl;
    const losses = {
      sigmoid: dpoLoss({ beta }),
      hinge: hingeLoss({ beta }),
      ipo: ipoLoss({ tau: beta, per: "token" }),
      robust: robustDpoLoss({ beta, labelSmoothing }),
    };
    const row = (i: number) => side(sums[i]!, references[i]!, lengths[i]!);
    const pairs = [0, 1].map((i) => ({ chosen: row(i), rejected: row(i + 2) }));
    const { loss, gradients } = meanOverPairs(losses[lossType], pairs);
    expectAllClose(loss, trl.loss, 1e-12, 1e-9);
    expectAllClose(inTrlOrder(gradients), trl.gradients, 1e-12, 1e-9);
  });

  test.each(TRL.cpo)("CPO trainer, $lossType, beta $beta, smoothing $labelSmoothing", (trl) => {
    const { lossType, beta, gamma, labelSmoothing, numbers } = trl;
    const loss =
      lossType === "simpo"
        ? simpoLoss({ beta, gammaBetaRatio: gamma / beta, labelSmoothing })
        : dpoLoss({ beta, labelSmoothing });
    const pairs = [0, 1].map((i) => ({ chosen: side(numbers[i]!), rejected: side(numbers[i + 2]!) }));
    const result = meanOverPairs(loss, pairs);
    expectAllClose(result.loss, trl.loss, 1e-12, 1e-9);
    expectAllClose(inTrlOrder(result.gradients), trl.gradients, 1e-12, 1e-9);
  });

  test.each(TRL.orpo)("ORPO trainer, lambda $beta", ({ beta, averages, ...trl }) => {
    const pairs = [0, 1].map((i) => ({ chosen: side(averages[i]!), rejected: side(averages[i + 2]!) }));
    const result = meanOverPairs(orpoLoss({ lambda: beta }), pairs);
    expectAllClose(result.loss, trl.loss);
    expectAllClose(inTrlOrder(result.gradients), trl.gradients);
  });
});

describe("soft labels", () => {
  test("DPO with the share p of annotators is conservative DPO with ε = 1 − p", () => {
    const soft = expectedLoss(dpoLoss({ beta: 0.3 }), PAIR, 0.75);
    const smoothed = dpoLoss({ beta: 0.3, labelSmoothing: 0.25 })(PAIR);
    expectAllClose([soft.loss, soft.gradChosen], [smoothed.loss, smoothed.gradChosen], 1e-12, 0);
  });

  test("robust DPO's mean over labels flipped at rate ε is DPO on the true ones", () => {
    const robust = expectedLoss(robustDpoLoss({ beta: 0.3, labelSmoothing: 0.2 }), PAIR, 0.8);
    const clean = dpoLoss({ beta: 0.3 })(PAIR);
    expectAllClose([robust.loss, robust.gradChosen], [clean.loss, clean.gradChosen], 1e-12, 0);
  });
});
