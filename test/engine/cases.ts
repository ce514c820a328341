/**
 * Every operation that programs may use: as a TensorFlow.js function, and index by index in double precision.
 * One table for all engines; each case names the kernel that it is there for.
 */
import { ROTARY, rotary, WIDEN, widen } from "../../src/engine/fused.ts";
import { type Tensor, tf } from "../../src/engine/tf.ts";
import { each, fold, type Nd, nd, pick, sum } from "./nd.ts";

export interface Input {
  readonly shape: readonly number[];
  readonly dtype: "float32" | "int32" | "float16";
  readonly values: readonly number[];
}

export interface Case {
  readonly kernel: string;
  readonly name: string;
  readonly inputs: Readonly<Record<string, Input>>;
  readonly run: (inputs: Record<string, Tensor>) => Tensor;
  readonly reference: (inputs: Record<string, Nd>) => Nd;
  /** Whether gradients by the float32 inputs are checked. False where there is none, or none of one value. */
  readonly gradient: boolean;
}

type Inputs<Name extends string> = { [Key in Name]: Input };

function define<Name extends string>(
  kernel: string,
  name: string,
  inputs: Inputs<Name>,
  run: (inputs: { [Key in Name]: Tensor }) => Tensor,
  reference: (inputs: { [Key in Name]: Nd }) => Nd,
  gradient = true,
): Case {
  // the harness hands each function exactly the inputs that it declared
  return { kernel, name, inputs, run: run as Case["run"], reference: reference as Case["reference"], gradient };
}
const valueOnly: typeof define = (kernel, name, inputs, run, reference) =>
  define(kernel, name, inputs, run, reference, false);

/** Distinct numbers between low and high, in no order: the golden ratio's multiples. */
function floats(shape: readonly number[], low = -2, high = 2): Input {
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Array.from({ length: size }, (_, i) => low + (high - low) * (((i + 1) * 0.6180339887) % 1));
  return { shape, dtype: "float32", values: values.map(Math.fround) };
}
const these = (...values: number[]): Input => ({
  shape: [values.length],
  dtype: "float32",
  values: values.map(Math.fround),
});
/** Eighths, which float16 has exactly. */
const halves = (shape: readonly number[]): Input => {
  const { values } = floats(shape);
  return { shape, dtype: "float16", values: values.map((value) => Math.round(8 * value) / 8) };
};
const ints = (shape: readonly number[], ...values: number[]): Input => ({ shape, dtype: "int32", values });

/** erf by its series, https://dlmf.nist.gov/7.6 eq. 1; enough terms for |x| ≤ 3. */
function erf(x: number): number {
  let [term, total] = [x, x];
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    total += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * total;
}
const floorMod = (a: number, b: number) => a - b * Math.floor(a / b);
const truth = (value: boolean) => Number(value);

const X = these(-2.3, -1.4, -0.7, -0.11, 0.4, 0.9, 1.6, 2.9);
const POSITIVE = these(0.02, 0.3, 0.9, 1, 1.7, 4, 30);

const unary = (kernel: string, input: Input, run: (x: Tensor) => Tensor, reference: (x: number) => number, note = "") =>
  define(
    kernel,
    `${kernel}${note}`,
    { x: input },
    ({ x }) => run(x),
    ({ x }) => each(reference, x),
  );

