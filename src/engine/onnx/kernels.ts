/**
 * TensorFlow.js kernels as ONNX nodes, one entry a kernel. A kernel that is missing here is refused by name when a
 * function that uses it is compiled.
 *
 * ONNX operators: https://onnx.ai/onnx/operators/, opset 21. `com.microsoft` ones are ONNX Runtime's own.
 */
import { RlvrError } from "../../errors.ts";
import { ROTARY, WIDEN } from "../fused.ts";
import { tf } from "../tf.ts";
import { product, type Value, type ValueType } from "./graph.ts";
import { broadcastShape, type Recorder } from "./recorder.ts";

export type KernelInputs = Readonly<Record<string, Value>>;
/** Kernel attributes as TensorFlow.js passes them; each entry below narrows the ones it reads. */
export type KernelAttributes = Readonly<Record<string, unknown>>;
export type KernelRule = (r: Recorder, inputs: KernelInputs, attributes: KernelAttributes) => Value | Value[];

const input = (inputs: KernelInputs, name: string): Value => inputs[name] as Value;
const inputList = (inputs: KernelInputs): Value[] =>
  Object.keys(inputs)
    .sort((a, b) => Number(a) - Number(b))
    .map((key) => inputs[key] as Value);
const axesOf = (value: unknown): number[] => (Array.isArray(value) ? value : [value as number]);
/** None given means all. */
const someAxes = (x: Value, value: unknown): number[] => (value == null ? x.shape.map((_, i) => i) : axesOf(value));
const wrap = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);

const unary =
  (op: string): KernelRule =>
  (r, inputs) =>
    r.unary(op, input(inputs, "x"));
const binary =
  (op: string): KernelRule =>
  (r, inputs) =>
    r.binary(op, input(inputs, "a"), input(inputs, "b"));
const compare =
  (op: string): KernelRule =>
  (r, inputs) =>
    r.binary(op, input(inputs, "a"), input(inputs, "b"), "bool");
const reduce =
  (op: string, axisName = "axis"): KernelRule =>
  (r, inputs, attributes) =>
    r.reduce(op, input(inputs, "x"), someAxes(input(inputs, "x"), attributes[axisName]), Boolean(attributes.keepDims));
const argument =
  (op: string): KernelRule =>
  (r, inputs, attributes) => {
    const x = input(inputs, "x");
    const axis = wrap(axesOf(attributes.axis)[0] as number, x.shape.length);
    const shape = x.shape.filter((_, i) => i !== axis);
    return r.cast(r.graph.node(op, [x], shape, "int64", { axis: { int: axis }, keepdims: { int: 0 } }), "int32");
  };
/** f(x) near 0 from a polynomial, where the plain formula cancels. */
const nearZero = (r: Recorder, x: Value, bound: number, near: Value, far: Value): Value =>
  r.where(r.binary("Less", r.unary("Abs", x), r.graph.scalar(bound, "float32"), "bool"), near, far);
const horner = (r: Recorder, x: Value, coefficients: readonly number[]): Value =>
  coefficients.reduceRight<Value>(
    (sum, c) => r.binary("Mul", x, r.binary("Add", sum, r.graph.scalar(c, "float32"))),
    r.graph.scalar(0, "float32"),
  );

