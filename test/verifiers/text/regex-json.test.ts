import { describe, expect, test } from "vitest";
import { answerTag } from "../../../src/verifiers/index.ts";
import { jsonSchema } from "../../../src/verifiers/text/json-schema.ts";
import { linearRegex } from "../../../src/verifiers/text/linear-regex.ts";
import { matchesRegex } from "../../../src/verifiers/text/matches-regex.ts";

describe("matchesRegex", () => {
  test.each([
    ["\\d{4}-\\d{2}", {}, "2024-05", 1],
    ["\\d{4}-\\d{2}", {}, "in 2024-05", 0],
    ["\\d{4}-\\d{2}", {}, "2024-05\n2023-04", 0],
    ["\\d{4}-\\d{2}", { match: "anywhere" }, "in 2024-05.", 1],
    ["yes|no", {}, "yes|no", 0],
    ["yes|no", {}, "yesno", 0],
    ["yes", { flags: "i" }, "YES", 1],
    ["a.b", {}, "a\nb", 0],
    ["a.b", { flags: "s" }, "a\nb", 1],
    ["^b$", { flags: "m", match: "anywhere" }, "a\nb", 1],
    ["\\p{Lu}\\u00e9", {}, "Éé", 1],
    ["(?<year>\\d+)", {}, "2024", 1],
    ["x", { extract: answerTag }, "<answer>x</answer>", 1],
  ] as const)("/%s/ with %j on %j gets %d", (pattern, options, completion, reward) => {
    expect(matchesRegex(pattern, options)(completion)).toMatchObject({ reward });
  });

  test("takes a RegExp with its flags", () => {
    expect(matchesRegex(/a+/iu)("AAA").reward).toBe(1);
  });

  test("says what it understood", () => {
    expect(matchesRegex("a")("b")).toMatchObject({ outcome: "incorrect", answer: "b", reason: "does not match /a/" });
    expect(matchesRegex("a")("")).toMatchObject({ outcome: "unparsed", answer: null });
  });

  test.each(["(a", "(?=a)b", "(?<!a)b", "(a)\\1", "a{1001}", "[b-a]"])("refuses /%s/ when made", (pattern) => {
    expect(() => matchesRegex(pattern)).toThrow(expect.objectContaining({ code: "E_VERIFIER" }));
  });

  test("refuses flags that mean nothing here", () => {
    expect(() => matchesRegex("a", { flags: "g" })).toThrow(/the flags are "g", expected some of i, m, s, u/);
    expect(() => matchesRegex(/a/y)).toThrow(/the flags are "y"/);
  });

  test("a large automaton reads less text, and says so", () => {
    const { size, maxLength } = linearRegex("(.{0,500}a.{0,500}){2}d");
    expect(size * maxLength).toBeLessThanOrEqual(50_000_000);
    const start = performance.now();
    const verdict = matchesRegex("(.{0,500}a.{0,500}){2}d", { match: "anywhere" })(`d${"ab".repeat(100_000)}`);
    expect(verdict).toMatchObject({
      reward: 0,
      outcome: "incorrect",
      reason: `over ${maxLength} characters: not searched`,
    });
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe("jsonSchema", () => {
  const person = {
    type: "object",
    required: ["name", "age"],
    additionalProperties: false,
    properties: {
      name: { type: "string", pattern: "^[A-Z][a-z]+$" },
      age: { type: "integer", minimum: 0 },
      tags: { type: "array", items: { type: "string" }, uniqueItems: true },
    },
  };
  const verify = jsonSchema(person);
  const ADA = '{"name": "Ada", "age": 36}';

  test.each([
    ADA,
    ` ${ADA}\n`,
    `<think>{}</think>${ADA}`,
    `\`\`\`json\n${ADA}\n\`\`\``,
    `Here:\n\`\`\`json\n${ADA}\n\`\`\`\nDone.`,
  ])("%j fits", (completion) => {
    expect(verify(completion)).toMatchObject({ reward: 1, outcome: "correct", answer: ADA });
  });

  test.each([
    ["", "nothing is shown"],
    [`Here it is: ${ADA}`, "not JSON: "],
    ['{"name": "Ada", "age": 36,}', "not JSON: "],
    ["{'name': 'Ada'}", "not JSON: "],
    ['{"name": "Ada", "age": NaN}', "not JSON: "],
    [`\`\`\`json\n${ADA}`, "the fence marked json is never closed"],
    [`\`\`\`json\n${ADA}\n\`\`\`\n\`\`\`json\n${ADA}\n\`\`\``, "several fences marked json, expected one"],
    [`${"[".repeat(33)}${"]".repeat(33)}`, "nested 33 deep, at most 32"],
    [`"${"a".repeat(65_536)}"`, "65538 characters of JSON, at most 65536"],
  ])("%j is no JSON: %s", (completion, reason) => {
    const verdict = verify(completion);
    expect(verdict).toMatchObject({ reward: 0, outcome: "unparsed" });
    expect(verdict.reason).toContain(reason);
  });

  test.each([
    ['{"name": "Ada"}', "the whole must have required property 'age'"],
    ['{"name": "Ada", "age": "36"}', "/age must be integer"],
    ['{"name": "Ada", "age": 36.5}', "/age must be integer"],
    ['{"name": "Ada", "age": 1e999}', "/age must be integer"],
    ['{"name": "ada", "age": -1}', '/name must match pattern "^[A-Z][a-z]+$"; /age must be >= 0'],
    ['{"name": "Ada", "age": 1, "x": 2}', 'the whole must NOT have additional properties: "x"'],
    ['{"name": "Ada", "age": 1, "tags": ["a", "a"]}', "/tags must not have equal items"],
    ["[]", "the whole must be object"],
  ])("%s does not fit: %s", (completion, reason) => {
    expect(verify(completion)).toMatchObject({ reward: 0, outcome: "incorrect", reason });
  });

  test("equal items are equal as JSON, whatever their order of names", () => {
    const unique = jsonSchema({ type: "array", uniqueItems: true });
    expect(unique('[{"a":1,"b":[2]},{"b":[2],"a":1.0}]').reward).toBe(0);
    expect(unique('[1,"1",[1],{"1":1},null,true]').reward).toBe(1);
  });

  test("names of Object.prototype are ordinary names", () => {
    const needsToString = jsonSchema({ type: "object", required: ["toString"] });
    expect(needsToString("{}").reward).toBe(0);
    expect(needsToString('{"toString": 1}').reward).toBe(1);
    expect(verify('{"name": "Ada", "age": 1, "__proto__": {"x": 1}}').reason).toBe(
      'the whole must NOT have additional properties: "__proto__"',
    );
    jsonSchema({ type: "object" })('{"__proto__": {"polluted": 1}, "constructor": {"prototype": {"polluted": 1}}}');
    expect(({} as { polluted?: number }).polluted).toBe(undefined);
  });

  test("lists five errors and counts the others", () => {
    const numbers = jsonSchema({ type: "array", items: { type: "number" } });
    const { reason } = numbers(JSON.stringify(Array.from({ length: 8 }, String)));
    expect(reason).toBe(`${[0, 1, 2, 3, 4].map((i) => `/${i} must be number`).join("; ")}; and 3 more`);
  });

  test("a recursive schema with alternatives ends on data that would take for ever", () => {
    // Both branches go down and fail at the bottom: 2^30 visits without a purse.
    const branch = (name: string) => ({
      type: "object",
      properties: { a: { $ref: "#/$defs/tree" } },
      required: [name],
    });
    const tree = jsonSchema({
      $defs: { tree: { anyOf: [branch("x"), branch("y"), { type: "null" }] } },
      $ref: "#/$defs/tree",
    });
    expect(tree('{"a": {"a": null, "y": 1}, "x": 1}').reward).toBe(1);
    const start = performance.now();
    expect(tree(`${'{"x":1,"y":1,"a":'.repeat(30)}1${"}".repeat(30)}`)).toMatchObject({
      reward: 0,
      reason: "too costly to validate",
    });
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test("draft-07 is read where the schema says so", () => {
    const tuple = {
      $schema: "http://json-schema.org/draft-07/schema#",
      items: [{ type: "number" }, { type: "string" }],
    };
    expect(jsonSchema(tuple)('[1, "a"]').reward).toBe(1);
    expect(jsonSchema(tuple)("[1, 2]").reward).toBe(0);
    expect(jsonSchema({ prefixItems: [{ type: "number" }, { type: "string" }] })("[1, 2]").reward).toBe(0);
  });

  test.each([
    [{ type: "nothing" }],
    [{ type: "string", pattern: "(?=a)" }],
    [{ type: "string", format: "email" }],
    [{ typ: "string" }],
    [{ $ref: "#/$defs/missing" }],
    [{ $schema: "https://example.com/mine" }],
  ])("refuses the schema %j when made", (schema) => {
    expect(() => jsonSchema(schema)).toThrow(expect.objectContaining({ code: "E_VERIFIER" }));
  });

  test("refuses limits out of range", () => {
    expect(() => jsonSchema({}, { maxDepth: 65 })).toThrow(
      /maxDepth is 65, expected a whole number, at least 1, at most 64/,
    );
    expect(() => jsonSchema({}, { maxCharacters: 0 })).toThrow(/maxCharacters is 0/);
  });
});
