/** What every verifier of text keeps, whatever the model writes: it is graded, in its range, and soon. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Verdict, type Verifier } from "../../../src/verifiers/index.ts";
import { cosineLength, countCharacters, countWords, softOverlong } from "../../../src/verifiers/length.ts";
import { tagCount, thinkPair } from "../../../src/verifiers/tags.ts";
import { abstainReward } from "../../../src/verifiers/text/abstain.ts";
import { citesGivenFacts } from "../../../src/verifiers/text/cites-given-facts.ts";
import { exactMatch } from "../../../src/verifiers/text/exact-match.ts";
import { jsonSchema } from "../../../src/verifiers/text/json-schema.ts";
import { languageConsistency } from "../../../src/verifiers/text/language-consistency.ts";
import { matchesRegex } from "../../../src/verifiers/text/matches-regex.ts";
import { multipleChoice } from "../../../src/verifiers/text/multiple-choice.ts";
import { numericMatch } from "../../../src/verifiers/text/numeric-match.ts";
import { bleuReward, rougeLReward, rougeNReward } from "../../../src/verifiers/text/overlap-rewards.ts";
import { repetitionPenalty } from "../../../src/verifiers/text/repetition.ts";
import { shownText } from "../../../src/verifiers/text/shown-text.ts";
import { similarity } from "../../../src/verifiers/text/similarity.ts";
import { characterTokens, wordTokens } from "../../../src/verifiers/text/tokenize.ts";

const ROW = {
  answer: "B",
  choices: ["Paris", "Rome", "Bonn"],
  references: ["the quick brown fox jumps over the lazy dog ".repeat(100), "a b c"],
  facts: { "1": "The Rhine is 1233 km long.", f2: "Bonn lies on the Rhine, 30 km south of Cologne. ".repeat(200) },
};
type Row = typeof ROW;

const TREE = {
  $defs: {
    tree: {
      anyOf: [
        { type: "object", required: ["x"], properties: { a: { $ref: "#/$defs/tree" }, x: { const: 1 } } },
        { type: "object", required: ["y"], properties: { a: { $ref: "#/$defs/tree" }, y: { const: 2 } } },
        { type: "array", items: { $ref: "#/$defs/tree" }, uniqueItems: true },
        { type: "string", pattern: "^(a+)+$" },
      ],
    },
  },
  $ref: "#/$defs/tree",
};

const always: Verifier<Row> = () => ({
  status: "graded",
  reward: 0,
  outcome: "incorrect",
  answer: null,
  reason: "",
  metrics: {},
});

/** name → [lowest reward, highest reward, verifier] */
const VERIFIERS: Record<string, readonly [number, number, Verifier<Row>]> = {
  exactMatch: [0, 1, exactMatch(shownText, { case: "ignore", space: "collapse" })],
  numericMatch: [0, 1, (text) => numericMatch(shownText, { relative: 1e-6 })(text, { answer: 0.5 })],
  multipleChoice: [0, 1, multipleChoice()],
  "multipleChoice without texts": [0, 1, (text) => multipleChoice()(text, { answer: "C" })],
  matchesRegex: [0, 1, matchesRegex("(a|aa)*b")],
  "matchesRegex anywhere": [0, 1, matchesRegex(".*a.{100}d", { match: "anywhere" })],
  jsonSchema: [0, 1, jsonSchema(TREE)],
  tagCount: [0, 1, tagCount],
  thinkPair: [0, 1, thinkPair()],
  softOverlong: [-1, 0, softOverlong({ measure: countWords, maxLength: 100, buffer: 50 })],
  cosineLength: [-10, 2, cosineLength(always, { measure: countCharacters, maxLength: 1000 })],
  repetitionPenalty: [-1, 0, repetitionPenalty()],
  languageConsistency: [0, 1, languageConsistency("en")],
  "languageConsistency ja": [0, 1, languageConsistency("ja")],
  bleuReward: [0, 1, bleuReward({ tokenize: wordTokens })],
  "bleuReward of characters": [0, 1, bleuReward({ tokenize: characterTokens })],
  rougeLReward: [0, 1, rougeLReward({ tokenize: wordTokens })],
  rougeNReward: [0, 1, rougeNReward(2, { tokenize: characterTokens })],
  citesGivenFacts: [-1, 1, citesGivenFacts()],
  abstainReward: [-1, 1, abstainReward(always, { extract: shownText })],
  levenshtein: [0, 1, similarity(shownText, { measure: "levenshtein" })],
  "jaro-winkler": [0, 1, similarity(shownText, { measure: "jaro-winkler" })],
  "token-f1": [0, 1, similarity(shownText, { measure: "token-f1" })],
};

