import { describe, expect, test } from "vitest";
import {
  cohenKappa,
  fleissKappa,
  intervalDistance,
  krippendorffAlpha,
  ordinalDistance,
} from "../../src/preference/agreement.ts";
import type { Comparison } from "../../src/preference/records.ts";
import { annotatorTrust, annotatorWeight, collectVotes, softLabels, weighByTrust } from "../../src/preference/votes.ts";
import { Rng } from "../../src/rng.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

describe("cohenKappa", () => {
  test("is .4 where two annotators say yes 20, no 15 times together, and differ 5 and 10 times", () => {
    const labels = (pairs: [count: number, label: string][]) => pairs.flatMap(([n, label]) => Array(n).fill(label));
    const first = labels([
      [25, "yes"],
      [25, "no"],
    ]);
    const second = labels([
      [20, "yes"],
      [5, "no"],
      [10, "yes"],
      [15, "no"],
    ]);
    expect(cohenKappa(first, second)).toBeCloseTo(0.4, 12); // p_o = .7, p_e = .5·.6 + .5·.4
    expect(cohenKappa(["a", "a"], ["a", "a"])).toBe(1);
  });
});

/** The 10 items, 14 annotators and 5 categories of Wikipedia's "Fleiss' kappa": κ = .210. */
const FLEISS = [
  [0, 0, 0, 0, 14],
  [0, 2, 6, 4, 2],
  [0, 0, 3, 5, 6],
  [0, 3, 9, 2, 0],
  [2, 2, 8, 1, 1],
  [7, 7, 0, 0, 0],
  [3, 2, 6, 3, 0],
  [2, 5, 3, 2, 2],
  [6, 5, 2, 1, 0],
  [0, 2, 2, 3, 7],
];

describe("fleissKappa", () => {
  test.each(vectorsOf<{ counts: number[][] }, { kappa: number }>("pref/kappa"))(
    "$id: $name",
    ({ inputs, expected }) => {
      expectAllClose(fleissKappa(inputs.counts), expected.kappa);
    },
  );

  test("is .210 for the published table", () => {
    expect(fleissKappa(FLEISS)).toBeCloseTo(0.21, 3);
  });

  test("refuses items with different numbers of labels", () => {
    expect(() =>
      fleissKappa([
        [2, 1],
        [1, 1],
      ]),
    ).toThrow("items have 3, 2 labels, expected the same");
  });
});

/** Krippendorff (2011), example C: 4 observers, 12 units, missing labels left out. */
const KRIPPENDORFF = [
  [1, 1, 1],
  [2, 2, 3, 2],
  [3, 3, 3, 3],
  [3, 3, 3, 3],
  [2, 2, 2, 2],
  [1, 2, 3, 4],
  [4, 4, 4, 4],
  [1, 1, 2, 1],
  [2, 2, 2, 2],
  [5, 5, 5],
  [1, 1],
  [3],
];

describe("krippendorffAlpha", () => {
  type Inputs = { units: string[][] };
  test.each(vectorsOf<Inputs, { alpha: number }>("pref/alpha"))("$id: $name", ({ inputs, expected }) => {
    const units = inputs.units.map((unit) => unit.map((label) => label.charCodeAt(0)));
    expectAllClose(krippendorffAlpha(units), expected.alpha);
  });

  test("has the published values: nominal .743, ordinal .815, interval .849", () => {
    expect(krippendorffAlpha(KRIPPENDORFF)).toBeCloseTo(0.743, 3);
    expect(krippendorffAlpha(KRIPPENDORFF, ordinalDistance)).toBeCloseTo(0.815, 3);
    expect(krippendorffAlpha(KRIPPENDORFF, intervalDistance)).toBeCloseTo(0.849, 3);
  });
});

const vote = (prompt: string, chosen: string, rejected: string, annotator?: string): Comparison => ({
  ...{ kind: "comparison", prompt, chosen, rejected },
  ...(annotator === undefined ? {} : { annotator }),
});

describe("softLabels", () => {
  test("are the shares of votes, whichever way each was written down", () => {
    const pairs = collectVotes([
      vote("p", "good", "bad", "a"),
      vote("p", "bad", "good", "b"),
      vote("p", "good", "bad", "c"),
      vote("q", "good", "bad", "a"),
      vote("p", "good", "bad", "d"),
    ]);
    expect(softLabels(pairs)).toEqual([
      { kind: "comparison", prompt: "p", chosen: "good", rejected: "bad", target: 0.75 },
      { kind: "comparison", prompt: "q", chosen: "good", rejected: "bad", target: 1 },
    ]);
  });
});

describe("annotatorTrust", () => {
  /** 600 pairs of which "x" is always better; each annotator is right with a probability of their own. */
  const TRUE: Record<string, number> = { careful: 0.95, usual: 0.8, guesser: 0.5, poisoner: 0.1 };
  const rng = new Rng(3, "votes");
  const comparisons = Array.from({ length: 600 }, (_, i) =>
    Object.entries(TRUE).map(([annotator, p]) => {
      const [chosen, rejected] = rng.next() < p ? ["x", "y"] : ["y", "x"];
      return vote(`prompt ${i}`, chosen!, rejected!, annotator);
    }),
  ).flat();
  const pairs = collectVotes(comparisons);
  const trust = annotatorTrust(pairs);

  test("finds each annotator's accuracy from the votes alone", () => {
    // standard error of a share of 600 is at most .02
    for (const [annotator, p] of Object.entries(TRUE)) {
      expect(Math.abs(trust.accuracy.get(annotator)! - p)).toBeLessThan(0.06);
    }
  });

  test("is right more often than the majority", () => {
    const right = (labels: readonly Comparison[]) => labels.filter(({ chosen }) => chosen === "x").length / 600;
    expect(right(softLabels(pairs, trust))).toBeGreaterThan(right(softLabels(pairs)) + 0.05);
  });

  test("weighs a guesser little and a poisoner not at all", () => {
    const weights = new Map(weighByTrust(comparisons, trust).map(({ annotator, weight }) => [annotator, weight!]));
    expect(weights.get("careful")).toBeGreaterThan(0.8);
    expect(weights.get("guesser")).toBeLessThan(0.12);
    expect(weights.get("poisoner")).toBe(0);
    expect(annotatorWeight(0.75)).toBe(0.5);
  });

  test("of one vote without a name says what the vote says", () => {
    expect(
      softLabels(collectVotes([vote("p", "b", "a")]), annotatorTrust(collectVotes([vote("p", "b", "a")]))),
    ).toEqual([{ kind: "comparison", prompt: "p", chosen: "b", rejected: "a", target: 0.75 }]);
  });
});
