/**
 * The completion is JSON that a JSON Schema accepts. Draft 2020-12, or draft-07 where the schema's `$schema` says so.
 *
 * Accepted for { type: "object", required: ["age"], properties: { age: { type: "integer" } } }: `{"age": 3}` · the same in
 * a fence marked `json`. Refused: `{"age": "3"}` (nothing is coerced) · `{"age": 3,}` · `Here it is: {"age": 3}` · `{}`.
 *
 * The schema is the author's and trusted; the data is not. Inherited names satisfy no `required`. Patterns run in linear
 * time. Every visit of a `$ref` and every test of a pattern spends from one purse, so data that drives a recursive
 * schema with alternatives into exponential work ends as incorrect. `format` is unknown here: say it as a `pattern`.
 */
import { createRequire } from "node:module";
import type { Ajv, ErrorObject, Options, ValidateFunction } from "ajv";
import { RlvrError } from "../../errors.ts";
import type { Extract } from "../answer-tag.ts";
import { Fuel, OutOfFuel } from "../math/fuel.ts";
import { type Graded, graded } from "../verdict.ts";
import { linearRegex } from "./linear-regex.ts";
import { checkNumberOption } from "./number-option.ts";
import { type Json, jsonText, parseStrictJson } from "./strict-json.ts";

export interface JsonSchemaOptions {
  /** The fence or all that is shown, by default. */
  readonly extract?: Extract;
  /** UTF-16 units of the JSON text, 65,536 by default. */
  readonly maxCharacters?: number;
  /** Objects and arrays inside each other, 32 by default. */
  readonly maxDepth?: number;
}

const BUDGET = 50_000_000; // instructions of automata; about half a second at worst
const EXPLAIN_BUDGET = 500_000;
const REF_COST = 500; // a visit of a $ref, in the same unit
const FUEL_KEYWORD = "rlvr:fuel";
const MAX_ERRORS_SHOWN = 5;

/** 1 for JSON that fits, 0 for JSON that does not and for no JSON. Throws E_VERIFIER, when made, for a bad schema. */
export function jsonSchema(schema: object, options: JsonSchemaOptions = {}): (completion: string) => Graded {
  const { extract = jsonText, maxCharacters = 65_536, maxDepth = 32 } = options;
  checkNumberOption("maxCharacters", maxCharacters, { min: 1, max: 1_048_576, whole: true });
  checkNumberOption("maxDepth", maxDepth, { min: 1, max: 64, whole: true });
  const validate = compile(schema);

  return (completion) => {
    const extracted = extract(completion);
    if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
    const { answer } = extracted;
    const parsed = parseStrictJson(answer, { maxCharacters, maxDepth });
    if (!parsed.ok) return graded(0, "unparsed", answer, parsed.reason);
    const errors = validate(parsed.value);
    return errors === null
      ? graded(1, "correct", answer, "the schema accepts it")
      : graded(0, "incorrect", answer, errors);
  };
}

/** What is wrong with a value, or null. */
type Validate = (value: Json) => string | null;

/**
 * One validator decides and stops at the first error; another, with less fuel, lists them all for the reason. Listing joins
 * lists at every reference, which is quadratic in the data.
 */
function compile(schema: object): Validate {
  const decide = compileOne(schema, { allErrors: false, budget: BUDGET });
  const explain = compileOne(schema, { allErrors: true, budget: EXPLAIN_BUDGET });
  return (value) => {
    const decided = decide(value);
    if (decided === "valid") return null;
    if (decided === "too costly") return "too costly to validate";
    const explained = explain(value);
    return errorsText(Array.isArray(explained) ? explained : decided);
  };
}

type Outcome = "valid" | "too costly" | readonly ErrorObject[];