const UNARY: Case[] = [
  unary("Abs", X, tf.abs, Math.abs),
  unary("Ceil", X, tf.ceil, Math.ceil),
  unary("Cos", X, tf.cos, Math.cos),
  unary("Erf", X, tf.erf, erf),
  unary("Exp", X, tf.exp, Math.exp),
  unary("Expm1", these(-2, -0.5, -0.02, -1e-4, 1e-6, 1e-3, 0.019, 0.021, 1.5), tf.expm1, Math.expm1),
  unary("Floor", X, tf.floor, Math.floor),
  unary(
    "Identity",
    X,
    (x) => x.clone(),
    (x) => x,
  ),
  unary("Log", POSITIVE, tf.log, Math.log),
  unary("Log1p", these(-0.6, -0.02, -1e-4, 1e-6, 1e-3, 0.019, 0.021, 1.5), tf.log1p, Math.log1p),
  unary("Neg", X, tf.neg, (x) => -x),
  unary("Reciprocal", X, tf.reciprocal, (x) => 1 / x),
  unary("Relu", X, tf.relu, (x) => Math.max(x, 0)),
  unary("Round", X, tf.round, Math.round),
  unary("Rsqrt", POSITIVE, tf.rsqrt, (x) => 1 / Math.sqrt(x)),
  unary("Sigmoid", X, tf.sigmoid, (x) => 1 / (1 + Math.exp(-x))),
  unary("Sign", X, tf.sign, Math.sign),
  unary("Sin", X, tf.sin, Math.sin),
  unary("Softplus", these(-30, -2, -0.1, 0.3, 2, 30), tf.softplus, (x) => Math.log1p(Math.exp(x))),
  unary("Sqrt", POSITIVE, tf.sqrt, Math.sqrt),
  unary("Square", X, tf.square, (x) => x * x),
  unary(
    "Step",
    X,
    (x) => tf.step(x),
    (x) => truth(x > 0),
  ),
  unary(
    "Step",
    X,
    (x) => tf.step(x, 0.3),
    (x) => (x > 0 ? 1 : 0.3),
    " with a slope below 0",
  ),
  unary("Tanh", X, tf.tanh, Math.tanh),
  unary(
    "ClipByValue",
    X,
    (x) => tf.clipByValue(x, -1, 1.2),
    (x) => Math.min(Math.max(x, -1), 1.2),
  ),
  valueOnly(
    "Round",
    "Round takes halves to the even side",
    { x: these(-2.5, -1.5, -0.5, 0.5, 1.5, 2.5) },
    ({ x }) => x.round(),
    () => nd([6], (i) => [-2, -2, 0, 0, 2, 2][i] as number),
  ),
  valueOnly(
    "IsNan",
    "IsNan",
    { x: these(1, Number.NaN, Number.POSITIVE_INFINITY, 0) },
    ({ x }) => x.isNaN(),
    ({ x }) => each((v) => truth(Number.isNaN(v)), x),
  ),
  valueOnly(
    "LogicalNot",
    "LogicalNot",
    { x: ints([3], 0, 1, 2) },
    ({ x }) => x.cast("bool").logicalNot(),
    ({ x }) => each((v) => truth(v === 0), x),
  ),
  valueOnly(
    "Neg",
    "Neg of integers",
    { x: ints([3], -5, 0, 7) },
    ({ x }) => x.neg(),
    ({ x }) => each((v) => -v, x),
  ),
  valueOnly(
    "Abs",
    "Abs of integers",
    { x: ints([3], -5, 0, 7) },
    ({ x }) => x.abs(),
    ({ x }) => each(Math.abs, x),
  ),
  valueOnly(
    "Cast",
    "Cast to integers cuts toward 0",
    { x: these(-1.7, -0.2, 0.9, 2) },
    ({ x }) => x.cast("int32"),
    ({ x }) => each(Math.trunc, x),
  ),
  valueOnly(
    "Cast",
    "Cast to bool and back",
    { x: these(-1.7, 0, 0.1, 2) },
    ({ x }) => x.cast("bool").cast("float32"),
    ({ x }) => each((v) => truth(v !== 0), x),
  ),
  valueOnly(
    "Cast",
    "Cast of integers to floats",
    { x: ints([3], -3, 0, 16_777_216) },
    ({ x }) => x.cast("float32").div(2),
    ({ x }) => each((v) => v / 2, x),
  ),
];

const FLOAT_PAIR = { a: floats([2, 3, 4]), b: floats([3, 1], 0.4, 1.9) };
const INT_PAIR = { a: ints([2, 3], -7, -3, 0, 3, 8, 16_777_217), b: ints([3], 3, -2, 4) };

