import { describe, expect, test } from "vitest";
import {
  attributeOf,
  pairUnpaired,
  readFeedback,
  toComparisons,
  toRanking,
  toUnpaired,
} from "../../src/preference/convert.ts";
import { inspectPreferences } from "../../src/preference/inspect.ts";
import { parsePreference } from "../../src/preference/layouts.ts";
import { nearDuplicates } from "../../src/preference/near-duplicates.ts";
import { type PreferenceRecord, plainText } from "../../src/preference/records.ts";
import { Rng } from "../../src/rng.ts";

const recordOf = (row: unknown): PreferenceRecord => {
  const parsed = parsePreference(row);
  if ("fault" in parsed) throw new Error(parsed.fault);
  return parsed.record;
};
const faultOf = (row: unknown) => {
  const parsed = parsePreference(row);
  return "fault" in parsed ? parsed.fault : "none";
};

describe("parsePreference", () => {
  test("reads TRL's pairs with a prompt, as texts and as conversations", () => {
    expect(recordOf({ prompt: "p", chosen: "a", rejected: "b", score_chosen: 8 })).toEqual({
      ...{ kind: "comparison", prompt: "p", chosen: "a", rejected: "b" },
    });
    const prompt = [{ role: "user", content: "What color is the sky?" }];
    const chosen = [{ role: "assistant", content: "Blue." }];
    const rejected = [{ role: "assistant", content: "Green." }];
    expect(recordOf({ prompt, chosen, rejected })).toEqual({ kind: "comparison", prompt, chosen, rejected });
  });

  test("takes what two conversations share as their prompt", () => {
    const user = { role: "user", content: "What color is the sky?" };
    const [blue, green] = ["Blue.", "Green."].map((content) => ({ role: "assistant", content }));
    expect(recordOf({ chosen: [user, blue], rejected: [user, green] })).toEqual({
      ...{ kind: "comparison", prompt: [user], chosen: [blue], rejected: [green] },
    });
    expect(faultOf({ chosen: [blue], rejected: [green] })).toContain("share no message");
  });

  test("splits HH's transcripts at the last turn that both have, also where the answers begin alike", () => {
    const shared = "\n\nHuman: hi\n\nAssistant: Hello!\n\nHuman: what is 2+2?\n\nAssistant:";
    expect(recordOf({ chosen: `${shared} It is 4.`, rejected: `${shared} It is 5.` })).toEqual({
      ...{ kind: "comparison", prompt: shared, chosen: " It is 4.", rejected: " It is 5." },
    });
    expect(recordOf({ chosen: `${shared} Yes.`, rejected: shared })).toMatchObject({ prompt: shared, rejected: "" });
    expect(faultOf({ chosen: "It is 4.", rejected: "It is 5." })).toContain("share no prompt");
  });

  test("reads TRL's unpaired rows, rankings, ratings, attributes and feedback", () => {
    expect(recordOf({ prompt: "p", completion: "c", label: false })).toMatchObject({
      kind: "unpaired",
      desirable: false,
    });
    const completions = ["a", "b", "c", "d"];
    expect(recordOf({ prompt: "p", completions, ranks: [2, 1, 4, 3] }).kind).toBe("ranking");
    expect(recordOf({ prompt: "p", completions, ratings: [5, 3, 3, 1], annotator: "ann" })).toMatchObject({
      ...{ kind: "rating", annotator: "ann" },
    });
    expect(recordOf({ prompt: "p", completions: ["a"], ratings: [{ safety: 2 }] }).kind).toBe("attributes");
    expect(recordOf({ prompt: "p", completion: "c", feedback: "too long" }).kind).toBe("feedback");
  });

  test("says what is wrong", () => {
    expect(faultOf([1])).toBe("is a list, expected an object");
    expect(faultOf({ question: "q", answer: "a" })).toBe(
      "has question, answer, expected prompt, chosen and rejected, or another known layout",
    );
    expect(faultOf({ prompt: "p", completions: ["a", "b"], ranks: [1] })).toContain("has 1 ranks for 2 completions");
    expect(faultOf({ prompt: "p", chosen: 3, rejected: "b" })).toContain("chosen");
  });
});

