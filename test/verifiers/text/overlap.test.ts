/** Figures beside the vectors come from NLTK 3.10.4 (sentence_bleu, SmoothingFunction methods 0–3, ε = 0.1) and rouge_score 0.1.2. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bleu, type Smoothing } from "../../../src/verifiers/text/bleu.ts";
import { ngramIds } from "../../../src/verifiers/text/ngrams.ts";
import { bleuReward, rougeLReward, rougeNReward } from "../../../src/verifiers/text/overlap-rewards.ts";
import { longestCommonSubsequence, type Rouge, rougeL, rougeN } from "../../../src/verifiers/text/rouge.ts";
import { characterTokens, spaceTokens, wordTokens } from "../../../src/verifiers/text/tokenize.ts";
import { vectorsOf } from "../../vectors.ts";

const words = (text: string) => text.split(" ");

describe("tokenizers", () => {
  test("cut as they say", () => {
    expect(wordTokens("The café's 3.5 km—数学!")).toEqual(["the", "café", "s", "3", "5", "km", "数学"]);
    expect(spaceTokens(" The cat,\nsat ")).toEqual(["The", "cat,", "sat"]);
    expect(characterTokens("a 数\u{1f600}")).toEqual(["a", "数", "\u{1f600}"]);
    expect([wordTokens("…"), spaceTokens(" "), characterTokens("")]).toEqual([[], [], []]);
  });
});

describe("ngramIds", () => {
  test("equal n-grams have equal ids, across sequences", () => {
    expect(ngramIds([words("a b a b"), words("b a")], 2)).toEqual([[0, 1, 0], [1]]);
    expect(ngramIds([words("a b")], 3)).toEqual([[]]);
  });

  test("no token forges another's boundary", () => {
    const [first, second] = ngramIds(
      [
        ["a b", "c"],
        ["a", "b c"],
      ],
      2,
    );
    expect(first).not.toEqual(second);
  });

  test("agrees with comparing the n-grams themselves", () => {
    const tokens = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });
    fc.assert(
      fc.property(tokens, tokens, fc.integer({ min: 1, max: 4 }), (left, right, n) => {
        const gramsOf = (list: string[]) =>
          list.flatMap((_, i) => (i + n > list.length ? [] : [list.slice(i, i + n).join()]));
        const ids = ngramIds([left, right], n).flat();
        const grams = [...gramsOf(left), ...gramsOf(right)];
        expect(ids.length).toBe(grams.length);
        for (const [i, gram] of grams.entries()) expect(ids.indexOf(ids[i]!)).toBe(grams.indexOf(gram));
      }),
    );
  });
});

interface BleuInputs {
  readonly candidate: string[];
  readonly references: string[][];
  readonly maxN: number;
  readonly smoothing: "none" | "add1";
}
interface BleuFigures {
  readonly bleu: number;
  readonly bp: number;
  readonly precisions?: number[];
  readonly unsmoothed?: number;
}

describe("bleu", () => {
  test.each(vectorsOf<BleuInputs, BleuFigures>("bleu"))("$id: $name", ({ inputs, expected }) => {
    const { candidate, references, maxN } = inputs;
    const smoothing: Smoothing = inputs.smoothing === "add1" ? "chen-cherry-2" : "none";
    const got = bleu(candidate, references, { maxN, smoothing });
    expect(got.score).toBeCloseTo(expected.bleu, 6);
    expect(got.brevityPenalty).toBeCloseTo(expected.bp, 6);
    for (const [i, precision] of (expected.precisions ?? []).entries())
      expect(got.precisions[i]).toBeCloseTo(precision, 6);
    expect(bleu(candidate, references, { maxN }).score).toBeCloseTo(expected.unsmoothed ?? expected.bleu, 6);
  });

  // candidate, references, then none and Chen & Cherry's 1, 2, 3
  test.each([
    ["the cat is on the mat", ["there is a cat on the mat"], 0, 0.19433094, 0.38244129, 0.29059254],
    ["a b c", ["a b d"], 0, 0.24028114, 0.57735027, 0.451801],
    [
      "the the the the the the the",
      ["the cat is on the mat", "there is a cat on the mat"],
      ...[0, 0.03928147, 0.19205613, 0.0780985],
    ],
    [
      "he eats an apple every day",
      ["he eats a red apple every single day", "every day he eats an apple"],
      ...[0.6389431, 0.6389431, 0.7400828, 0.6389431],
    ],
    ["one two", ["three four"], 0, 0, 0, 0],
    [
      "red fish blue fish one fish",
      ["one fish two fish red fish blue fish"],
      0.43298201,
      0.43298201,
      0.50666415,
      0.43298201,
    ],
  ] as [string, string[], number, number, number, number][])("%j against %j", (candidate, references, ...expected) => {
    const smoothings: Smoothing[] = ["none", "chen-cherry-1", "chen-cherry-2", "chen-cherry-3"];
    for (const [i, smoothing] of smoothings.entries()) {
      const { score } = bleu(words(candidate), references.map(words), { smoothing });
      expect(score, smoothing).toBeCloseTo(expected[i]!, 6);
    }
  });

  test("the shorter of two equally close references counts: 6 of 5 and 7", () => {
    const { brevityPenalty } = bleu(words("a b c d e f"), [words("a b c d e f g"), words("a b c d e")]);
    expect(brevityPenalty).toBe(1);
  });
});

type RougePair = { candidate: string[]; reference: string[] };

describe("rouge", () => {
  const vectors = vectorsOf<RougePair, Rouge & { lcs?: number; rouge1?: Rouge; rouge2?: Rouge }>("rouge");

  test.each(vectors)(
    "$id: $name",
    ({ inputs: { candidate, reference }, expected: { rouge1, rouge2, lcs, ...overall } }) => {
      const close = (got: Rouge, wanted: Rouge) => {
        for (const key of ["precision", "recall", "f1"] as const) expect(got[key]).toBeCloseTo(wanted[key], 6);
      };
      if (rouge1 !== undefined) close(rougeN(candidate, reference, 1), rouge1);
      if (rouge2 !== undefined) close(rougeN(candidate, reference, 2), rouge2);
      if (lcs === undefined) return;
      expect(longestCommonSubsequence(candidate, reference)).toBe(lcs);
      close(rougeL(candidate, reference), overall);
    },
  );

  test.each([
    ["the cat was found under the bed", "the cat was under the bed", 0.92307692, 0.72727273, 0.92307692],
    ["police kill the gunman", "police killed the gunman", 0.75, 0.33333333, 0.75],
    ["the gunman kill police", "police killed the gunman", 0.75, 0.33333333, 0.5],
    ["a a b a b b a", "b a a b b a b a", 0.93333333, 0.92307692, 0.8],
  ])("%j against %j", (candidate, reference, one, two, longest) => {
    const pair = [words(candidate), words(reference)] as const;
    expect(rougeN(...pair, 1).f1).toBeCloseTo(one, 6);
    expect(rougeN(...pair, 2).f1).toBeCloseTo(two, 6);
    expect(rougeL(...pair).f1).toBeCloseTo(longest, 6);
  });

  test("the bit-parallel length is that of the table", () => {
    const tokens = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 90 });
    fc.assert(
      fc.property(tokens, tokens, (a, b) => {
        let row = new Array<number>(b.length + 1).fill(0);
        for (const token of a) {
          const next = [0];
          for (const [j, other] of b.entries())
            next.push(token === other ? row[j]! + 1 : Math.max(row[j + 1]!, next[j]!));
          row = next;
        }
        expect(longestCommonSubsequence(a, b)).toBe(row[b.length]);
      }),
    );
  });
});

describe("bleuReward, rougeLReward, rougeNReward", () => {
  const references = ["the cat sat on the mat", "a cat was on the mat"];
  const rewards = [
    ["bleuReward", bleuReward({ tokenize: wordTokens })],
    ["rougeLReward", rougeLReward({ tokenize: wordTokens })],
    ["rougeNReward", rougeNReward(2, { tokenize: wordTokens })],
  ] as const;

  test.each(rewards)("%s pays 1 for a reference, whatever its case, and part of it for a part", (_, verify) => {
    expect(verify("<think>x</think> A cat was on the mat.", { references })).toMatchObject({
      reward: 1,
      outcome: "correct",
    });
    const { reward, outcome } = verify("The cat sat here", { references });
    expect(reward).toBeGreaterThan(0);
    expect(reward).toBeLessThan(1);
    expect(outcome).toBe("partial");
    expect(verify("dogs bark", { references })).toMatchObject({ reward: 0, outcome: "incorrect", answer: "dogs bark" });
    expect(verify("", { references })).toMatchObject({ reward: 0, outcome: "unparsed", answer: null });
    expect(verify("…", { references })).toMatchObject({ reward: 0, outcome: "incorrect" });
  });

  test("takes the better reference", () => {
    expect(rougeLReward({ tokenize: spaceTokens })("a cat was on the mat", { references }).reward).toBe(1);
  });

  test.each([[[]], [["a", ""]], [["…"]]])("references %j are our fault: it throws", (bad) => {
    for (const [, verify] of rewards)
      expect(() => verify("a", { references: bad })).toThrow(/the row's references are/);
  });

  test("refuses options out of range", () => {
    expect(() => bleuReward({ tokenize: wordTokens, maxN: 0 })).toThrow(/maxN is 0/);
    expect(() => bleuReward({ tokenize: wordTokens, smoothing: "add1" as Smoothing })).toThrow(/smoothing is "add1"/);
    expect(() => rougeNReward(0, { tokenize: wordTokens })).toThrow(/n is 0/);
  });

  test("the longest texts that are scored take no time to speak of", () => {
    const many = Array.from({ length: 99_000 }, (_, i) => `w${i % 700}`).join(" ");
    const start = performance.now();
    for (const [, verify] of rewards)
      expect(verify(many, { references: [many.slice(0, 20_000)] }).reward).toBeGreaterThan(0);
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
