/**
 * Speed and errors of the math verifier on answers of the kind that competition sets have:
 *
 *   node --conditions=rlvr-source bench/math.ts [pairs]
 *
 * Kinds are drawn as in such a set (64 % plain numbers, 13 % fractions, then roots, π, polynomials, tuples, intervals,
 * sets, matrices, units, text). Half of the answers are the gold in another form, half are near misses. Golds are read
 * anew for each pair of the first pass, so the cost of parsing both sides is in the figures. Math-Verify runs on the same
 * pairs where its Python package is installed.
 */
import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, loadavg } from "node:os";
import { Rng } from "../src/rng.ts";
import { verifyAnswer, verifyResponse } from "../src/verifiers/math/index.ts";

const COUNT = Number(process.argv[2] ?? 20_000);
const WARM_UP = 3_000;

interface Pair {
  readonly gold: string;
  readonly answer: string;
  readonly equal: boolean;
}

type Kind = (draw: (below: number) => number, equal: boolean) => readonly [gold: string, answer: string];

/** [share in percent, how to draw a gold and an answer that is equal to it or not]. */
const KINDS: readonly (readonly [number, Kind])[] = [
  [44, (draw, equal) => [`${draw(2000)}`, ""].map((_, at, [n]) => (at === 0 ? n! : `${Number(n) + (equal ? 0 : 1)}`)) as [string, string]],
  [14, (draw, equal) => { const n = 1000 + draw(9_000_000); return [`${n}`, (n + (equal ? 0 : 10)).toLocaleString("en-US")]; }],
  [6, (draw, equal) => { const n = draw(5000); return [(n / 100).toFixed(2), `\\$${((n + (equal ? 0 : 1)) / 100).toFixed(2)}`]; }],
  [13, (draw, equal) => { const [n, d, k] = [1 + draw(60), 2 + draw(40), 1 + draw(5)]; return [`\\frac{${n}}{${d}}`, `\\dfrac{${n * k + (equal ? 0 : 1)}}{${d * k}}`]; }],
  [5, (draw, equal) => { const [a, b] = [2 + draw(9), 2 + draw(30)]; return [`${a}\\sqrt{${b}}`, `\\sqrt{${a * a * b + (equal ? 0 : 1)}}`]; }],
  [3, (draw, equal) => { const [n, d] = [1 + draw(20), 2 + draw(9)]; return [`\\frac{${n}\\pi}{${d}}`, `\\frac{${n + (equal ? 0 : 1)}}{${d}}\\pi`]; }],
  [4, (draw, equal) => { const [a, b] = [1 + draw(9), 1 + draw(9)]; return [`(x+${a})(x-${b})`, `x^2+${a - b}x-${a * b + (equal ? 0 : 1)}`.replace("+-", "-")]; }],
  [3, (draw, equal) => { const [a, b] = [draw(20), draw(20)]; return [`(${a},${b})`, `\\left( ${a}, ${b + (equal ? 0 : 1)} \\right)`]; }],
  [2, (draw, equal) => { const [a, b] = [draw(20), 21 + draw(20)]; return [`(-\\infty,${a})\\cup[${b},\\infty)`, `[${b},\\infty)\\cup(-\\infty,${a}${equal ? ")" : "]"}`]; }],
  [2, (draw, equal) => { const [a, b] = [draw(20), 21 + draw(20)]; return [`${a}, ${b}`, `\\{${b}, ${a + (equal ? 0 : 1)}\\}`]; }],
  [1, (draw, equal) => { const [a, b] = [draw(20), draw(20)]; return [`\\begin{pmatrix}${a}&${b}\\\\1&2\\end{pmatrix}`, `\\begin{bmatrix} ${a} & ${b} \\\\ 1 & ${equal ? 2 : 3} \\end{bmatrix}`]; }],
  [2, (draw, equal) => { const n = 1 + draw(90); return [`${n}\\text{ cm}`, equal ? `${n}` : `${n}\\text{ m}`]; }],
  [1, (_, equal) => ["\\text{Evelyn}", equal ? "Evelyn" : "Carla"]],
];
