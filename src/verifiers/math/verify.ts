/**
 * Math answers: does a response, or an answer taken from one, say the same as the gold?
 *
 * Accepted for ½: `0.5` · `\frac{3}{6}` · `x = \dfrac12`. Refused: `0.50001` · `1, 2` · `1/2 = 3/4`.
 *
 * Pure and synchronous. Work is counted in fuel, so no input is slow and every machine gives the same verdict. Whatever
 * the model wrote is graded; only an unreadable gold throws (E_TASK_DATA), which `checkGold` finds when data is loaded.
 */
import { RlvrError } from "../../errors.ts";
import { graded, type Outcome, type Verifier } from "../verdict.ts";
import type { Node } from "./ast.ts";
import { lastBoxes } from "./boxes.ts";
import { canonical } from "./canonical.ts";
import { type Certificate, certificateText, strengthOf } from "./certificate.ts";
import { compareNodes } from "./compare.ts";
import type { Context } from "./context.ts";
import { type ExtractionRule, extractAnswer } from "./extract.ts";
import { FUEL_BUDGET, Fuel, OutOfFuel } from "./fuel.ts";
import { type MathOptions, type MathSettings, settingsOf } from "./presets.ts";
import { MAX_CHARACTERS, type Readings, readingsOf } from "./readings.ts";
import { choiceWithText } from "./text.ts";
import { unevaluated, unfinished } from "./unevaluated.ts";

export interface MathVerdict {
  readonly outcome: Extract<Outcome, "correct" | "incorrect" | "unparsed">;
  /** Which rung accepted; null where none did. */
  readonly certificate: Certificate | null;
  /** How far it came. */
  readonly stage: "extract" | "parse" | "compare";
  /** How the answer was found in the response; null for `verifyAnswer`. */
  readonly rule: ExtractionRule | null;
  readonly span: readonly [number, number] | null;
  /** What was understood to be the answer. */
  readonly answer: string | null;
  readonly goldType: string;
  /** Remarks: "unit-omitted", "percent-added", "unevaluated", "out-of-fuel", "undecided", … */
  readonly flags: readonly string[];
  readonly fuel: number;
  readonly reason: string;
}

/** Compares an extracted answer with the gold. Throws E_TASK_DATA where the gold cannot be read. */
export function verifyAnswer(gold: string, answer: string, options: MathOptions = {}): MathVerdict {
  const boxes =
    answer.includes("\\boxed") || answer.includes("\\fbox")
      ? lastBoxes(answer.slice(0, 4 * MAX_CHARACTERS), false)
      : [];
  const text = boxes.length > 0 ? boxes.map((box) => box.text.trim()).join(" , ") : answer;
  return judge(gold, text, settingsOf(options), null, null);
}

/** Finds the answer in a response and compares it with the gold. Throws E_TASK_DATA where the gold cannot be read. */
export function verifyResponse(gold: string, response: string, options: MathOptions = {}): MathVerdict {
  const settings = settingsOf(options);
  const { candidates, rule, span } = extractAnswer(response, options);
  if (rule === null) {
    const goldType = readGold(gold).type;
    const reason = "no answer where the format asks for one";
    return {
      outcome: "unparsed",
      certificate: null,
      stage: "extract",
      rule,
      span,
      answer: null,
      goldType,
      flags: [],
      fuel: 0,
      reason,
    };
  }
  return judge(gold, candidates.join(" , "), settings, rule, span);
}

/** Throws E_TASK_DATA where a gold cannot be read or is not equal to itself. For the moment when data is loaded. */
export function checkGold(gold: string, options: MathOptions = {}): void {
  const { text } = readGold(gold);
  const verdict = judge(gold, text, settingsOf(options), null, null);
  if (verdict.outcome !== "correct") {
    throw new RlvrError(
      "E_TASK_DATA",
      `the gold answer ${JSON.stringify(gold)} is not equal to itself: ${verdict.reason}`,
    );
  }
}

