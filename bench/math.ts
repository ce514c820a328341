/**
 * Speed and errors of the math verifier on answers of the kind that competition sets have:
 *
 *   node --conditions=rlvr-source bench/math.ts [pairs]
 *
 * Kinds are drawn as in such a set: 64 % plain numbers, 13 % fractions, then roots, π, polynomials, tuples, intervals,
 * sets, matrices, units, words. Half of the answers are the gold in another form, half are near misses. Times hold the
 * reading of both sides. Math-Verify judges the same pairs in the same run where its Python package is installed.
 */
import { spawnSync } from "node:child_process";
import { availableParallelism, cpus, loadavg } from "node:os";
import { Rng } from "../src/rng.ts";
import { verifyAnswer } from "../src/verifiers/math/index.ts";

const PAIRS = Number(process.argv[2] ?? 20_000);
const WARM_UP = 3_000; // pairs that are not timed
const PEER_PAIRS = 500; // Math-Verify is some 10 times slower

interface Pair {
  readonly gold: string;
  readonly answer: string;
  readonly equal: boolean;
}

/** Writes a gold and an answer; `miss` is 0 for an equal answer and 1 for a near miss. */
type Kind = (rng: Rng, miss: 0 | 1) => readonly [gold: string, answer: string];

const KINDS: readonly (readonly [Kind, share: number])[] = [
  [wholeNumber, 0.44],
  [groupedNumber, 0.14],
  [money, 0.06],
  [fraction, 0.13],
  [root, 0.05],
  [multipleOfPi, 0.03],
  [polynomial, 0.04],
  [tuple, 0.03],
  [union, 0.02],
  [list, 0.02],
  [matrix, 0.01],
  [quantity, 0.02],
  [words, 0.01],
];

function wholeNumber(rng: Rng, miss: 0 | 1) {
  const n = rng.integer(-200, 2000);
  return [`${n}`, `x = ${n + miss}`] as const;
}

function groupedNumber(rng: Rng, miss: 0 | 1) {
  const n = rng.integer(1000, 9_000_000);
  return [`${n}`, (n + 10 * miss).toLocaleString("en-US")] as const;
}

function money(rng: Rng, miss: 0 | 1) {
  const cents = rng.integer(1, 50_000);
  return [(cents / 100).toFixed(2), `\\$${((cents + miss) / 100).toFixed(2)}`] as const;
}

function fraction(rng: Rng, miss: 0 | 1) {
  const [n, d, k] = [rng.integer(1, 60), rng.integer(2, 40), rng.integer(1, 5)];
  return [`\\frac{${n}}{${d}}`, `\\dfrac{${n * k + miss}}{${d * k}}`] as const;
}

function root(rng: Rng, miss: 0 | 1) {
  const [a, b] = [rng.integer(2, 9), rng.integer(2, 30)];
  return [`${a}\\sqrt{${b}}`, `\\sqrt{${a * a * b + miss}}`] as const;
}

function multipleOfPi(rng: Rng, miss: 0 | 1) {
  const [n, d] = [rng.integer(1, 20), rng.integer(2, 9)];
  return [`\\frac{${n}\\pi}{${d}}`, `\\frac{${n + miss}}{${d}}\\pi`] as const;
}

function polynomial(rng: Rng, miss: 0 | 1) {
  const [a, b] = [rng.integer(1, 9), rng.integer(1, 9)];
  return [`(x+${a})(x+${b})`, `x^2+${a + b}x+${a * b + miss}`] as const;
}

function tuple(rng: Rng, miss: 0 | 1) {
  const [a, b] = [rng.integer(0, 20), rng.integer(0, 20)];
  return [`(${a},${b})`, `\\left( ${a}, ${b + miss} \\right)`] as const;
}

function union(rng: Rng, miss: 0 | 1) {
  const [a, b] = [rng.integer(0, 20), rng.integer(21, 40)];
  return [`(-\\infty,${a})\\cup[${b},\\infty)`, `[${b},\\infty)\\cup(-\\infty,${a}${miss === 1 ? "]" : ")"}`] as const;
}

function list(rng: Rng, miss: 0 | 1) {
  const [a, b] = [rng.integer(0, 20), rng.integer(22, 40)];
  return [`${a}, ${b}`, `\\{${b}, ${a + miss}\\}`] as const;
}

function matrix(rng: Rng, miss: 0 | 1) {
  const [a, b] = [rng.integer(0, 20), rng.integer(0, 20)];
  const written = (kind: string, last: number) => `\\begin{${kind}}${a}&${b}\\\\1&${last}\\end{${kind}}`;
  return [written("pmatrix", 2), written("bmatrix", 2 + miss)] as const;
}

function quantity(rng: Rng, miss: 0 | 1) {
  const n = rng.integer(1, 90);
  return [`${n}\\text{ cm}`, `${n}${miss === 1 ? "\\text{ m}" : ""}`] as const;
}

function words(_rng: Rng, miss: 0 | 1) {
  return ["\\text{Evelyn}", miss === 1 ? "Carla" : "Evelyn"] as const;
}

const rng = new Rng(1, "math answers");
const pairs: readonly Pair[] = Array.from({ length: WARM_UP + PAIRS }, () => {
  const miss = rng.integer(0, 1) as 0 | 1;
  const [gold, answer] = rng.weighted(KINDS)(rng, miss);
  return { gold, answer, equal: miss === 0 };
});

let errors = 0;
const times: number[] = [];
for (const [at, { gold, answer, equal }] of pairs.entries()) {
  const started = performance.now();
  const { outcome } = verifyAnswer(gold, answer);
  const ms = performance.now() - started;
  if (at >= WARM_UP) times.push(ms);
  if ((outcome === "correct") !== equal) {
    errors++;
    console.error(`wrong: ${outcome} for gold ${gold}, answer ${answer}`);
  }
}
report("rlvr", times, errors, pairs.length);

const peer = mathVerify(pairs.slice(0, PEER_PAIRS));
if (peer === null) console.log("Math-Verify: its Python package is not installed here");
else report("Math-Verify", peer.times, peer.errors, PEER_PAIRS);
console.log(
  `${cpus()[0]?.model}, ${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`,
);

function report(name: string, unsorted: readonly number[], wrong: number, judged: number): void {
  const sorted = unsorted.toSorted((a, b) => a - b);
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0).toFixed(3);
  const perSecond = Math.round((1000 * sorted.length) / sorted.reduce((a, b) => a + b, 0));
  console.log(
    `${name}: ${perSecond}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms, ${wrong} of ${judged} wrong`,
  );
}

/** Null where Python or the package is missing. */
function mathVerify(judged: readonly Pair[]): { readonly times: number[]; readonly errors: number } | null {
  const script = [
    "import sys, json, time",
    "from math_verify import parse, verify",
    "out = []",
    "for gold, answer in json.load(sys.stdin):",
    "    start = time.perf_counter()",
    "    ok = verify(parse('$' + gold + '$'), parse('$' + answer + '$'))",
    "    out.append([bool(ok), 1000 * (time.perf_counter() - start)])",
    "print(json.dumps(out))",
  ].join("\n");
  const input = JSON.stringify(judged.map(({ gold, answer }) => [gold, answer]));
  const { status, stdout } = spawnSync("python3", ["-c", script], { input, encoding: "utf8" });
  if (status !== 0) return null;
  const verdicts: [boolean, number][] = JSON.parse(stdout);
  return {
    times: verdicts.map(([, ms]) => ms),
    errors: verdicts.filter(([ok], at) => ok !== judged[at]?.equal).length,
  };
}
