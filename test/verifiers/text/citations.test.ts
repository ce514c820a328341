import { describe, expect, test } from "vitest";
import { citedSentences } from "../../../src/verifiers/text/cited-sentences.ts";
import { citesGivenFacts } from "../../../src/verifiers/text/cites-given-facts.ts";

const FACTS = {
  "1": "The Rhine is 1233 kilometers long and flows through six countries before it reaches the North Sea.",
  "2": "Bonn lies on the Rhine.",
  f3: "Beethoven was born in Bonn in December 1770.",
};
const row = { facts: FACTS };
const verify = citesGivenFacts();

describe("citedSentences", () => {
  const known = (id: string) => id in FACTS;

  test.each([
    ["It is long [1]. It flows.", [["1"], []]],
    ["It is long. [1] It flows.", [["1"], []]],
    [
      "It is long.[1][2]\nIt flows [f3, 1]!",
      [
        ["1", "2"],
        ["f3", "1"],
      ],
    ],
    ["It is 3.5 km long [7]", [["7"]]],
    ["He said so [sic] there.", [[]]],
    ["Dr. J. Smith, e.g. of Bonn, is here [2].", [["2"]]],
    ['He said "It is. It was." there [1]. So?', [["1"], []]],
    ["[1]", [["1"]]],
    ["", []],
  ])("%j cites %j", (text, ids) => {
    expect(citedSentences(text, known).map((sentence) => sentence.ids)).toEqual(ids);
  });

  test.each([
    ['it "flows through six countries," they say', ["flows through six countries"]],
    ["it “is long.” and «wide»", ["is long", "wide"]],
    ['a 5" pipe and a 6" pipe', []],
    ['it "never closes', []],
  ])("%j quotes %j", (text, quotes) => {
    expect(citedSentences(text, known).flatMap((sentence) => sentence.quotes)).toEqual(quotes);
  });

  test("words are what is left without citations", () => {
    expect(citedSentences("It is 3 [1] km [sic].", known)[0]?.words).toEqual(["it", "is", "3", "km", "sic"]);
  });
});

describe("citesGivenFacts", () => {
  test.each([
    ["all claims cite", "Six states share the Rhine [1]. Ludwig van Beethoven came from Bonn [f3].", 1, "correct"],
    ["the id behind the stop", "Six states share the Rhine. [1]", 1, "correct"],
    ["one of two", "Six states share the Rhine [1]. It is a large river.", 0.5, "partial"],
    ["a true quotation", 'The Rhine "flows through six countries" on its way [1].', 1, "correct"],
    ["two ids that both fit", "Beethoven came from Bonn, a town by the Rhine [2][f3].", 1, "correct"],
    ["short remarks are no claims", "Yes. Six states share the Rhine [1].", 1, "correct"],
    [
      "reasoning does not count",
      "<think>Nothing cited here at all.</think>Six states share the Rhine [1].",
      1,
      "correct",
    ],
    ["no citation", "Six states share the Rhine.", 0, "incorrect"],
    ["an id that is not given", "Six states share the Rhine [4].", -1, "incorrect"],
    ["one good and one invented id", "Six states share the Rhine [1][9].", -1, "incorrect"],
    ["a good and a false claim", "Six states share the Rhine [1]. Beethoven came from Bonn [f9].", 0, "incorrect"],
    ["a false quotation", 'The Rhine "flows through seven countries" on its way [1].', -1, "incorrect"],
    ["a quotation of another fact", 'Bonn "flows through six countries" as they say [2].', -1, "incorrect"],
    ["no word in common", "Bananas are yellow and sweet [1].", 0, "incorrect"],
    ["one fact that does not fit", "Beethoven came from that town [f3][1].", 0, "incorrect"],
    ["a citation alone", "Yes [1].", 0, "incorrect"],
    ["too many ids", "The Rhine, Bonn and Beethoven belong together [1][2][f3][1][f3].", 1, "correct"],
  ])("%s: %j gets %d", (_, text, reward, outcome) => {
    expect(verify(text, row)).toMatchObject({ reward, outcome, answer: text.replace(/<think>.*<\/think>/, "") });
  });

  test("says what is wrong first", () => {
    expect(verify("Six states share the Rhine [4].", row).reason).toBe(
      "0 of 1 claims supported, 1 false; first: cites [4], which is not given",
    );
  });

  describe("cannot be gamed by", () => {
    test("nothing", () => {
      for (const text of ["", "[]", "…", "Yes."]) expect(verify(text, row).reward).toBe(0);
    });

    test("reciting the facts with their ids", () => {
      const recited = Object.entries(FACTS).map(([id, text]) => `${text.slice(0, -1)} [${id}].`);
      expect(verify(recited.join(" "), row)).toMatchObject({
        reward: 0,
        reason: expect.stringContaining("copies a fact"),
      });
      const quoted = Object.entries(FACTS).map(([id, text]) => `"${text}" [${id}]`);
      expect(verify(quoted.join("\n"), row).reward).toBe(0);
    });

    test("citing everything everywhere", () => {
      const facts = Object.fromEntries(
        Array.from({ length: 9 }, (_, i) => [String(i), `The Rhine has mouth number ${i}.`]),
      );
      const ids = Object.keys(facts).join(", ");
      expect(verify(`The Rhine has mouths [${ids}]. The Rhine is wide [${ids}].`, { facts }).reward).toBe(0);
      expect(citesGivenFacts({ maxIds: 9 })(`The Rhine has mouths [${ids}].`, { facts }).reward).toBe(1);
    });

    test("saying one good sentence again and again", () => {
      const good = "Six states share the Rhine [1]. ";
      const bad = "It is large. It is green. It is old. ";
      expect(verify(good + bad, row).reward).toBe(0.25);
      expect(verify(good.repeat(50) + bad, row).reward).toBe(0.25);
    });

    test("one id behind a chain of clauses", () => {
      const chain = `${"it is wide and green and old and blue, ".repeat(10)}and six states share the Rhine [1].`;
      expect(verify(chain, row).reward).toBeCloseTo(1 / 3, 12); // 98 words: 3 claims
    });

    test("one claim where several are asked for", () => {
      expect(citesGivenFacts({ minClaims: 4 })("Six states share the Rhine [1].", row).reward).toBe(0.25);
    });

    test("a text that is too long to read", () => {
      expect(verify("Six states share the Rhine [1]. ".repeat(700), row)).toMatchObject({
        reward: -1,
        outcome: "incorrect",
      });
    });
  });

  test.each([{}, { "1": " " }, { "a b": "text" }, { "1": "x".repeat(200_001) }])(
    "facts %j are our fault: it throws",
    (facts) => {
      expect(() => verify("a", { facts })).toThrow(/the row has \d+ facts of \d+ characters, expected 1 to 1000/);
    },
  );

  test("refuses options out of range", () => {
    expect(() => citesGivenFacts({ maxIds: 0 })).toThrow(/maxIds is 0, expected a whole number, at least 1/);
    expect(() => citesGivenFacts({ minClaims: 0.5 })).toThrow(/minClaims is 0.5/);
  });
});