const binary = (
  kernel: string,
  run: (a: Tensor, b: Tensor) => Tensor,
  reference: (a: number, b: number) => number,
  { a, b }: Inputs<"a" | "b"> = FLOAT_PAIR,
  gradient = true,
) => {
  const kind = a.dtype === "int32" ? "integers" : "floats";
  return define(
    kernel,
    `${kernel} of ${kind} [${a.shape}] and [${b.shape}]`,
    { a, b },
    (t) => run(t.a, t.b),
    (n) => each(reference, n.a, n.b),
    gradient,
  );
};
/** TensorFlow.js forgets to sum the gradients of these over broadcast axes, and refuses its own result. */
const withoutBroadcastGradient: (...op: Parameters<typeof binary>) => Case[] = (kernel, run, reference) => [
  binary(kernel, run, reference, FLOAT_PAIR, false),
  binary(kernel, run, reference, { a: floats([2, 3]), b: floats([2, 3], -1.3, 1.4) }),
];
/** Both kinds of numbers, no gradients. */
const comparison = (kernel: string, run: typeof tf.greater, reference: (a: number, b: number) => boolean) => {
  const number = (a: number, b: number) => truth(reference(a, b));
  const floatTies = { a: these(1, 2, 3, -1), b: these(1, 3, 2, -1) };
  return [floatTies, FLOAT_PAIR, { a: ints([2, 3], -7, -2, 4, 3, 8, 1), b: ints([3], 3, -2, 4) }].map((pair) =>
    binary(kernel, run, number, pair, false),
  );
};
const logical = (kernel: string, run: typeof tf.logicalAnd, reference: (a: number, b: number) => number) =>
  valueOnly(
    kernel,
    kernel,
    { a: ints([2, 2], 0, 0, 1, 1), b: ints([2], 0, 1) },
    ({ a, b }) => run(a.cast("bool"), b.cast("bool")),
    ({ a, b }) => each(reference, a, b),
  );

const BINARY: Case[] = [
  binary("Add", tf.add, (a, b) => a + b),
  binary("Add", tf.add, (a, b) => a + b, { a: floats([3]), b: floats([]) }),
  binary("Add", tf.add, (a, b) => a + b, { a: floats([1, 2]), b: floats([3, 1]) }),
  binary("Sub", tf.sub, (a, b) => a - b),
  binary("Multiply", tf.mul, (a, b) => a * b),
  binary("RealDiv", tf.div, (a, b) => a / b),
  ...withoutBroadcastGradient("Maximum", tf.maximum, Math.max),
  ...withoutBroadcastGradient("Minimum", tf.minimum, Math.min),
  binary("Pow", tf.pow, (a, b) => a ** b, { a: floats([2, 3], 0.3, 3), b: floats([3]) }),
  ...withoutBroadcastGradient("SquaredDifference", tf.squaredDifference, (a, b) => (a - b) ** 2),
  binary("Mod", tf.mod, floorMod),
  binary("Mod", tf.mod, floorMod, { a: these(5.5, -5.5, 1000.25, -0.25), b: these(-2, 2, 0.3, -0.7) }),
  // its gradient in TensorFlow.js is that of a division, which is not its derivative
  binary("FloorDiv", tf.floorDiv, (a, b) => Math.floor(a / b), FLOAT_PAIR, false),
  binary("Add", tf.add, (a, b) => a + b, INT_PAIR),
  binary("Sub", tf.sub, (a, b) => a - b, INT_PAIR),
  binary("Multiply", tf.mul, (a, b) => a * b, INT_PAIR),
  binary("Maximum", tf.maximum, Math.max, INT_PAIR),
  binary("Minimum", tf.minimum, Math.min, INT_PAIR),
  binary("Mod", tf.mod, floorMod, INT_PAIR),
  binary("FloorDiv", tf.floorDiv, (a, b) => Math.floor(a / b), INT_PAIR),
  ...comparison("Equal", tf.equal, (a, b) => a === b),
  ...comparison("NotEqual", tf.notEqual, (a, b) => a !== b),
  ...comparison("Greater", tf.greater, (a, b) => a > b),
  ...comparison("GreaterEqual", tf.greaterEqual, (a, b) => a >= b),
  ...comparison("Less", tf.less, (a, b) => a < b),
  ...comparison("LessEqual", tf.lessEqual, (a, b) => a <= b),
  logical("LogicalAnd", tf.logicalAnd, Math.min),
  logical("LogicalOr", tf.logicalOr, Math.max),
  define(
    "AddN",
    "AddN",
    { a: floats([2, 2]), b: floats([2, 2], 1, 3), c: floats([2, 2], -5, 0) },
    ({ a, b, c }) => tf.addN([a, b, c]),
    ({ a, b, c }) => each((u, v, w) => u + v + w, a, b, c),
  ),
  define(
    "Select",
    "Select broadcasts condition and branches",
    { mask: ints([2, 1], 1, 0), yes: floats([2, 3]), no: floats([3], 5, 6) },
    ({ mask, yes, no }) => tf.where(mask.cast("bool"), yes, no),
    ({ mask, yes, no }) => each((m, u, v) => (m ? u : v), mask, yes, no),
  ),
  valueOnly(
    "Select",
    "Select of integers and of bools",
    { mask: ints([4], 1, 1, 0, 0), yes: ints([4], 0, 1, 2, 3), no: ints([4], 9, 8, 0, 5) },
    ({ mask, yes, no }) => {
      const chosen = tf.where(mask.cast("bool"), yes, no);
      return chosen.add(tf.where(mask.cast("bool"), yes.cast("bool"), no.cast("bool")).cast("int32"));
    },
    ({ mask, yes, no }) => each((m, u, v) => (m ? u + truth(u !== 0) : v + truth(v !== 0)), mask, yes, no),
  ),
  define(
    "Select",
    "Select masks scores away before a soft-max",
    { scores: floats([2, 4]), visible: ints([2, 4], 1, 1, 0, 0, 1, 0, 1, 1) },
    ({ scores, visible }) => tf.softmax(tf.where(visible.cast("bool"), scores, -1e9)),
    ({ scores, visible }) => softmax(each((s, v) => (v ? s : -1e9), scores, visible)),
  ),
];