const MEGABYTE = 1_000_000;
const PIECES = [
  ...[
    "a",
    "a ",
    "\u0301\u0323",
    "\u{1f468}\u200d",
    "數",
    "ก",
    "\ud800",
    "\0",
    "\n",
    "```",
    "`a",
    "$",
    "$a",
    "\\[",
    "\\(",
    "\\[",
  ],
  ...[
    "<think>",
    "</think>",
    "<answer>",
    "\\boxed{",
    "answer is ",
    "####",
    "(A) ",
    "A or ",
    "[1] ",
    "[",
    '"',
    ' "a',
    "“a",
    "a. ",
  ],
  ...[
    '"b" [1]. ',
    "[[1],",
    '{"a":',
    '[{"__proto__":1},',
    "1e999,",
    "9",
    "٤",
    "the Rhine [1]. ",
    "x [99]. ",
    "e.g. ",
    "quick brown ",
  ],
];
/** The limits of the verifiers lie between these lengths: each text is tried above and below them. */
const LENGTHS = [4000, 19_000, 60_000, MEGABYTE];
const HOSTILE = [...PIECES, ".", "“", "«", "“a ”"].flatMap((piece) =>
  LENGTHS.map((length) => `${piece.repeat(Math.floor(length / piece.length))}a`),
);

async function check(name: string, text: string): Promise<void> {
  const [lowest, highest, verifier] = VERIFIERS[name]!;
  const verdict = Verdict.parse(await verifier(text, ROW));
  if (verdict.status !== "graded") throw new Error(`${name} does not grade ${JSON.stringify(text.slice(0, 100))}`);
  const { reward, reason, metrics } = verdict;
  expect(reward).toBeGreaterThanOrEqual(lowest);
  expect(reward).toBeLessThanOrEqual(highest);
  expect(reason).not.toBe(undefined);
  expect(reason.length).toBeLessThan(3000);
  expect(Object.values(metrics).every(Number.isFinite)).toBe(true);
}

describe.each(Object.keys(VERIFIERS))("%s", (name) => {
  test("grades a megabyte of anything in bounded time", { timeout: 120_000 }, async () => {
    let slowest = { ms: 0, text: "" };
    for (const text of [
      "",
      " ",
      ...HOSTILE,
      `<answer>${HOSTILE.at(-1)}</answer>`,
      `\`\`\`json\n[${"{},".repeat(10_000)}{}]\n\`\`\``,
    ]) {
      const start = performance.now();
      await check(name, text);
      const ms = performance.now() - start;
      if (ms > slowest.ms) slowest = { ms, text: text.slice(0, 20) };
    }
    expect(slowest.ms, slowest.text).toBeLessThan(5000); // the slowest takes a fiftieth of this on an idle machine
  });

  test("never throws and stays in its range on random text", async () => {
    const anything = fc.oneof(
      fc.string({ unit: "binary", maxLength: 200 }),
      fc
        .array(fc.constantFrom(...PIECES, "B", "Rome", "Rhine", "</answer>", "}", "]", '"', "1"), { maxLength: 40 })
        .map((parts) => parts.join("")),
      fc.json(),
    );
    await fc.assert(
      fc.asyncProperty(anything, (text) => check(name, text)),
      { numRuns: 200 },
    );
  });

  test("gives the same verdict again", async () => {
    const verifier = VERIFIERS[name]![2];
    for (const text of ["B", "the Rhine is long [1]", '{"x":1}', "I don't know"]) {
      expect(await verifier(text, ROW)).toEqual(await verifier(text, ROW));
    }
  });
});