/** A row with the right answer. */
export interface MathRow {
  readonly answer: string;
}

/**
 * 1 for a right answer, 0 for any other. In reward mode unless the options say otherwise, whatever the preset.
 * Metrics: `rule_…` names the extraction rule, `weak_accept` is 1 where only digits or rounding speak for the answer.
 */
export function mathAnswer(options: MathOptions = {}): Verifier<MathRow> {
  const strict: MathOptions = { extraction: "reward", ...options };
  return (completion, row) => {
    const { outcome, answer, reason, rule, certificate, fuel } = verifyResponse(row.answer, completion, strict);
    const weak = certificate !== null && strengthOf(certificate) >= WEAK;
    const metrics = { fuel, weak_accept: weak ? 1 : 0, ...(rule === null ? {} : { [`rule_${rule}`]: 1 }) };
    return graded(outcome === "correct" ? 1 : 0, outcome, answer, reason, metrics);
  };
}

const WEAK = strengthOf({ kind: "numeric", points: 1, digits: 1 });

interface Gold {
  readonly text: string;
  readonly readings: Readings;
  readonly type: string;
}

const GOLDS = new Map<string, Gold>(); // a gold is compared with many answers
const MAX_GOLDS = 2_000;

function readGold(gold: string): Gold {
  const known = GOLDS.get(gold);
  if (known !== undefined) return known;
  const text = goldText(gold);
  const readings = text === null ? null : readText(text, "gold");
  if (text === null || readings === null || (readings.nodes.length === 0 && readings.words === "")) {
    throw new RlvrError("E_TASK_DATA", `the gold answer ${JSON.stringify(gold.slice(0, 200))} cannot be read`, {
      hint: "write it as plain math, LaTeX, words, or a solution with its answer in \\boxed{}",
    });
  }
  const read: Gold = { text, readings, type: typeOf(readings) };
  if (GOLDS.size >= MAX_GOLDS) GOLDS.clear();
  GOLDS.set(gold, read);
  return read;
}

/** The answer in a gold: its boxes, the whole, or what a lenient reader finds in a written solution. */
function goldText(gold: string): string | null {
  const boxes = lastBoxes(gold.slice(-64 * 1024), true);
  if (boxes.length > 0) return boxes.map((box) => box.text.trim()).join(" , ");
  const trimmed = gold.trim();
  if (trimmed.length <= MAX_CHARACTERS) {
    const readings = readText(trimmed, "gold");
    const short = trimmed.length <= 120 || readings?.nodes.some(({ k }) => k !== "text");
    if (readings !== null && short && (readings.nodes.length > 0 || readings.words !== "")) return trimmed;
  }
  // A written solution; but a formula that cannot be read is not to be guessed at.
  const { candidates, rule } = extractAnswer(gold, { extraction: "lenient" });
  return rule === null || rule === "number" || rule === "bare" ? null : candidates.join(" , ");
}

function readText(text: string, side: "gold" | "answer"): Readings | null {
  try {
    return readingsOf(text, side, new Fuel());
  } catch (error) {
    if (error instanceof OutOfFuel) return null;
    throw error;
  }
}

/** For people and reports. */
function typeOf({ nodes, choice, words }: Readings): string {
  const [node] = nodes;
  if (choice !== null) return "choice";
  if (node === undefined || (node.k === "text" && words !== "")) return "text";
  return TYPES[node.k] ?? (node.k === "seq" ? sequenceType(node) : "expression");
}

const TYPES: Readonly<Partial<Record<Node["k"], string>>> = {
  num: "number",
  neg: "expression",
  text: "text",
  union: "set",
  intersection: "set",
  minus: "set",
  setname: "set",
  matrix: "matrix",
  rel: "relation",
  quantity: "quantity",
  percent: "percent",
  degree: "quantity",
  based: "numeral",
  ratio: "ratio",
};

function sequenceType({ open, close }: Node & { readonly k: "seq" }): string {
  if (open === "" || open === "{") return "list";
  if (open === "\\{") return "set";
  return open === "(" && close === ")" ? "tuple" : "interval";
}

