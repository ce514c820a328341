/** Two trees: to the rules of their kind. The gold's kind picks; the answer never chooses a kind that the gold has not. */
import { isScalar, type Node } from "./ast.ts";
import { canonical } from "./canonical.ts";
import { structure } from "./certificate.ts";
import type { Comparison, Context } from "./context.ts";
import { compareSequences, spread } from "./lists.ts";
import { compareMatrices, hasMatrix } from "./matrices.ts";
import { compareMeasures, measureOf } from "./measures.ts";
import { basedValue } from "./rational.ts";
import { compareRelations } from "./relations.ts";
import { compareScalars } from "./scalar.ts";
import { compareSets, isInterval, isSetLike } from "./sets.ts";
import { textKey } from "./text.ts";
import { withoutPlusMinus } from "./transform.ts";

export function compareNodes(gold: Node, answer: Node, c: Context): Comparison {
  c.fuel.spend(5);
  return c.fuel.nested(() => byKind(gold, answer, c));
}

function byKind(goldNode: Node, answerNode: Node, c: Context): Comparison {
  if (canonical(goldNode, c.fuel) === canonical(answerNode, c.fuel)) return { kind: "string" };
  const gold = spreadTuple(withoutPlusMinus(goldNode), answerNode);
  const answer = spreadTuple(withoutPlusMinus(answerNode), goldNode);
  if (gold.k === "text" || answer.k === "text") return compareTexts(gold, answer);
  if (isConditionList(gold) && isSetLike(answer)) return compareSets(gold, answer, c);
  if (isConditionList(answer) && isSetLike(gold) && c.settings.relations === "both")
    return compareSets(gold, answer, c);
  if (isConditionList(gold) && isConditionList(answer) && contradict(gold, answer)) return null;
  if (gold.k === "seq" && answer.k === "rel" && gold.open !== "") return compareRelations(gold, answer, c);
  if (gold.k === "rel" || answer.k === "rel") return compareRelations(gold, answer, c) ?? listOfOne(gold, answer, c);
  if (measureOf(gold).unit !== "" || measureOf(answer).unit !== "") return compareMeasures(gold, answer, c);
  if (gold.k === "based" || answer.k === "based") return compareBased(gold, answer, c);
  if (gold.k === "ratio" || answer.k === "ratio") return compareRatios(gold, answer, c);
  if (hasMatrix(gold) || hasMatrix(answer)) return compareMatrices(gold, answer, c);
  if (isSetLike(gold) || isSetLike(answer)) {
    const items = gold.k === "seq" || answer.k === "seq" ? compareSequences(gold, answer, c) : null;
    if (items !== null) return items;
    // A union, or an interval in another form; a point (1, 2) is no interval here
    const real = isSetLike(gold) && isSetLike(answer) && (isInterval(gold) || gold.k !== "seq" || answer.k !== "seq");
    return real ? compareSets(gold, answer, c) : null;
  }
  if (gold.k === "seq" || answer.k === "seq") return compareSequences(gold, answer, c);
  if (isScalar(gold) && isScalar(answer)) {
    return compareScalars(gold, answer, c) ?? renamedApplication(gold, answer, c);
  }
  return null;
}

/** x < 1 or x > 3. */
function isConditionList(node: Node): boolean {
  return node.k === "seq" && node.open === "" && node.args.every((arg) => arg.k === "rel" && arg.ops[0] !== "=");
}

/** "or" against "and"; a comma says neither. */
function contradict(gold: Node, answer: Node): boolean {
  if (gold.k !== "seq" || answer.k !== "seq") return false;
  return gold.by !== answer.by && gold.by !== "," && answer.by !== ",";
}

/** (x, y) = (1, 2) against x = 1, y = 2. */
function spreadTuple(node: Node, other: Node): Node {
  const listed =
    other.k === "seq" && other.open === "" && other.args.length > 1 && other.args.every(({ k }) => k === "rel");
  return listed && node.k === "rel" ? spread(node) : node;
}

/** A list that one relation stands for: x = 1 against the list x = 1. */
function listOfOne(gold: Node, answer: Node, c: Context): Comparison {
  return gold.k === "seq" && answer.k === "seq" ? compareSequences(gold, answer, c) : null;
}

function compareTexts(gold: Node, answer: Node): Comparison {
  if (gold.k !== "text" || answer.k !== "text") return null;
  const key = textKey(gold.value);
  return key !== "" && key === textKey(answer.value) ? { kind: "text" } : null;
}

/** A numeral in a base is its digits: 204_5 is not 204, and not 54, which the question may have named. */
function compareBased(gold: Node, answer: Node, c: Context): Comparison {
  if (gold.k === "based") {
    if (answer.k !== "based" || answer.base !== gold.base || answer.digits !== gold.digits) return null;
    return { kind: "exact" };
  }
  if (answer.k !== "based") return null;
  const value = basedValue(answer.digits, answer.base);
  return value === null ? null : c.compare(gold, { k: "num", n: value, d: 1n, places: -1, raw: String(value) }, c);
}

/** 1:2 = 2:4; a time of day is equal to itself alone. */
function compareRatios(gold: Node, answer: Node, c: Context): Comparison {
  if (gold.k !== "ratio" || answer.k !== "ratio") {
    const [ratio, other] = gold.k === "ratio" ? [gold, answer] : [answer as Node & { k: "ratio" }, gold];
    if (ratio.args.length !== 2 || isTime(ratio) || !isScalar(other)) return null;
    const quotient: Node = { k: "div", a: ratio.args[0]!, b: ratio.args[1]! };
    c.flags.add("ratio-as-fraction");
    return gold.k === "ratio" ? c.compare(quotient, answer, c) : c.compare(gold, quotient, c);
  }
  if (gold.args.length !== answer.args.length) return null;
  const parts = [];
  const plain = isTime(gold) || isTime(answer);
  for (const [at, arg] of gold.args.entries()) {
    const [x, y]: [Node, Node] = plain
      ? [arg, answer.args[at]!]
      : [
          { k: "mul", args: [arg, answer.args[0]!] },
          { k: "mul", args: [answer.args[at]!, gold.args[0]!] },
        ];
    const part = c.compare(x, y, c);
    if (part === null) return null;
    parts.push(part);
  }
  return structure("ratio", parts);
}

/** 6:05, 12:00: digits with a leading zero, or nothing to scale. */
function isTime(node: Node): boolean {
  return node.k === "ratio" && node.args.some((arg) => arg.k === "num" && (arg.n === 0n || /^0\d/.test(arg.raw)));
}

/** f(x) for f(y), by option. */
function renamedApplication(gold: Node, answer: Node, c: Context): Comparison {
  if (c.settings.strictSymbols || gold.k !== "app" || answer.k !== "app" || gold.name !== answer.name) return null;
  const bare = (node: Node) => node.k === "app" && node.args.length === 1 && node.args[0]!.k === "sym";
  return bare(gold) && bare(answer) ? { kind: "string" } : null;
}
