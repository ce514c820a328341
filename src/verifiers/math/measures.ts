/**
 * Values with a unit, a percent or degree sign, or a modulus.
 *
 * Accepted: 12 cm = 120 mm · 28 % = 28 = 0.28 · 90° = 90 = π/2 · 5 \text{ apples} = 5.
 * Refused: 12 cm ≠ 12 m · 5 % ≠ 500 % · 4 \text{ or not} ≠ 4.
 */
import { integer, type Node } from "./ast.ts";
import type { Comparison, Context } from "./context.ts";
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
  const g = measureOf(gold);
  const a = measureOf(answer);
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
  const dropped = c.compare(g.value, a.value, c);
  if (dropped !== null) c.flags.add(a.unit === "%" ? "percent-added" : "percent-omitted");
  return dropped;
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