function softmax(x: Nd): Nd {
  const last = x.shape.length - 1;
  const exps = each(
    (v, most) => Math.exp(v - most),
    x,
    fold((vs) => Math.max(...vs), x, [last], true),
  );
  return each((e, total) => e / total, exps, fold(sum, exps, [last], true));
}

type Reduction = (x: Tensor, axis?: number | number[], keepDims?: boolean) => Tensor;
const reductions = (kernel: string, run: Reduction, reference: (values: number[]) => number, gradient = true) => {
  const input = { x: floats([2, 3, 4], 0.4, 2) };
  return [
    define(
      kernel,
      `${kernel} of all`,
      input,
      ({ x }) => run(x),
      ({ x }) => fold(reference, x, [0, 1, 2]),
      gradient,
    ),
    define(
      kernel,
      `${kernel} along two axes`,
      input,
      ({ x }) => run(x, [0, -1]),
      ({ x }) => fold(reference, x, [0, 2]),
      gradient,
    ),
    define(
      kernel,
      `${kernel} along one axis, kept`,
      input,
      ({ x }) => run(x, 1, true),
      ({ x }) => fold(reference, x, [1], true),
      gradient,
    ),
  ];
};
const ofIntegers = (kernel: string, run: (x: Tensor) => Tensor, reference: (values: number[]) => number) =>
  valueOnly(
    kernel,
    `${kernel} of integers`,
    { x: ints([2, 3], 3, -7, 2, 4, 1, 9) },
    ({ x }) => run(x),
    ({ x }) => fold(reference, x, [1]),
  );
const ofBools = (kernel: string, run: (x: Tensor) => Tensor, reference: (values: number[]) => number) =>
  valueOnly(
    kernel,
    kernel,
    { x: ints([3, 2], 0, 0, 0, 1, 1, 1) },
    ({ x }) => run(x.cast("bool")),
    ({ x }) => fold(reference, x, [1]),
  );
const productOf = (values: readonly number[]) => values.reduce((a, b) => a * b, 1);
const argument = (kernel: string, run: typeof tf.argMax, best: (...values: number[]) => number) => {
  const place = (values: number[]) => values.indexOf(best(...values));
  const ties = { ...floats([3, 4]), values: [1, 3, 3, 1, 2, 2, 2, 2, -1, 0, -1, 0] };
  return [
    valueOnly(
      kernel,
      `${kernel}: the first of equals`,
      { x: ties },
      ({ x }) => run(x, 1),
      ({ x }) => fold(place, x, [1]),
    ),
    valueOnly(
      kernel,
      `${kernel} of integers along axis 0`,
      { x: ints([2, 2], 4, 5, 6, -1) },
      ({ x }) => run(x, 0),
      ({ x }) => fold(place, x, [0]),
    ),
  ];
};
/** Running sums along axis 1 of [2, 4]: element j sums those i with `within(i, j)`. */
const running = (name: string, exclusive: boolean, reverse: boolean, within: (i: number, j: number) => boolean) =>
  define(
    "Cumsum",
    `Cumsum ${name}`,
    { x: floats([2, 4]) },
    ({ x }) => tf.cumsum(x, 1, exclusive, reverse),
    ({ x }) => nd([2, 4], (b, j) => sum([0, 1, 2, 3].filter((i) => within(i, j)).map((i) => pick(x, b, i)))),
  );

