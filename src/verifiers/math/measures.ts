/**
 * Values with a unit, a percent or degree sign, or a modulus.
 *
 * Accepted: 12 cm = 120 mm · 28 % = 28 = 0.28 · 90° = 90 = π/2 · 5 \text{ apples} = 5.
 * Refused: 12 cm ≠ 12 m · 5 % ≠ 500 % · 4 \text{ or not} ≠ 4.
 */
import { integer, isClosed, type Node } from "./ast.ts";
import { toDouble } from "./bigfloat.ts";
import type { Comparison, Context } from "./context.ts";
import { realValue } from "./numeric.ts";
import { exactValue } from "./rational.ts";
import { unitOf } from "./units.ts";

interface Measure {
  readonly value: Node;
  /** "" without a unit, "%" and "°" for the signs. */
  readonly unit: string;
}

/** Value and unit; a sign in front goes inside. */
export function measureOf(node: Node): Measure {
  switch (node.k) {
    case "quantity":
      return { value: node.a, unit: node.unit };
    case "percent":
      return { value: node.a, unit: "%" };
    case "degree":
      return { value: node.a, unit: "°" };
    case "neg": {
      const { value, unit } = measureOf(node.a);
      return { value: { k: "neg", a: value }, unit };
    }
    default:
      return { value: node, unit: "" };
  }
}

/** Compares where at least one side carries a unit. */
export function compareMeasures(gold: Node, answer: Node, c: Context): Comparison {
  let g = measureOf(gold);
  let a = measureOf(answer);
  // 5 m reads as 5·m: beside a unit it is five meters
  if (g.unit === "") g = lettersAsUnit(g.value) ?? g;
  else if (a.unit === "") a = lettersAsUnit(a.value) ?? a;
  if (g.unit === a.unit) return sameUnit(g, a, c);
  if (g.unit === "%" || a.unit === "%") return comparePercent(g, a, c);
  if ((g.unit === "°" && a.unit === "") || (g.unit === "" && a.unit === "°")) return compareDegrees(g, a, c);
  if (a.unit === "") {
    c.flags.add("unit-omitted");
    return c.compare(g.value, a.value, c);
  }
  if (g.unit === "") {
    if (unitOf(a.unit) === null && !a.unit.startsWith("mod ")) return null; // words are no unit
    c.flags.add("unit-added");
    return c.compare(g.value, a.value, c);
  }
  return convert(g, a, c);
}

/** A number times single-letter units, 9.8·m/s²; null for anything else. */
function lettersAsUnit(node: Node): Measure | null {
  if (node.k === "div") {
    const [top, bottom] = [lettersAsUnit(node.a), unitLetter(node.b)];
    return top === null || bottom === null ? null : { value: top.value, unit: `${top.unit}/${bottom}` };
  }
  if (node.k !== "mul" || node.args.length !== 2 || !isClosed(node.args[0]!)) return null;
  const unit = unitLetter(node.args[1]!);
  return unit === null ? null : { value: node.args[0]!, unit };
}

function unitLetter(node: Node): string | null {
  if (node.k === "sym") return /^[mgshlL]$/.test(node.name) ? node.name.toLowerCase() : null;
  if (node.k !== "pow" || node.b.k !== "num" || node.b.d !== 1n) return null;
  const base = unitLetter(node.a);
  return base === null ? null : `${base}^${node.b.n}`;
}

function sameUnit(g: Measure, a: Measure, c: Context): Comparison {
  const same = c.compare(g.value, a.value, c);
  if (same !== null || !g.unit.startsWith("mod ")) return same;
  const m = BigInt(g.unit.slice(4));
  const [x, y] = [exactValue(g.value, c.fuel), exactValue(a.value, c.fuel)];
  if (x === null || y === null || m === 0n || x.d !== 1n || y.d !== 1n) return null;
  return (x.n - y.n) % m === 0n ? { kind: "exact" } : null;
}

/** One side has a percent sign, the other none or another unit. */
function comparePercent(g: Measure, a: Measure, c: Context): Comparison {
  const [bare, signed] = g.unit === "%" ? [a, g] : [g, a];
  if (bare.unit !== "" || c.settings.percent === "drop") {
    return bare.unit === "" ? c.compare(g.value, a.value, c) : null;
  }
  const share: Node = { k: "div", a: signed.value, b: integer(100) };
  const exact = g === signed ? c.compare(share, a.value, c) : c.compare(g.value, share, c);
  if (exact !== null || c.settings.percent === "exact") return exact;
  if (a.unit === "%" && !isAboveOne(g.value, c)) return null; // 0.1 is 10 %, not 0.1 %
  const dropped = c.compare(g.value, a.value, c);
  if (dropped !== null) c.flags.add(a.unit === "%" ? "percent-added" : "percent-omitted");
  return dropped;
}

/** Too large for a share: the question asked for percent. */
function isAboveOne(value: Node, c: Context): boolean {
  const real = realValue(value, c.fuel);
  return real !== null && Math.abs(toDouble(real)) > 1;
}

const PI: Node = { k: "const", name: "pi" };

function compareDegrees(g: Measure, a: Measure, c: Context): Comparison {
  const radians = (m: Measure): Node =>
    m.unit === "°" ? { k: "div", a: { k: "mul", args: [m.value, PI] }, b: integer(180) } : m.value;
  const dropped = c.compare(g.value, a.value, c);
  if (dropped === null) return c.compare(radians(g), radians(a), c);
  c.flags.add(a.unit === "" ? "unit-omitted" : "unit-added");
  return dropped;
}

/** Two different units: of one dimension, or not equal. */
function convert(g: Measure, a: Measure, c: Context): Comparison {
  const [from, to] = [unitOf(g.unit), unitOf(a.unit)];
  if (from === null || to === null || from.dimension !== to.dimension) return null;
  const { numerator, denominator } = from.factor;
  const factor: Node = {
    k: "num",
    n: to.factor.numerator * denominator,
    d: to.factor.denominator * numerator,
    places: -1,
    raw: "",
  };
  return c.compare(g.value, { k: "mul", args: [a.value, factor] }, c);
}