describe("converters", () => {
  const completions = ["a", "b", "c"];
  test("a ranking gives all strict pairs, ratings the same with margins", () => {
    const ranking = recordOf({ prompt: "p", completions, ranks: [2, 1, 2] });
    expect(toComparisons(ranking).map(({ chosen, rejected }) => `${chosen}>${rejected}`)).toEqual(["b>a", "b>c"]);
    const rating = recordOf({ prompt: "p", completions, ratings: [1, 5, 3], id: "x" });
    expect(toComparisons(rating).map(({ id, margin }) => [id, margin])).toEqual([
      ["x/1>0", 4],
      ["x/2>0", 2],
      ["x/1>2", 2],
    ]);
    expect(toRanking(rating)).toMatchObject({ ranks: [3, 1, 2] });
    expect(toUnpaired(rating, 3).map(({ completion, desirable }) => [completion, desirable])).toEqual([
      ["a", false],
      ["b", true],
    ]);
  });

  test("several attributes stay apart until they are given weights", () => {
    const record = recordOf({
      ...{ prompt: "p", completions: ["a", "b"] },
      ratings: [
        { helpfulness: 5, safety: 1 },
        { helpfulness: 3, safety: 5 },
      ],
    });
    if (record.kind !== "attributes") throw new Error(record.kind);
    expect(toComparisons(record)).toEqual([]);
    expect(attributeOf(record, "helpfulness")?.ratings).toEqual([5, 3]);
    expect(attributeOf(record, "wit")).toBe(null);
    const weights = (safety: number) => ({ weights: { helpfulness: 1, safety }, scale: { min: 1, max: 5 } });
    expect(toComparisons(record, weights(0.25))[0]!.chosen).toBe("a"); // .8 against .6
    expect(toComparisons(record, weights(1))[0]!.chosen).toBe("b"); // .5 against .75
  });

  test("feedback becomes good and bad examples, with what read it as their source", async () => {
    const said = ["too long", "great", "I see"].map((feedback) =>
      recordOf({ prompt: "p", completion: feedback, feedback }),
    );
    const examples = await readFeedback(
      said.filter((record) => record.kind === "feedback"),
      ({ feedback }) => (feedback === "I see" ? null : { polarity: feedback === "great" ? 1 : -1, source: "words" }),
    );
    expect(examples.map(({ completion, desirable, source }) => [completion, desirable, source])).toEqual([
      ["too long", false, "words"],
      ["great", true, "words"],
    ]);
    expect(pairUnpaired(examples)).toEqual([
      { kind: "comparison", prompt: "p", chosen: "great", rejected: "too long" },
    ]);
  });

  test("unpaired records of two prompts make no pair", () => {
    const examples = [true, false].map((label, i) => recordOf({ prompt: `p${i}`, completion: "c", label }));
    expect(pairUnpaired(examples.filter((record) => record.kind === "unpaired"))).toEqual([]);
  });
});

describe("nearDuplicates", () => {
  test("finds a text with one word changed, and not another text", () => {
    const known = ["Write a short poem about the sea in winter, please, and keep it under twenty words in all."];
    const changed = "write a short poem about the sea in winter, please, and keep it under thirty words in all";
    const found = nearDuplicates([changed, "Write a long story about a mountain."], known, 0.6);
    expect(found.map(({ of, in: other }) => [of, other])).toEqual([[0, 0]]);
    expect(found[0]!.resemblance).toBeCloseTo(13 / 19, 12); // 16 triples each, 3 of them changed
    expect(nearDuplicates(known, known, 1)[0]!.resemblance).toBe(1);
  });
});

describe("inspectPreferences", () => {
  const located = (rows: readonly object[]) =>
    rows.map((row, i) => ({ record: recordOf(row), where: `line ${i + 1}` }));
  const pair = (prompt: string, chosen: string, rejected: string, annotator?: string) => {
    return { prompt, chosen, rejected, ...(annotator === undefined ? {} : { annotator }) };
  };

  test("names empty texts, equal sides, repeated and contradicting labels", () => {
    const { findings } = inspectPreferences(
      located([
        pair("p", "a", ""),
        pair("p", "b", "b"),
        pair("q", "a", "b", "ann"),
        pair("q", "a", "b", "ann"),
        pair("q", "b", "a", "ann"),
        pair("q", "b", "a", "bob"),
      ]),
    );
    expect(findings.map(({ severity, where, message }) => `${severity} ${where}: ${message}`)).toEqual([
      "error line 1: rejected is empty",
      "error line 2: chosen and rejected are the same",
      'warning line 4: repeats line 3 by "ann"',
      'error line 5: contradicts line 3 by "ann": the same pair with the labels swapped',
    ]);
  });

  test("finds the annotator who votes against the others, and nobody among equals", () => {
    const rng = new Rng(5, "annotators");
    const rows = (accuracy: Record<string, number>) =>
      Array.from({ length: 60 }, (_, i) =>
        Object.entries(accuracy).map(([annotator, p]) =>
          rng.next() < p ? pair(`p${i}`, "x1", "y1", annotator) : pair(`p${i}`, "y1", "x1", annotator),
        ),
      ).flat();
    const poisoned = inspectPreferences(located(rows({ a: 0.9, b: 0.85, c: 0.9, mallory: 0.2 })));
    expect(poisoned.annotators.filter(({ isOutlier }) => isOutlier).map(({ annotator }) => annotator)).toEqual([
      "mallory",
    ]);
    expect(poisoned.findings.map(({ where }) => where)).toEqual(["annotator mallory"]);
    const clean = inspectPreferences(located(rows({ a: 0.9, b: 0.85, c: 0.9, d: 0.8 })));
    expect(clean.findings).toEqual([]);
    expect(clean.alpha).toBeGreaterThan(poisoned.alpha!);
  });

  test("finds a preference for length, and none in data without", () => {
    const rows = (longer: number) =>
      Array.from({ length: 100 }, (_, i) =>
        i < longer ? pair(`p${i}`, "long answer", "short") : pair(`p${i}`, "short", "long answer"),
      );
    expect(inspectPreferences(located(rows(85))).findings).toEqual([
      {
        ...{ severity: "warning", where: "all records" },
        message: "the longer completion is chosen in 85 % of 100 pairs: a reward model will learn length",
      },
    ]);
    expect(inspectPreferences(located(rows(55))).findings).toEqual([]);
  });

  test("names prompts that another split has", () => {
    const report = inspectPreferences(located([pair("What is the capital of France?", "Paris", "Rome")]), {
      against: [{ prompt: "what is the capital of France", where: "test.jsonl:7" }],
    });
    expect(report.findings).toEqual([
      { severity: "warning", where: "line 1", message: "has the prompt of test.jsonl:7" },
    ]);
  });
});

describe("plainText", () => {
  test("keeps roles apart, so that two conversations of the same words differ", () => {
    expect(plainText([{ role: "user", content: "a" }])).not.toBe(plainText([{ role: "assistant", content: "a" }]));
  });
});