function judge(
  goldText: string,
  answer: string,
  settings: MathSettings,
  rule: ExtractionRule | null,
  span: readonly [number, number] | null,
): MathVerdict {
  const gold = readGold(goldText);
  const fuel = new Fuel();
  const flags = new Set<string>();
  const context: Context = {
    settings,
    fuel,
    flags,
    // Prose derives loosely; a box, a tag and an extracted answer are held to what they say.
    lastOfChain: settings.chains === "last" || rule === "span",
    compare: compareNodes,
  };
  let certificate: Certificate | null = null;
  let readings: Readings | null = null;
  try {
    readings = readingsOf(answer, "answer", fuel);
    if (readings !== null) certificate = decide(gold.readings, readings, context);
  } catch (error) {
    if (!(error instanceof OutOfFuel)) throw error;
    flags.add("out-of-fuel");
    certificate = null;
  }
  if (answer.trim().length > MAX_CHARACTERS) flags.add("too-long");
  const read = readings !== null && (readings.nodes.length > 0 || readings.words !== "");
  const common = {
    certificate,
    rule,
    span,
    answer,
    goldType: gold.type,
    flags: [...flags].sort(),
    fuel: FUEL_BUDGET - Math.max(0, fuel.left),
  };
  if (certificate !== null)
    return { outcome: "correct", stage: "compare", ...common, reason: certificateText(certificate) };
  if (!read && !flags.has("out-of-fuel"))
    return { outcome: "unparsed", stage: "parse", ...common, reason: "the answer cannot be read" };
  const why = flags.has("out-of-fuel")
    ? "too costly to compare"
    : flags.has("unevaluated")
      ? "left unevaluated"
      : "not equal";
  return {
    outcome: "incorrect",
    stage: "compare",
    ...common,
    reason: `${why}: expected ${JSON.stringify(gold.text.slice(0, 200))}`,
  };
}

/** The first pair of readings that agrees, cheapest evidence first. */
function decide(gold: Readings, answer: Readings, c: Context): Certificate | null {
  if (gold.clean === answer.clean) return { kind: "string" };
  if (gold.choice !== null && gold.choice === answer.choice) return { kind: "choice" };
  if (gold.words !== "" && gold.words === answer.words) return { kind: "text" };
  for (const g of gold.nodes) {
    for (const a of answer.nodes) {
      const remarks = new Set(c.flags);
      const certificate = admitted(g, a, c);
      if (certificate !== null) return certificate;
      // Remarks on a reading that failed say nothing about the answer
      for (const flag of c.flags) if (!remarks.has(flag) && !LASTING.has(flag)) c.flags.delete(flag);
    }
  }
  return gold.choice !== null && gold.choice === choiceWithText(answer.clean) ? { kind: "choice" } : null;
}

const LASTING: ReadonlySet<string> = new Set(["unevaluated", "unsimplified", "undecided"]);

/** The comparison, after the rules on the form of an answer. */
function admitted(gold: Node, answer: Node, c: Context): Certificate | null {
  const { simplifyLevel } = c.settings;
  if (canonical(gold, c.fuel) === canonical(answer, c.fuel)) return { kind: "string" };
  if (unevaluated(gold, answer)) {
    c.flags.add("unevaluated");
    return null;
  }
  if (simplifyLevel !== "any" && unfinished(answer) && !unfinished(gold)) {
    c.flags.add("unsimplified");
    return null;
  }
  const certificate = c.compare(gold, answer, c);
  if (certificate === null || simplifyLevel !== "none") return certificate;
  const weakest = certificate.kind === "structure" ? certificate.weakest : certificate;
  const literal = (node: Node) => node.k === "num" || (node.k === "neg" && node.a.k === "num");
  const sameForm = weakest.kind === "string" || weakest.kind === "text" || (literal(gold) && literal(answer));
  if (!sameForm) c.flags.add("unsimplified");
  return sameForm ? certificate : null;
}