const REDUCTIONS: Case[] = [
  ...reductions("Sum", tf.sum, sum),
  ...reductions("Mean", tf.mean, (values) => sum(values) / values.length),
  ...reductions("Max", tf.max, (values) => Math.max(...values)),
  ...reductions("Min", tf.min, (values) => Math.min(...values)),
  ...reductions("Prod", tf.prod, productOf, false), // its gradient needs running products, which nothing else uses
  ofIntegers("Sum", (x) => x.sum(1), sum),
  ofIntegers(
    "Mean",
    (x) => x.mean(1),
    (values) => sum(values) / values.length,
  ),
  ofIntegers(
    "Max",
    (x) => x.max(1),
    (values) => Math.max(...values),
  ),
  ofIntegers(
    "Min",
    (x) => x.min(1),
    (values) => Math.min(...values),
  ),
  ofIntegers("Prod", (x) => x.prod(1), productOf),
  ofBools("Sum", (x) => x.sum(1), sum),
  ofBools(
    "All",
    (x) => x.all(1),
    (values) => Math.min(...values),
  ),
  ofBools(
    "Any",
    (x) => x.any(1),
    (values) => Math.max(...values),
  ),
  ...argument("ArgMax", tf.argMax, Math.max),
  ...argument("ArgMin", tf.argMin, Math.min),
  running("forward", false, false, (i, j) => i <= j),
  running("exclusive", true, false, (i, j) => i < j),
  running("in reverse", false, true, (i, j) => i >= j),
  running("exclusive in reverse", true, true, (i, j) => i > j),
  valueOnly(
    "Cumsum",
    "Cumsum of integers along axis 0",
    { x: ints([3, 2], 1, 2, 3, 4, 5, 6) },
    ({ x }) => tf.cumsum(x, 0),
    () => nd([3, 2], (i, j) => [[1, 2], [4, 6], [9, 12]][i]?.[j] as number), // biome-ignore format: a matrix
  ),
  define(
    "Softmax",
    "Softmax",
    { x: floats([2, 3, 4], -5, 5) },
    ({ x }) => tf.softmax(x),
    ({ x }) => softmax(x),
  ),
  define(
    "Softmax",
    "Softmax of numbers whose exponentials overflow",
    { x: these(1000, 1001, 999) },
    ({ x }) => tf.softmax(x),
    ({ x }) => softmax(x),
  ),
];

/** a·b over the last two axes, each transposed on request, leading axes broadcast. */
function matMul(a: Nd, b: Nd, transposeA: boolean, transposeB: boolean): Nd {
  const [m, k] = transposeA ? [a.shape.at(-1), a.shape.at(-2)] : [a.shape.at(-2), a.shape.at(-1)];
  const n = b.shape.at(transposeB ? -2 : -1) as number;
  const lead = each(
    () => 0,
    nd([...a.shape.slice(0, -2), 1], () => 0),
    nd([...b.shape.slice(0, -2), 1], () => 0),
  ).shape;
  return nd([...lead.slice(0, -1), m as number, n], (...index) => {
    const [i, j] = index.slice(-2) as [number, number];
    const batch = index.slice(0, -2);
    const terms = Array.from({ length: k as number }, (_, t) => {
      const left = pick(a, ...batch, ...(transposeA ? [t, i] : [i, t]));
      return left * pick(b, ...batch, ...(transposeB ? [j, t] : [t, j]));
    });
    return sum(terms);
  });
}

