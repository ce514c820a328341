/**
 * What a program has to do: calls of a function, runs of a program, or tests written as asserts. Rows of a task extend these.
 *
 * Expected values stay in the trainer. A test is hidden unless it is `public`, which means that the prompt shows it.
 */
import { z } from "zod";
import { Limits } from "../../sandbox/limits.ts";
import { Float, type Plain, Tuple } from "../../sandbox/plain.ts";
import { canonicalText, MAX_DEPTH } from "./canonical.ts";
import { COMPARATOR_NAMES } from "./compare.ts";

const PlainValue = z.custom<Plain>(
  (value) => isPlain(value),
  "expected plain data: no functions, dates or class instances",
);

const anyTest = {
  public: z.boolean().default(false).describe("shown in the prompt; tests are hidden otherwise"),
  weight: z.number().positive().default(1).describe("share of the reward where scoring is weighted"),
};

export const CallTest = z.strictObject({
  ...anyTest,
  args: z.array(PlainValue),
  expected: PlainValue,
  decoy: z.json().optional().describe("a wrong result that no honest mistake gives; it lies in the box as bait"),
});
export type CallTest = z.output<typeof CallTest>;

export const ProgramTest = z.strictObject({
  ...anyTest,
  stdin: z.string(),
  stdout: z.string(),
  decoy: z.string().optional().describe("a wrong output that no honest mistake gives; it lies in the box as bait"),
});
export type ProgramTest = z.output<typeof ProgramTest>;

export const AssertTest = z.strictObject({
  ...anyTest,
  source: z.string().includes("assert").describe("trusted code that calls the entries and asserts what they return"),
});
export type AssertTest = z.output<typeof AssertTest>;

const LimitName = z.enum(Object.keys(Limits.shape) as [keyof Limits]);

/** What every problem may set for itself; else the verifier's options hold. */
const anyProblem = {
  limits: z.partialRecord(LimitName, z.int().positive()).default({}).describe("limits of this problem alone"),
  prelude: z.string().default("").describe("trusted code that is loaded before the completion's, such as imports"),
};
const comparator = z.enum(COMPARATOR_NAMES).optional().describe("how results are compared");

export const CallsProblem = z.strictObject({
  ...anyProblem,
  kind: z.literal("calls"),
  entry: z.string().min(1).describe("the function to call: `name`, or `Class.method`"),
  comparator,
  tests: z.array(CallTest).min(1),
});

export const ProgramProblem = z.strictObject({
  ...anyProblem,
  kind: z.literal("program"),
  comparator,
  tests: z.array(ProgramTest).min(1),
});

/** Runs in two boxes: the tests never share one with the code that they test. */
export const AssertsProblem = z.strictObject({
  ...anyProblem,
  kind: z.literal("asserts"),
  entries: z.array(z.string().min(1)).min(1).describe("names that the tests may call"),
  tests: z.array(AssertTest).min(1),
});

export type CallsProblem = z.output<typeof CallsProblem>;
export type ProgramProblem = z.output<typeof ProgramProblem>;
export type AssertsProblem = z.output<typeof AssertsProblem>;

export const CodeProblem = z.discriminatedUnion("kind", [CallsProblem, ProgramProblem, AssertsProblem]);
export type CodeProblem = z.output<typeof CodeProblem>;
export type CodeProblemInput = z.input<typeof CodeProblem>;

/** Whether a value can cross into a box and back unchanged. */
export function isPlain(value: unknown): value is Plain {
  return canBePlain(value, 0) && canonicalText(value as Plain) !== null;
}

function canBePlain(value: unknown, depth: number): boolean {
  if (depth > MAX_DEPTH) return false;
  if (value === null || value instanceof Float || value instanceof Uint8Array) return true;
  if (typeof value !== "object") return !["function", "symbol"].includes(typeof value);
  const inside = (items: Iterable<unknown>) => [...items].every((item) => canBePlain(item, depth + 1));
  if (value instanceof Tuple) return inside(value.items);
  if (Array.isArray(value) || value instanceof Set) return inside(value);
  if (value instanceof Map) return inside([...value].flat(1));
  const prototype = Object.getPrototypeOf(value);
  return (prototype === Object.prototype || prototype === null) && inside(Object.values(value));
}