export const KERNELS: Readonly<Record<string, KernelRule>> = {
  // elementwise
  Abs: unary("Abs"),
  Ceil: unary("Ceil"),
  Cos: unary("Cos"),
  Erf: unary("Erf"),
  Exp: unary("Exp"),
  Expm1: (r, inputs) => {
    const x = input(inputs, "x");
    const far = r.binary("Sub", r.unary("Exp", x), r.graph.scalar(1, "float32"));
    return nearZero(r, x, 0.02, horner(r, x, [1, 1 / 2, 1 / 6, 1 / 24]), far);
  },
  Floor: unary("Floor"),
  Identity: (_, inputs) => input(inputs, "x"),
  IsNan: (r, inputs) => r.unary("IsNaN", input(inputs, "x"), "bool"),
  Log: unary("Log"),
  Log1p: (r, inputs) => {
    const x = input(inputs, "x");
    const far = r.unary("Log", r.binary("Add", x, r.graph.scalar(1, "float32")));
    return nearZero(r, x, 0.02, horner(r, x, [1, -1 / 2, 1 / 3, -1 / 4, 1 / 5]), far);
  },
  LogicalNot: (r, inputs) => r.unary("Not", input(inputs, "x")),
  Neg: unary("Neg"),
  Reciprocal: unary("Reciprocal"),
  Relu: unary("Relu"),
  Round: unary("Round"),
  Rsqrt: (r, inputs) => r.unary("Reciprocal", r.unary("Sqrt", input(inputs, "x"))),
  Sigmoid: unary("Sigmoid"),
  Sign: unary("Sign"),
  Sin: unary("Sin"),
  Softplus: unary("Softplus"),
  Sqrt: unary("Sqrt"),
  Square: (r, inputs) => r.binary("Mul", input(inputs, "x"), input(inputs, "x")),
  Step: (r, inputs, { alpha }) => {
    const x = input(inputs, "x");
    const zero = r.graph.scalar(0, x.type);
    const positive = r.binary("Greater", x, zero, "bool");
    return r.where(positive, r.fill(1, x.shape, x.type), r.fill((alpha as number | undefined) ?? 0, x.shape, x.type));
  },
  Tanh: unary("Tanh"),
  Cast: (r, inputs, { dtype }) => r.cast(input(inputs, "x"), dtype as ValueType),
  ClipByValue: (r, inputs, { clipValueMin, clipValueMax }) => {
    const x = input(inputs, "x");
    const bounds = [clipValueMin, clipValueMax].map((bound) => r.graph.scalar(bound as number, x.type));
    return r.graph.node("Clip", [x, ...bounds], x.shape, x.type);
  },

  Add: binary("Add"),
  AddN: (r, inputs) => inputList(inputs).reduce((a, b) => r.binary("Add", a, b)),
  FloorDiv: (r, inputs) => {
    const [a, b] = [input(inputs, "a"), input(inputs, "b")];
    if (a.type === "float32") return r.unary("Floor", r.binary("Div", a, b));
    // integer Div rounds toward zero; without the remainder, whose sign is b's, there is nothing to round
    return r.binary("Div", r.binary("Sub", a, r.binary("Mod", a, b)), b);
  },
  Maximum: binary("Max"),
  Minimum: binary("Min"),
  Mod: (r, inputs) => {
    const [a, b] = [input(inputs, "a"), input(inputs, "b")];
    if (a.type === "int32") return r.binary("Mod", a, b);
    // fmod is exact and has a's sign, TensorFlow.js wants b's
    const rest = r.graph.node("Mod", [a, b], broadcastShape(a.shape, b.shape), a.type, { fmod: { int: 1 } });
    const opposite = r.binary("Less", r.binary("Mul", rest, b), r.graph.scalar(0, a.type), "bool");
    return r.where(opposite, r.binary("Add", rest, b), rest);
  },
  Multiply: binary("Mul"),
  Pow: binary("Pow"),
  RealDiv: binary("Div"),
  SquaredDifference: (r, inputs) => {
    const difference = r.binary("Sub", input(inputs, "a"), input(inputs, "b"));
    return r.binary("Mul", difference, difference);
  },
  Sub: binary("Sub"),
  Equal: compare("Equal"),
  Greater: compare("Greater"),
  GreaterEqual: compare("GreaterOrEqual"),
  Less: compare("Less"),
  LessEqual: compare("LessOrEqual"),
  LogicalAnd: compare("And"),
  LogicalOr: compare("Or"),
  NotEqual: (r, inputs) => r.unary("Not", r.binary("Equal", input(inputs, "a"), input(inputs, "b"), "bool")),
  Select: (r, inputs) => {
    const [condition, yes, no] = [input(inputs, "condition"), input(inputs, "t"), input(inputs, "e")];
    if (yes.type !== "bool") return r.where(condition, yes, no);
    // ONNX Runtime's Where takes numbers only
    return r.binary("Or", r.binary("And", condition, yes), r.binary("And", r.unary("Not", condition), no));
  },

  // reductions
  All: (r, inputs, { axis, keepDims }) =>
    r.cast(
      r.reduce("ReduceMin", r.cast(input(inputs, "x"), "int32"), someAxes(input(inputs, "x"), axis), Boolean(keepDims)),
      "bool",
    ),
  Any: (r, inputs, { axis, keepDims }) =>
    r.cast(
      r.reduce("ReduceMax", r.cast(input(inputs, "x"), "int32"), someAxes(input(inputs, "x"), axis), Boolean(keepDims)),
      "bool",
    ),
  ArgMax: argument("ArgMax"),
  ArgMin: argument("ArgMin"),
  Cumsum: (r, inputs, { axis, exclusive, reverse }) => {
    const x = input(inputs, "x");
    const at = r.graph.scalar(wrap(axis as number, x.shape.length), "int32");
    const attributes = { exclusive: { int: exclusive ? 1 : 0 }, reverse: { int: reverse ? 1 : 0 } };
    return r.graph.node("CumSum", [x, at], x.shape, x.type, attributes);
  },
  Max: reduce("ReduceMax", "reductionIndices"),
  Mean: (r, inputs, { axis, keepDims }) =>
    r.reduce(
      "ReduceMean",
      r.cast(input(inputs, "x"), "float32"),
      someAxes(input(inputs, "x"), axis),
      Boolean(keepDims),
    ),
  Min: reduce("ReduceMin"),
  Prod: reduce("ReduceProd"),
  Sum: reduce("ReduceSum"),
  Softmax: (r, inputs, { dim }) => {
    const logits = input(inputs, "logits");
    return r.graph.node("Softmax", [logits], logits.shape, "float32", { axis: { int: dim as number } });
  },

  // products
  BatchMatMul: (r, inputs, { transposeA, transposeB }) =>
    r.matMul(input(inputs, "a"), input(inputs, "b"), Boolean(transposeA), Boolean(transposeB)),

  // shapes
  Concat: (r, inputs, { axis }) => {
    const all = inputList(inputs);
    const nonEmpty = all.filter((part) => product(part.shape) > 0);
    const parts = nonEmpty.length > 0 ? nonEmpty : all;
    const first = parts[0] as Value;
    const at = wrap(axesOf(axis)[0] as number, first.shape.length);
    const total = parts.reduce((sum, part) => sum + (part.shape[at] as number), 0);
    const shape = first.shape.map((size, i) => (i === at ? total : size));
    return r.graph.node("Concat", parts, shape, first.type, { axis: { int: at } });
  },
  ExpandDims: (r, inputs, { dim }) => {
    const x = input(inputs, "input");
    const at = wrap(dim as number, x.shape.length + 1);
    return r.reshape(x, x.shape.toSpliced(at, 0, 1));
  },
  Fill: (r, _, { shape, value, dtype }) =>
    r.fill(value as number, shape as number[], ((dtype as ValueType | undefined) ?? "float32") as ValueType),
  OnesLike: (r, inputs) => r.fill(1, input(inputs, "x").shape, input(inputs, "x").type),
  Pack: (r, inputs, { axis }) => {
    const parts = inputList(inputs);
    const at = wrap(axis as number, (parts[0] as Value).shape.length + 1);
    const expanded = parts.map((part) => r.reshape(part, part.shape.toSpliced(at, 0, 1)));
    const shape = (expanded[0] as Value).shape.map((size, i) => (i === at ? parts.length : size));
    return r.graph.node("Concat", expanded, shape, (parts[0] as Value).type, { axis: { int: at } });
  },
  PadV2: (r, inputs, { paddings, constantValue }) => {
    const x = input(inputs, "x");
    const pads = paddings as [number, number][];
    const amounts = r.graph.integers([...pads.map((p) => p[0]), ...pads.map((p) => p[1])]);
    const shape = x.shape.map((size, i) => size + (pads[i]?.[0] ?? 0) + (pads[i]?.[1] ?? 0));
    return r.graph.node("Pad", [x, amounts, r.graph.scalar(constantValue as number, x.type)], shape, x.type);
  },
  Range: (r, _, { start, stop, step, dtype }) => {
    const [from, by] = [start as number, step as number];
    const length = Math.max(0, Math.ceil(((stop as number) - from) / by));
    const type = (dtype ?? "float32") as "float32" | "int32";
    const numbers = Array.from({ length }, (__, i) => from + i * by);
    return r.graph.constant(type === "int32" ? Int32Array.from(numbers) : Float32Array.from(numbers), [length], type);
  },
  Reshape: (r, inputs, { shape }) => {
    const x = input(inputs, "x");
    const wanted = shape as number[];
    const known = product(wanted.filter((size) => size !== -1));
    return r.reshape(
      x,
      wanted.map((size) => (size === -1 ? product(x.shape) / known : size)),
    );
  },
  Reverse: (r, inputs, { dims }) => {
    const x = input(inputs, "x");
    const axes = someAxes(x, dims).map((axis) => wrap(axis, x.shape.length));
    const edges = [axes.map(() => -1), axes.map(() => -(2 ** 31)), axes, axes.map(() => -1)];
    return r.graph.node("Slice", [x, ...edges.map((edge) => r.graph.integers(edge))], x.shape, x.type);
  },
  Slice: (r, inputs, { begin, size }) => {
    const x = input(inputs, "x");
    const from = axesOf(begin);
    const shape = x.shape.map((whole, i) => {
      const wanted = axesOf(size)[i] ?? -1;
      return wanted === -1 ? whole - (from[i] ?? 0) : wanted;
    });
    const starts = x.shape.map((_, i) => from[i] ?? 0);
    return slice(r, x, starts, shape);
  },
  SplitV: (r, inputs, { numOrSizeSplits, axis }) => {
    const x = input(inputs, "x");
    const at = wrap(axis as number, x.shape.length);
    const whole = x.shape[at] as number;
    const count = numOrSizeSplits as number | number[];
    const sizes = Array.isArray(count) ? count : Array.from({ length: count }, () => whole / count);
    const rest = whole - sizes.filter((size) => size !== -1).reduce((a, b) => a + b, 0);
    const lengths = sizes.map((size) => (size === -1 ? rest : size));
    const shapes = lengths.map((length) => x.shape.with(at, length));
    const attributes = { axis: { int: at } };
    return [...r.graph.nodes("Split", [x, r.graph.integers(lengths)], shapes, x.type, attributes)];
  },
  StridedSlice: (r, inputs, { begin, end, strides, beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask }) => {
    const x = input(inputs, "x");
    const masks = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as [
      number,
      number,
      number,
      number,
      number,
    ];
    const edges = [begin, end, strides] as [number[], number[], number[]];
    const info = tf.slice_util.sliceInfo([...x.shape], ...edges, ...masks);
    const shape = tf.slice_util.computeOutShape(info.begin, info.end, info.strides);
    // an end before the first element: ONNX counts −1 from the back
    const ends = info.end.map((stop) => (stop < 0 ? -(2 ** 31) : stop));
    const operands = [info.begin, ends, shape.map((_, i) => i), info.strides].map((edge) => r.graph.integers(edge));
    return r.reshape(r.graph.node("Slice", [x, ...operands], shape, x.type), info.finalShape);
  },
  Tile: (r, inputs, { reps }) => {
    const x = input(inputs, "x");
    const times = reps as number[];
    const shape = x.shape.map((size, i) => size * (times[i] as number));
    if (x.shape.every((size, i) => size === 1 || times[i] === 1)) return r.broadcast(x, shape);
    return r.graph.node("Tile", [x, r.graph.integers(times)], shape, x.type);
  },
  Transpose: (r, inputs, { perm }) => r.transpose(input(inputs, "x"), perm as number[]),
  Unpack: (r, inputs, { axis }) => {
    const x = input(inputs, "value");
    const at = wrap(axis as number, x.shape.length);
    return Array.from({ length: x.shape[at] as number }, (_, i) => {
      const starts = x.shape.map((__, j) => (j === at ? i : 0));
      return r.reshape(slice(r, x, starts, x.shape.with(at, 1)), x.shape.toSpliced(at, 1));
    });
  },
  ZerosLike: (r, inputs) => r.fill(0, input(inputs, "x").shape, input(inputs, "x").type),

  // operations of fused.ts
  [ROTARY]: (r, inputs) => rotaryEmbedding(r, input(inputs, "x"), input(inputs, "cos"), input(inputs, "sin")),

  [WIDEN]: (r, inputs) => widen(r, input(inputs, "x"), input(inputs, "cause")),

  // indices
  GatherV2: (r, inputs, { axis, batchDims }) => {
    const [x, indices] = [input(inputs, "x"), input(inputs, "indices")];
    if (batchDims) {
      throw new RlvrError("E_ENGINE", "tf.gather with batchDims is not recorded", { hint: "flatten the batch first" });
    }
    const at = wrap(axis as number, x.shape.length);
    const shape = [...x.shape.slice(0, at), ...indices.shape, ...x.shape.slice(at + 1)];
    return r.graph.node("Gather", [x, indices], shape, x.type, { axis: { int: at } });
  },
  GatherNd: (r, inputs) => {
    const [params, indices] = [input(inputs, "params"), input(inputs, "indices")];
    const depth = indices.shape.at(-1) as number;
    const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)];
    return r.graph.node("GatherND", [params, r.cast(indices, "int64")], shape, params.type);
  },
  OneHot: (r, inputs, { depth, onValue, offValue, dtype }) => {
    const indices = input(inputs, "indices");
    const type = (dtype ?? "int32") as ValueType;
    const classes = r.graph.constant(
      Int32Array.from({ length: depth as number }, (_, i) => i),
      [depth as number],
      "int32",
    );
    const hit = r.binary("Equal", r.reshape(indices, [...indices.shape, 1]), classes, "bool");
    return r.where(hit, r.graph.scalar(onValue as number, type), r.graph.scalar(offValue as number, type));
  },
  ScatterNd: (r, inputs, attributes) => {
    const [indices, updates, shape] = [
      input(inputs, "indices"),
      input(inputs, "updates"),
      attributes.shape as number[],
    ];
    const depth = indices.shape.at(-1) as number;
    const [outer, inner] = [shape.slice(0, depth), shape.slice(depth)];
    const places = indices.shape.slice(0, -1);
    const strides = outer.map((_, i) => product(outer.slice(i + 1)));
    const weights = r.graph.constant(Int32Array.from(strides), [depth], "int32");
    const rows = r.reduce("ReduceSum", r.binary("Mul", indices, weights), [-1], false);
    const flat = r.reshape(updates, [product(places), product(inner)]);
    return r.reshape(scatterAdd(r, r.reshape(rows, [product(places)]), flat, product(outer)), shape);
  },
  UnsortedSegmentSum: (r, inputs, { numSegments }) => {
    const [x, ids] = [input(inputs, "x"), input(inputs, "segmentIds")];
    const rows = product(ids.shape);
    const sums = scatterAdd(
      r,
      r.reshape(ids, [rows]),
      r.reshape(x, [rows, product(x.shape) / rows]),
      numSegments as number,
    );
    return r.reshape(sums, [numSegments as number, ...x.shape.slice(ids.shape.length)]);
  },
};

