/** Problems: asserts. */
import type { WrittenProblem } from "rlvr/verifiers";

export const ASSERTS: readonly WrittenProblem[] = [
  {
    id: "escape-field",
    kind: "asserts",
    signature: "escapeField(text), unescapeField(text)",
    entries: ["escapeField", "unescapeField"],
    statement:
      "Two functions on texts: `escapeField` gives a text without commas and line breaks, and `unescapeField` gives back exactly what was escaped, for every text. How is up to you.",
    examples: [
      String.raw`
assert.equal(unescapeField(escapeField("a,b")), "a,b");
assert.ok(!/[,\n]/.test(escapeField("a,b")));
`,
    ],
    hidden: [
      String.raw`
assert.equal(unescapeField(escapeField("")), "");
assert.ok(!/[,\n]/.test(escapeField("")));
`,
      String.raw`
assert.equal(unescapeField(escapeField("a\nb,c")), "a\nb,c");
assert.ok(!/[,\n]/.test(escapeField("a\nb,c")));
`,
      String.raw`
assert.equal(unescapeField(escapeField("\\n")), "\\n");
assert.ok(!/[,\n]/.test(escapeField("\\n")));
`,
      String.raw`
assert.equal(unescapeField(escapeField("\\\\,\\")), "\\\\,\\");
assert.ok(!/[,\n]/.test(escapeField("\\\\,\\")));
`,
      String.raw`
assert.equal(unescapeField(escapeField("%2C%0A")), "%2C%0A");
assert.ok(!/[,\n]/.test(escapeField("%2C%0A")));
`,
      String.raw`
assert.equal(unescapeField(escapeField(",,\n\n\\c\\n")), ",,\n\n\\c\\n");
assert.ok(!/[,\n]/.test(escapeField(",,\n\n\\c\\n")));
`,
      String.raw`
assert.equal(unescapeField(escapeField("&#44; &comma;")), "&#44; &comma;");
assert.ok(!/[,\n]/.test(escapeField("&#44; &comma;")));
`,
    ],
    solution: String.raw`
function escapeField(text) {
  return text.replaceAll("\\", "\\\\").replaceAll(",", "\\c").replaceAll("\n", "\\n");
}

function unescapeField(text) {
  return text.replace(/\\(.)/g, (_, letter) => ({ c: ",", n: "\n" })[letter] ?? letter);
}
`,
    wrong: String.raw`
function escapeField(text) {
  return text.replaceAll(",", "\\c").replaceAll("\n", "\\n");
}

function unescapeField(text) {
  return text.replaceAll("\\c", ",").replaceAll("\\n", "\n");
}
`,
  },
  {
    id: "two-squares",
    kind: "asserts",
    signature: "twoSquares(number)",
    entries: ["twoSquares"],
    statement:
      "Two whole numbers of at least 0 whose squares add up to `number`, as a list; null where there are none. Any such pair is right.",
    examples: [
      `
const pair = twoSquares(5);
assert.equal(pair.length, 2);
assert.ok(pair.every((side) => Number.isInteger(side) && side >= 0));
assert.equal(pair[0] ** 2 + pair[1] ** 2, 5);
`,
      "assert.equal(twoSquares(3), null);",
    ],
    hidden: [
      `
const pair = twoSquares(0);
assert.equal(pair.length, 2);
assert.ok(pair.every((side) => Number.isInteger(side) && side >= 0));
assert.equal(pair[0] ** 2 + pair[1] ** 2, 0);
`,
      `
const pair = twoSquares(1);
assert.equal(pair.length, 2);
assert.ok(pair.every((side) => Number.isInteger(side) && side >= 0));
assert.equal(pair[0] ** 2 + pair[1] ** 2, 1);
`,
      `
const pair = twoSquares(50);
assert.equal(pair.length, 2);
assert.ok(pair.every((side) => Number.isInteger(side) && side >= 0));
assert.equal(pair[0] ** 2 + pair[1] ** 2, 50);
`,
      `
const pair = twoSquares(325);
assert.equal(pair.length, 2);
assert.ok(pair.every((side) => Number.isInteger(side) && side >= 0));
assert.equal(pair[0] ** 2 + pair[1] ** 2, 325);
`,
      `
const pair = twoSquares(1000);
assert.equal(pair.length, 2);
assert.ok(pair.every((side) => Number.isInteger(side) && side >= 0));
assert.equal(pair[0] ** 2 + pair[1] ** 2, 1000);
`,
      "assert.equal(twoSquares(7), null);",
      "assert.equal(twoSquares(999), null);",
      `
const pair = twoSquares(99225);
assert.equal(pair.length, 2);
assert.ok(pair.every((side) => Number.isInteger(side) && side >= 0));
assert.equal(pair[0] ** 2 + pair[1] ** 2, 99225);
`,
    ],
    solution: `
function twoSquares(number) {
  for (let side = 0; side * side <= number; side++) {
    const other = Math.sqrt(number - side * side);
    if (Number.isInteger(other)) return [side, other];
  }
  return null;
}
`,
    wrong: `
function twoSquares(number) {
  for (let side = 1; side * side < number; side++) {
    const other = Math.sqrt(number - side * side);
    if (Number.isInteger(other)) return [side, other];
  }
  return null;
}
`,
  },
];