function compileOne(schema: object, limits: { allErrors: boolean; budget: number }): (value: Json) => Outcome {
  let fuel = new Fuel(0);
  const spend = (units: number) => {
    fuel.spend(units);
    return true;
  };
  const testAtCost = (pattern: string) => {
    const { size, test } = linearRegex(pattern);
    return {
      test: (text: string) => spend(size * (text.length + 1)) && test(text),
      toString: () => pattern, // by which the library tells patterns apart
    };
  };
  const options: Options = {
    allErrors: limits.allErrors,
    logger: false,
    ownProperties: true, // a "toString" that is required must be written
    strictSchema: true, // unknown keywords and formats are refused
    code: { regExp: Object.assign(testAtCost, { code: "linearRegex" }) },
  };
  let validate: ValidateFunction;
  try {
    const ajv = validatorFor(schema, options);
    ajv.addKeyword({ keyword: FUEL_KEYWORD, before: "$ref", validate: () => spend(REF_COST), errors: false });
    // The library compares objects pairwise: quadratic in the data.
    ajv.removeKeyword("uniqueItems");
    ajv.addKeyword({
      keyword: "uniqueItems",
      type: "array",
      schemaType: "boolean",
      validate: (wanted: boolean, items: readonly Json[]) =>
        !wanted || new Set(items.map(canonical)).size === items.length,
      error: { message: "must not have equal items" },
    });
    validate = ajv.compile(withFuel(schema) as object);
  } catch (error) {
    if (error instanceof RlvrError) throw error;
    throw new RlvrError("E_VERIFIER", `the JSON schema is refused: ${(error as Error).message}`, {
      hint: "write draft 2020-12, or name draft-07 in $schema; leave out format and unknown keywords",
      cause: error,
    });
  }
  return (value) => {
    fuel = new Fuel(limits.budget);
    try {
      return validate(value) ? "valid" : (validate.errors ?? []);
    } catch (error) {
      if (error instanceof OutOfFuel) return "too costly";
      throw error;
    }
  };
}

/** The library is loaded by the first schema: most tasks have none. */
function validatorFor(schema: object, options: Options): Ajv {
  const { $schema } = schema as { readonly $schema?: unknown };
  const isDraft07 = typeof $schema === "string" && $schema.includes("draft-07");
  const library: unknown = createRequire(import.meta.url)(isDraft07 ? "ajv" : "ajv/dist/2020.js");
  const { default: Validator } = library as { readonly default: new (options: Options) => Ajv };
  return new Validator(options);
}

const DATA = new Set(["const", "enum", "default", "examples"]);
const NAMED_SCHEMAS = new Set([
  "properties",
  "patternProperties",
  "$defs",
  "definitions",
  "dependentSchemas",
  "dependencies",
]);

/** A copy of the schema in which every reference spends. */
function withFuel(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withFuel);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (DATA.has(keyword)) return [keyword, value];
    return [keyword, NAMED_SCHEMAS.has(keyword) ? eachWithFuel(value) : withFuel(value)];
  });
  const refers = entries.some(([keyword, value]) => /^\$(?:dynamicR|r)ef$/.test(keyword) && typeof value === "string");
  return Object.fromEntries(refers ? [...entries, [FUEL_KEYWORD, true]] : entries);
}

function eachWithFuel(named: unknown): unknown {
  if (typeof named !== "object" || named === null) return named;
  return Object.fromEntries(Object.entries(named).map(([name, schema]) => [name, withFuel(schema)]));
}

/** Equal values have equal texts: the names of an object are sorted. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([name, inside]) => `${JSON.stringify(name)}:${canonical(inside)}`);
  return `{${entries.sort().join(",")}}`;
}

function errorsText(errors: readonly ErrorObject[]): string {
  const shown = errors.slice(0, MAX_ERRORS_SHOWN).map(({ instancePath, message, params }) => {
    const name = (params as { readonly additionalProperty?: string }).additionalProperty;
    const which = name === undefined ? "" : `: ${JSON.stringify(name.slice(0, 100))}`;
    return `${instancePath === "" ? "the whole" : instancePath.slice(0, 200)} ${message ?? "is wrong"}${which}`;
  });
  const more = errors.length - shown.length;
  return more > 0 ? `${shown.join("; ")}; and ${more} more` : shown.join("; ");
}
