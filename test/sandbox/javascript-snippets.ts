/** The contract's snippets in JavaScript. */
import type { Plain } from "../../src/sandbox/plain.ts";
import type { Snippets } from "./contract.ts";

const hostileKeys = JSON.parse('{"__proto__":1,"$":2,"constructor":3}') as Plain;

export const JAVASCRIPT: Snippets = {
  language: "javascript",
  add: "function add(a, b) { return a + b; }",
  count: "let n = 0; const count = () => ++n;",
  counter: "class Counter { n = 0; count() { return ++this.n; } }",
  echo: "const echo = (x) => x;",
  echoed: [
    ...[null, undefined, true, 0, -0, 2.5, Number.NaN, -Infinity, 2n ** 70n, "", "ü\u0000\ud800"],
    ...[[], [1, ["a"]], { a: { b: [] } }, hostileKeys, new Map<Plain, Plain>([[[1], "a"]]), new Set([1, "1"])],
    new Uint8Array([0, 255]),
  ],
  check: "function check(x) { while (x === 1); if (x === 2) throw new Error('two'); return x; }",
  chance: "const chance = () => [Math.random(), Date.now(), new Date().toISOString(), performance.now()];",
  sum: `
    const lines = require("fs").readFileSync(0, "utf8").split(/\\r?\\n/).filter(Boolean);
    while (lines[0] === "loop");
    console.log(lines.map(Number).reduce((a, b) => a + b, 0));`,
  endings: {
    runtime_error: "function f() { null.x; }",
    compile_error: "function f( {",
    timeout: "function f() { for (;;); }",
    memory: "function f() { const all = []; for (;;) all.push('x'.repeat(2 ** 20).split('')); }",
    output_limit: "function f() { return 'x'.repeat(5000); }",
  },
  tests: {
    right: "assert.equal(add(1, 2), 3); assert(add('a', 'b') === 'ab');",
    wrong: "assert.equal(add(1, 2), 4);",
    none: "const x = 1;",
    broken: "assert(",
  },
};
