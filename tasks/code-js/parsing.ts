/** Problems: parsing. */
import type { WrittenProblem } from "rlvr/verifiers";

export const PARSING: readonly WrittenProblem[] = [
  {
    id: "evaluate-sum",
    kind: "calls",
    signature: "evaluate(expression)",
    statement:
      "The value of an expression with whole numbers, + - * /, parentheses and spaces. The usual precedence holds, and operators of one kind go from left to right. There is no unary minus, and no division by zero.",
    comparator: "floats",
    examples: [
      [["1 + 2 * 3"], 7],
      [["(1 + 2) * 3"], 9],
    ],
    hidden: [
      [["42"], 42],
      [["8 / 4 / 2"], 1],
      [["10 - 2 - 3"], 5],
      [["2*(3+4)*5"], 70],
      [["((7))"], 7],
      [["100 - (5 - (3 - 1))"], 97],
      [["7 / 2"], 3.5],
      [[" 12+ 34 *2"], 80],
    ],
    solution: String.raw`
function evaluate(expression) {
  const tokens = expression.match(/\d+|[-+*/()]/g);
  let at = 0;
  const chain = (operators, operand) => {
    let value = operand();
    while (operators.includes(tokens[at])) {
      const operator = tokens[at++];
      const right = operand();
      if (operator === "+") value += right;
      else if (operator === "-") value -= right;
      else if (operator === "*") value *= right;
      else value /= right;
    }
    return value;
  };
  const sum = () => chain(["+", "-"], product);
  const product = () => chain(["*", "/"], atom);
  const atom = () => {
    if (tokens[at] !== "(") return Number(tokens[at++]);
    at++;
    const value = sum();
    at++;
    return value;
  };
  return sum();
}
`,
    wrong: String.raw`
function evaluate(expression) {
  const tokens = expression.match(/\d+|[-+*/]/g);
  let value = Number(tokens[0]);
  for (let i = 1; i < tokens.length; i += 2) {
    const right = Number(tokens[i + 1]);
    value = tokens[i] === "+" ? value + right : tokens[i] === "-" ? value - right : tokens[i] === "*" ? value * right : value / right;
  }
  return value;
}
`,
  },
  {
    id: "parse-query",
    kind: "calls",
    signature: "parseQuery(query)",
    statement:
      "The fields of a query such as `a=1&b=2` as an object of texts. A name that occurs several times has a list of its values in order. A part without `=` has the value ``. Empty parts do not count; nothing is decoded.",
    examples: [
      [["a=1&b=2"], { a: "1", b: "2" }],
      [["tag=x&tag=y"], { tag: ["x", "y"] }],
    ],
    hidden: [
      [[""], {}],
      [["a"], { a: "" }],
      [["a=&b"], { a: "", b: "" }],
      [["&&a=1&"], { a: "1" }],
      [["x=1=2"], { x: "1=2" }],
      [["k=1&k=2&k=3&l=4"], { k: ["1", "2", "3"], l: "4" }],
      [["a=1&A=2"], { a: "1", A: "2" }],
    ],
    solution: `
function parseQuery(query) {
  const fields = {};
  for (const part of query.split("&").filter((one) => one !== "")) {
    const cut = part.includes("=") ? part.indexOf("=") : part.length;
    const [name, value] = [part.slice(0, cut), part.slice(cut + 1)];
    if (!Object.hasOwn(fields, name)) fields[name] = value;
    else fields[name] = [fields[name], value].flat();
  }
  return fields;
}
`,
    wrong: `
function parseQuery(query) {
  const fields = {};
  for (const part of query.split("&")) {
    const [name, value = ""] = part.split("=");
    fields[name] = name in fields ? [fields[name], value] : value;
  }
  return fields;
}
`,
  },
  {
    id: "bracket-fault",
    kind: "calls",
    signature: "bracketFault(text)",
    statement:
      "The position of the first bracket of `()[]{}` that does not fit, or the length of `text` where brackets stay open at its end; -1 if all fit. Other characters do not count.",
    examples: [
      [["a(b]c"], 3],
      [["([]{})"], -1],
    ],
    hidden: [
      [[""], -1],
      [["("], 1],
      [[")"], 0],
      [["(()"], 3],
      [["([)]"], 2],
      [["{[()]}x]"], 7],
      [["no brackets"], -1],
      [["}{"], 0],
    ],
    solution: `
function bracketFault(text) {
  const closing = { "(": ")", "[": "]", "{": "}" };
  const open = [];
  for (let at = 0; at < text.length; at++) {
    const symbol = text[at];
    if (symbol in closing) open.push(closing[symbol]);
    else if (")]}".includes(symbol) && open.pop() !== symbol) return at;
  }
  return open.length === 0 ? -1 : text.length;
}
`,
    wrong: `
function bracketFault(text) {
  let open = 0;
  for (let at = 0; at < text.length; at++) {
    if ("([{".includes(text[at])) open++;
    else if (")]}".includes(text[at]) && --open < 0) return at;
  }
  return open === 0 ? -1 : text.length;
}
`,
  },
];
