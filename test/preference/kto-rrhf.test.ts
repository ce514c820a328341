import { describe, expect, test } from "vitest";
import { ktoLoss, ktoReferencePoint } from "../../src/preference/kto-loss.ts";
import { rrhfLoss } from "../../src/preference/rrhf-loss.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";
import { finiteDifferences } from "./finite-differences.ts";
import { TRL } from "./trl.ts";

type LogProbs = readonly (readonly [policy: number, reference: number])[];
interface KtoInputs {
  chosen: LogProbs;
  rejected: LogProbs;
  klPairs: LogProbs;
  beta: number;
  desirableWeight: number;
  undesirableWeight: number;
}
interface KtoExpected {
  zRef: number;
  chosenLosses: number[];
  rejectedLosses: number[];
  loss: number;
  gradChosenLogp: number[];
  gradRejectedLogp: number[];
}

describe("ktoLoss", () => {
  test.each(vectorsOf<KtoInputs, KtoExpected>("kto"))("$id: $name", ({ inputs, expected }) => {
    const { chosen, rejected, klPairs } = inputs;
    const numbers = ([sum, reference]: LogProbs[number]) => ({ sum, reference });
    const z = ktoReferencePoint(klPairs.map(numbers));
    expectAllClose(z, expected.zRef, 1e-12);
    const examples = [
      ...chosen.map((pair) => ({ ...numbers(pair), desirable: true })),
      ...rejected.map((pair) => ({ ...numbers(pair), desirable: false })),
    ];
    const { loss, losses, gradients, metrics } = ktoLoss(examples, z, inputs);
    expectAllClose(loss, expected.loss);
    expectAllClose(losses, [...expected.chosenLosses, ...expected.rejectedLosses]);
    expectAllClose(gradients, [...expected.gradChosenLogp, ...expected.gradRejectedLogp]);
    expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
  });

  test.each(TRL.kto)("is TRL's: labels $labels, weights $desirableWeight and $undesirableWeight", (trl) => {
    const { labels, sums, references, klSums, klReferences } = trl;
    const z = ktoReferencePoint(klSums.map((sum, i) => ({ sum, reference: klReferences[i]! })));
    const examples = labels.map((desirable, i) => ({ desirable, sum: sums[i]!, reference: references[i]! }));
    const { loss, gradients } = ktoLoss(examples, z, trl);
    expectAllClose(loss, trl.loss, 1e-12, 1e-9);
    expectAllClose(gradients, trl.gradients, 1e-12, 1e-9);
  });

  test("the TRL cases have a KL that is clamped to 0, and some that are not", () => {
    const kl = TRL.kto.map(({ klSums, klReferences }) => klSums.reduce((sum, x, i) => sum + x - klReferences[i]!, 0));
    expect([kl.some((x) => x > 0), kl.some((x) => x < 0)]).toEqual([true, true]);
  });
});

interface RrhfInputs {
  sumLogp: number[];
  lengths: number[];
  rewards: number[];
  rankWeight: number;
}
interface RrhfExpected {
  p: number[];
  rankLoss: number;
  sftLoss: number;
  best: number;
  loss: number;
  violations: [number, number][];
}

describe("rrhfLoss", () => {
  const candidatesOf = ({ sumLogp, lengths, rewards }: RrhfInputs) =>
    sumLogp.map((sum, i) => ({ sum, length: lengths[i]!, reward: rewards[i]! }));

  test.each(vectorsOf<RrhfInputs, RrhfExpected>("rrhf"))("$id: $name", ({ inputs, expected }) => {
    const { loss, rankLoss, sftLoss, best, violations } = rrhfLoss(candidatesOf(inputs), inputs);
    expectAllClose([loss, rankLoss, sftLoss], [expected.loss, expected.rankLoss, expected.sftLoss]);
    expect(best).toBe(expected.best);
    expect(violations).toEqual(expected.violations);
  });

  test("pulls down what is too likely, up what is better, and the best by its SFT term", () => {
    const inputs = { sumLogp: [-5.6, -4, -9], lengths: [4, 4, 6], rewards: [0.9, 0.1, 0.5], rankWeight: 1 };
    // p = −1.4, −1, −1.5: candidate 1, the worst, is more likely than 0 and 2; the best is 0
    const at = (sumLogp: readonly number[]) => rrhfLoss(candidatesOf({ ...inputs, sumLogp: [...sumLogp] }), inputs);
    const expected = [-1 / 4 - 1, 2 / 4, -1 / 6];
    expectAllClose(at(inputs.sumLogp).gradients, expected, 1e-12, 0);
    expectAllClose(
      finiteDifferences((sums) => at(sums).loss, inputs.sumLogp),
      expected,
      1e-8,
    );
  });
});
