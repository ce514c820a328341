/** Rows of tasks that ask for code, made from problems as an author writes them: statement, examples, hidden tests, reference. */
import { z } from "zod";
import { hashText } from "../../rng.ts";
import type { Language } from "../../sandbox/job.ts";
import { literal } from "./literal.ts";
import { CodeProblem } from "./problem.ts";

export const CodeRow = z.strictObject({
  id: z.string(),
  statement: z.string().min(1).describe("what the program has to do"),
  signature: z.string().nullable().describe("how the function is called; null for a whole program"),
  problem: CodeProblem,
  solution: z.string().min(1).describe("reference that passes every test; never shown"),
});
export type CodeRow = z.output<typeof CodeRow>;

interface AnyWritten {
  readonly id: string;
  readonly statement: string;
  readonly solution: string;
  /** A plausible program that hidden tests must refuse: it shows that they test something. */
  readonly wrong: string;
}

/** A problem as its author writes it. Examples are in the prompt; hidden tests are not. */
export type WrittenProblem = AnyWritten &
  (
    | {
        readonly kind: "calls";
        readonly signature: string;
        readonly comparator?: "exact" | "floats" | "unordered";
        /** Arguments and result. */
        readonly examples: readonly (readonly [
          args: readonly z.core.util.JSONType[],
          expected: z.core.util.JSONType,
        ])[];
        readonly hidden: readonly (readonly [args: readonly z.core.util.JSONType[], expected: z.core.util.JSONType])[];
      }
    | {
        readonly kind: "program";
        readonly comparator?: "lines" | "tokens" | "floats" | "unordered";
        /** Standard input and output. */
        readonly examples: readonly (readonly [stdin: string, stdout: string])[];
        readonly hidden: readonly (readonly [stdin: string, stdout: string])[];
      }
    | {
        readonly kind: "asserts";
        readonly signature: string;
        readonly entries: readonly string[];
        /** Sources of tests in two boxes. */
        readonly examples: readonly string[];
        readonly hidden: readonly string[];
      }
  );

/** The row of a written problem. Hidden tests whose results allow it get a decoy. */
export function codeRow(written: WrittenProblem): z.input<typeof CodeRow> {
  const { id, statement, solution } = written;
  const signature = written.kind === "program" ? null : written.signature;
  return { id, statement, signature, problem: problemOf(written), solution };
}

function problemOf(written: WrittenProblem): z.input<typeof CodeProblem> {
  const { kind } = written;
  const tests = <Test, Made>(make: (test: Test, isPublic: boolean, place: string) => Made, all: readonly Test[][]) =>
    all.flatMap((part, i) => part.map((test, j) => make(test, i === 0, `${written.id}/${j}`)));
  if (kind === "asserts") {
    const make = (source: string, isPublic: boolean) => ({ source, public: isPublic });
    return { kind, entries: [...written.entries], tests: tests(make, [[...written.examples], [...written.hidden]]) };
  }
  const comparator = written.comparator === undefined ? {} : { comparator: written.comparator };
  if (kind === "program") {
    const make = ([stdin, stdout]: readonly [string, string], isPublic: boolean, place: string) => {
      const decoy = isPublic ? {} : { decoy: `${hashText(place)}\n` };
      return { stdin, stdout, public: isPublic, ...decoy };
    };
    return { kind, ...comparator, tests: tests(make, [[...written.examples], [...written.hidden]]) };
  }
  type Test = (typeof written.examples)[number];
  const make = ([args, expected]: Test, isPublic: boolean, place: string) => {
    const decoy = isPublic ? undefined : decoyFor(expected, place);
    return { args: [...args], expected, public: isPublic, ...(decoy === undefined ? {} : { decoy }) };
  };
  const entry = written.signature.slice(0, written.signature.indexOf("("));
  return { kind, entry, ...comparator, tests: tests(make, [[...written.examples], [...written.hidden]]) };
}

/** A result of the same kind that nobody gets by mistake: 32 bits of a hash. None for truth values and the like. */
function decoyFor(expected: z.core.util.JSONType, place: string): z.core.util.JSONType | undefined {
  const bits = hashText(place);
  if (typeof expected === "number") return bits;
  if (typeof expected === "string") return `${bits}`;
  return Array.isArray(expected) ? [bits] : undefined;
}

const NAMES: Record<Language, string> = { javascript: "JavaScript", typescript: "TypeScript", python: "Python" };

/** What the policy reads: the statement, the examples, and how to answer. */
export function codePrompt({ statement, signature, problem }: CodeRow, language: Language): string {
  const task =
    signature === null
      ? `Write a ${NAMES[language]} program that reads standard input and writes to standard output.`
      : `Write ${NAMES[language]} code that defines \`${signature}\`.`;
  const examples = examplesOf(problem, language).join("\n");
  return `${task}\n\n${statement}\n\nExamples:\n${examples}\n\nAnswer with the whole code in one \`\`\`${language} block.\n`;
}

function examplesOf(problem: CodeProblem, language: Language): string[] {
  switch (problem.kind) {
    case "calls":
      return problem.tests
        .filter((test) => test.public)
        .map(({ args, expected }) => {
          const list = args.map((arg) => literal(arg, language)).join(", ");
          return `${problem.entry}(${list}) is ${literal(expected, language)}`;
        });
    case "program":
      return problem.tests
        .filter((test) => test.public)
        .map(({ stdin, stdout }) => `input:\n${stdin.trimEnd()}\noutput:\n${stdout.trimEnd()}`);
    case "asserts":
      return problem.tests.filter((test) => test.public).map(({ source }) => source);
    default:
      return problem satisfies never;
  }
}

/** Code as a completion that answers `codePrompt`. */
export function fenced(code: string, language: Language): string {
  return `\`\`\`${language}\n${code.trim()}\n\`\`\``;
}