const PRODUCTS: Case[] = [
  ["[2, 3]·[3, 4]", [2, 3], [3, 4], false, false],
  ["[3, 2]ᵀ·[3, 4]", [3, 2], [3, 4], true, false],
  ["[2, 3]·[4, 3]ᵀ", [2, 3], [4, 3], false, true],
  ["[3, 2]ᵀ·[4, 3]ᵀ", [3, 2], [4, 3], true, true],
  ["[2, 2, 3]·[2, 3, 4]", [2, 2, 3], [2, 3, 4], false, false],
  ["[2, 2, 3]·[2, 4, 3]ᵀ", [2, 2, 3], [2, 4, 3], false, true],
  ["[2, 3, 2]ᵀ·[2, 3, 4]", [2, 3, 2], [2, 3, 4], true, false],
  ["[2, 3, 2, 3]·[2, 3, 2, 3]ᵀ", [2, 3, 2, 3], [2, 3, 2, 3], false, true],
].map(([name, a, b, transposeA, transposeB]) => {
  const [tA, tB] = [transposeA as boolean, transposeB as boolean];
  const inputs = { a: floats(a as number[]), b: floats(b as number[], -1, 3) };
  return define(
    "BatchMatMul",
    `BatchMatMul ${name}`,
    inputs,
    (t) => tf.matMul(t.a, t.b, tA, tB),
    (n) => matMul(n.a, n.b, tA, tB),
  );
});