/**
 * Sums the rows of `updates` [N, D] that have the same place in `rows` [N]. → [count, D]
 *
 * ScatterElements and not ScatterND: with several threads ScatterND adds the same element from two of them at once and
 * loses updates (ONNX Runtime 1.30).
 */
function scatterAdd(r: Recorder, rows: Value, updates: Value, count: number): Value {
  const [N, D] = updates.shape as [number, number];
  const places = r.broadcast(r.reshape(rows, [N, 1]), [N, D]);
  const operands = [r.fill(0, [count, D], updates.type), places, updates];
  const attributes = { axis: { int: 0 }, reduction: { string: "add" } };
  return r.graph.node("ScatterElements", operands, [count, D], updates.type, attributes);
}

/** The shape that x is seen in depends on `cause`, by adding whether its first element exceeds infinity: 0, also for NaN. */
function widen(r: Recorder, x: Value, cause: Value): Value {
  const { graph } = r;
  const first = graph.node(
    "Slice",
    [r.reshape(cause, [product(cause.shape)]), graph.integers([0]), graph.integers([1])],
    [1],
    cause.type,
  );
  const zero = r.cast(
    graph.node("Greater", [first, graph.scalar(Number.POSITIVE_INFINITY, cause.type)], [1], "bool"),
    "int64",
  );
  const shape = graph.node("Add", [graph.integers(x.shape), zero], [x.shape.length], "int64");
  return r.cast(graph.node("Reshape", [x, shape], x.shape, x.type), "float32");
}

/** com.microsoft RotaryEmbedding on [B, T, H·d]; position_ids [0] says that row t of the tables belongs to position t. */
function rotaryEmbedding(r: Recorder, x: Value, cos: Value, sin: Value): Value {
  const [B, T, heads, d] = x.shape as [number, number, number, number];
  const flat = r.reshape(x, [B, T, heads * d]);
  const operands = [flat, r.graph.integers([0]), cos, sin];
  return r.reshape(r.graph.node("RotaryEmbedding", operands, flat.shape, x.type, {}, "com.microsoft"), x.shape);
}

function slice(r: Recorder, x: Value, starts: readonly number[], shape: readonly number[]): Value {
  if (shape.every((size, i) => size === x.shape[i])) return x;
  const ends = starts.map((start, i) => start + (shape[i] as number));
  const edges = [starts, ends, shape.map((_, i) => i)].map((edge) => r.graph.integers(edge));
  return r.graph.node("Slice", [x, ...edges], shape, x.type);
}