const SHAPES: Case[] = [
  define(
    "Concat",
    "Concat along axis 1, an empty part among them",
    { a: floats([2, 1]), b: floats([2, 3], 5, 6) },
    ({ a, b }) => tf.concat([a, tf.zeros([2, 0]), b], 1),
    ({ a, b }) => nd([2, 4], (i, j) => (j < 1 ? pick(a, i, j) : pick(b, i, j - 1))),
  ),
  valueOnly(
    "Concat",
    "Concat of integers",
    { a: ints([2], 1, 2), b: ints([1], 3) },
    ({ a, b }) => tf.concat([a, b]),
    () => nd([3], (i) => i + 1),
  ),
  define(
    "ExpandDims",
    "ExpandDims",
    { x: floats([2, 3]) },
    ({ x }) => x.expandDims(1).mul(x.expandDims(-1)).expandDims(0),
    ({ x }) => nd([1, 2, 3, 3], (_, b, i, j) => pick(x, b, i) * pick(x, b, j)),
  ),
  define(
    "Fill",
    "Fill",
    { x: floats([3]) },
    ({ x }) => x.mul(tf.fill([2, 1], 1.5)),
    ({ x }) => nd([2, 3], (_, j) => 1.5 * pick(x, j)),
  ),
  define(
    "OnesLike",
    "OnesLike",
    { x: floats([2, 2]) },
    ({ x }) => tf.onesLike(x).mul(2).sub(x),
    ({ x }) => each((v) => 2 - v, x),
  ),
  define(
    "ZerosLike",
    "ZerosLike",
    { x: floats([2, 2]) },
    ({ x }) => tf.zerosLike(x).add(x),
    ({ x }) => x,
  ),
  define(
    "Pack",
    "Pack along axis 1",
    { a: floats([2, 3]), b: floats([2, 3], 5, 6) },
    ({ a, b }) => tf.stack([a, b], 1),
    ({ a, b }) => nd([2, 2, 3], (i, which, j) => pick(which === 0 ? a : b, i, j)),
  ),
  define(
    "PadV2",
    "PadV2",
    { x: floats([2, 2]) },
    ({ x }) => tf.pad(x, [[1, 0], [2, 1]], 0.5), // biome-ignore format: a matrix
    ({ x }) => nd([3, 5], (i, j) => (i >= 1 && j >= 2 && j < 4 ? pick(x, i - 1, j - 2) : 0.5)),
  ),
  valueOnly(
    "PadV2",
    "PadV2 of integers",
    { x: ints([2], 4, 5) },
    ({ x }) => tf.pad(x, [[2, 1]], 7),
    () => nd([5], (i) => [7, 7, 4, 5, 7][i] as number),
  ),
  valueOnly(
    "Range",
    "Range of integers and floats",
    { x: ints([3], 1, 2, 3) },
    ({ x }) =>
      x
        .add(tf.range(7, 1, -2, "int32"))
        .cast("float32")
        .add(tf.range(0, 1.5, 0.5)),
    () => nd([3], (i) => i + 1 + (7 - 2 * i) + 0.5 * i),
  ),
  define(
    "Reshape",
    "Reshape",
    { x: floats([2, 6]) },
    ({ x }) => x.reshape([3, -1, 2]),
    ({ x }) => ({
      ...x,
      shape: [3, 2, 2],
    }),
  ),
  define(
    "Reverse",
    "Reverse along two axes",
    { x: floats([2, 3, 2]) },
    ({ x }) => tf.reverse(x, [0, -1]),
    ({ x }) => nd([2, 3, 2], (i, j, k) => pick(x, 1 - i, j, 1 - k)),
  ),
  valueOnly(
    "Reverse",
    "Reverse of integers",
    { x: ints([3], 1, 2, 3) },
    ({ x }) => tf.reverse(x),
    () => nd([3], (i) => 3 - i),
  ),
  define(
    "Slice",
    "Slice",
    { x: floats([3, 4, 2]) },
    ({ x }) => tf.slice(x, [1, 0, 1], [2, -1, 1]),
    ({ x }) => nd([2, 4, 1], (i, j) => pick(x, i + 1, j, 1)),
  ),
  valueOnly(
    "Slice",
    "Slice of integers",
    { x: ints([4], 1, 2, 3, 4) },
    ({ x }) => x.slice(1, 2),
    () => nd([2], (i) => i + 2),
  ),
  define(
    "SplitV",
    "SplitV into given sizes",
    { x: floats([2, 6]) },
    ({ x }) => {
      const [a, b, c] = tf.split(x, [1, 2, 3], 1) as [Tensor, Tensor, Tensor];
      return tf.concat([c, a.mul(2), b], 1);
    },
    ({ x }) => nd([2, 6], (i, j) => (j < 3 ? pick(x, i, j + 3) : j < 4 ? 2 * pick(x, i, 0) : pick(x, i, j - 3))),
  ),
  define(
    "SplitV",
    "SplitV into equal parts, one unused",
    { x: floats([4, 2]) },
    ({ x }) => tf.split(x, 2)[1] as Tensor,
    ({ x }) => nd([2, 2], (i, j) => pick(x, i + 2, j)),
  ),
  valueOnly(
    "StridedSlice",
    "StridedSlice",
    { x: floats([5, 6]) },
    ({ x }) => tf.stridedSlice(x, [1, 0], [5, 6], [2, 3]),
    ({ x }) => nd([2, 2], (i, j) => pick(x, 1 + 2 * i, 3 * j)),
  ),
  valueOnly(
    "StridedSlice",
    "StridedSlice backwards, from negative places and past the end",
    { x: floats([5, 6]) },
    ({ x }) => tf.stridedSlice(x, [-2, 3], [-6, 99], [-2, 2]),
    ({ x }) => nd([2, 2], (i, j) => pick(x, 3 - 2 * i, 3 + 2 * j)),
  ),
  valueOnly(
    "StridedSlice",
    "StridedSlice with masks: every second of all rows",
    { x: floats([5, 4]) },
    ({ x }) => tf.stridedSlice(x, [2, 1], [3, 3], [2, 1], 1, 1),
    ({ x }) => nd([3, 2], (i, j) => pick(x, 2 * i, j + 1)),
  ),
  define(
    "Tile",
    "Tile",
    { x: floats([2, 2]) },
    ({ x }) => tf.tile(x, [1, 3]),
    ({ x }) => nd([2, 6], (i, j) => pick(x, i, j % 2)),
  ),
  define(
    "Tile",
    "Tile of axes of size 1, a broadcast",
    { x: floats([2, 1]), y: floats([2, 3]) },
    ({ x, y }) => tf.tile(x, [1, 3]).mul(y),
    ({ x, y }) => each((u, v) => u * v, x, y),
  ),
  define(
    "Transpose",
    "Transpose",
    { x: floats([2, 3, 4]) },
    ({ x }) => tf.transpose(x, [2, 0, 1]),
    ({ x }) => nd([4, 2, 3], (k, i, j) => pick(x, i, j, k)),
  ),
  define(
    "Unpack",
    "Unpack along axis 1",
    { x: floats([2, 3]) },
    ({ x }) => {
      const [a, b, c] = tf.unstack(x, 1) as [Tensor, Tensor, Tensor];
      return a.mul(b).add(c);
    },
    ({ x }) => nd([2], (i) => pick(x, i, 0) * pick(x, i, 1) + pick(x, i, 2)),
  ),
];

const INDICES: Case[] = [
  define(
    "GatherV2",
    "GatherV2 of rows, some twice",
    { x: floats([4, 3]), rows: ints([2, 3], 0, 2, 2, 3, 0, 2) },
    ({ x, rows }) => tf.gather(x, rows as never),
    ({ x, rows }) => nd([2, 3, 3], (a, b, j) => pick(x, pick(rows, a, b), j)),
  ),
  define(
    "GatherV2",
    "GatherV2 along the last axis",
    { x: floats([2, 3, 4]), places: ints([2], 3, 1) },
    ({ x, places }) => tf.gather(x, places as never, 2),
    ({ x, places }) => nd([2, 3, 2], (i, j, k) => pick(x, i, j, pick(places, k))),
  ),
  valueOnly(
    "GatherV2",
    "GatherV2 of integers",
    { x: ints([3], 7, 8, 9), places: ints([2], 2, 0) },
    ({ x, places }) => tf.gather(x, places as never),
    () => nd([2], (i) => [9, 7][i] as number),
  ),
  valueOnly(
    "GatherNd",
    "GatherNd",
    { x: floats([2, 3, 2]), places: ints([2, 2], 1, 0, 0, 2) },
    ({ x, places }) => tf.gatherND(x, places),
    ({ x, places }) => nd([2, 2], (n, k) => pick(x, pick(places, n, 0), pick(places, n, 1), k)),
  ),
  valueOnly(
    "OneHot",
    "OneHot",
    { ids: ints([2, 2], 2, 0, 1, 2) },
    ({ ids }) => tf.oneHot(ids, 3, 5, -1),
    ({ ids }) => nd([2, 2, 3], (n, m, v) => (pick(ids, n, m) === v ? 5 : -1)),
  ),
  valueOnly(
    "ScatterNd",
    "ScatterNd of rows adds where places repeat",
    { places: ints([4, 1], 1, 3, 1, 1), rows: floats([4, 2]) },
    ({ places, rows }) => tf.scatterND(places, rows, [5, 2]),
    ({ places, rows }) =>
      nd([5, 2], (i, j) => sum([0, 1, 2, 3].filter((n) => pick(places, n, 0) === i).map((n) => pick(rows, n, j)))),
  ),
  valueOnly(
    "ScatterNd",
    "ScatterNd of integers into two axes",
    { places: ints([3, 2], 0, 1, 1, 2, 0, 1), values: ints([3], 10, 20, 5) },
    ({ places, values }) => tf.scatterND(places, values, [2, 3]),
    () => nd([2, 3], (i, j) => [[0, 15, 0], [0, 0, 20]][i]?.[j] as number), // biome-ignore format: a matrix
  ),
  define(
    "UnsortedSegmentSum",
    "UnsortedSegmentSum",
    { x: floats([5, 2]), ids: ints([5], 2, 0, 2, 2, 0) },
    ({ x, ids }) => tf.unsortedSegmentSum(x, ids as never, 4),
    ({ x, ids }) =>
      nd([4, 2], (s, j) => sum([0, 1, 2, 3, 4].filter((n) => pick(ids, n) === s).map((n) => pick(x, n, j)))),
  ),
  valueOnly(
    WIDEN,
    "widen makes float32 of float16",
    { x: halves([2, 3]), cause: floats([4]) },
    ({ x, cause }) => widen(x, cause),
    ({ x }) => nd([2, 3], (i, j) => pick(x, i, j)),
  ),
  valueOnly(
    WIDEN,
    "widen does not mind a cause that is no number",
    { x: halves([2]), cause: { shape: [1], dtype: "float32", values: [Number.NaN] } },
    ({ x, cause }) => widen(x, cause),
    ({ x }) => nd([2], (i) => pick(x, i)),
  ),
  valueOnly(
    ROTARY,
    "rotary turns the two halves of each head",
    { x: floats([2, 3, 2, 8]), cos: floats([3, 4], -1, 1), sin: floats([3, 4], -0.9, 0.7) },
    ({ x, cos, sin }) => rotary(x, cos, sin),
    ({ x, cos, sin }) =>
      nd([2, 3, 2, 8], (b, t, h, i) => {
        const [c, s] = [pick(cos, t, i % 4), pick(sin, t, i % 4)];
        const turned = i < 4 ? -pick(x, b, t, h, i + 4) : pick(x, b, t, h, i - 4);
        return pick(x, b, t, h, i) * c + turned * s;
      }),
  ),
];

export const CASES: readonly Case[] = [...UNARY, ...BINARY, ...REDUCTIONS, ...PRODUCTS, ...SHAPES, ...INDICES];
