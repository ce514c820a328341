/**
 * Records ONNX nodes with the shapes and types of TensorFlow.js: broadcasting, and the few rewrites that keep what
 * automatic differentiation produces from costing memory traffic.
 *
 *   ones·x → x broadcast        zeros + x → x broadcast        f(broadcast(x), y) → f(x, y) where the shape stays the same
 */
import type { Attributes, Graph, Value, ValueType } from "./graph.ts";

export class Recorder {
  readonly graph: Graph;
  /** What a broadcast value was before it was broadcast. */
  readonly #source = new Map<string, Value>();
  /** Values all of whose elements are one known number. */
  readonly #uniform = new Map<string, number>();

  constructor(graph: Graph) {
    this.graph = graph;
  }

  unary(op: string, x: Value, type: ValueType = x.type, attributes: Attributes = {}): Value {
    return this.graph.node(op, [x], x.shape, type, attributes);
  }

  binary(op: string, a: Value, b: Value, type: ValueType = a.type): Value {
    const shape = broadcastShape(a.shape, b.shape);
    if (op === "Mul" && this.#uniform.get(a.name) === 1) return this.broadcast(b, shape);
    if (op === "Mul" && this.#uniform.get(b.name) === 1) return this.broadcast(a, shape);
    if (op === "Div" && this.#uniform.get(b.name) === 1) return this.broadcast(a, shape);
    if (op === "Add" && this.#uniform.get(a.name) === 0) return this.broadcast(b, shape);
    if ((op === "Add" || op === "Sub") && this.#uniform.get(b.name) === 0) return this.broadcast(a, shape);
    return this.graph.node(op, this.#unbroadcast([a, b], shape), shape, type);
  }

  /** condition ? yes : no */
  where(condition: Value, yes: Value, no: Value): Value {
    const shape = broadcastShape(condition.shape, broadcastShape(yes.shape, no.shape));
    return this.graph.node("Where", this.#unbroadcast([condition, yes, no], shape), shape, yes.type);
  }

  broadcast(x: Value, shape: readonly number[]): Value {
    if (sameShape(x.shape, shape)) return x;
    const source = this.#source.get(x.name) ?? x;
    const out = this.graph.node("Expand", [source, this.graph.integers(shape)], shape, x.type);
    this.#source.set(out.name, source);
    const uniform = this.#uniform.get(x.name);
    if (uniform !== undefined) this.#uniform.set(out.name, uniform);
    return out;
  }

  fill(number: number, shape: readonly number[], type: ValueType): Value {
    const scalar = this.graph.scalar(number, type);
    this.#uniform.set(scalar.name, number);
    return this.broadcast(scalar, shape);
  }

  reshape(x: Value, shape: readonly number[]): Value {
    if (sameShape(x.shape, shape)) return x;
    const uniform = this.#uniform.get(x.name);
    if (uniform !== undefined) return this.fill(uniform, shape, x.type);
    return this.graph.node("Reshape", [x, this.graph.integers(shape)], shape, x.type);
  }

  cast(x: Value, type: ValueType): Value {
    if (x.type === type) return x;
    const uniform = this.#uniform.get(x.name);
    if (uniform !== undefined && type !== "bool") return this.fill(uniform, x.shape, type);
    return this.graph.node("Cast", [x], x.shape, type, {
      to: { int: { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10 }[type] },
    });
  }

  transpose(x: Value, perm: readonly number[]): Value {
    if (perm.every((axis, i) => axis === i)) return x;
    const shape = perm.map((axis) => x.shape[axis] as number);
    return this.graph.node("Transpose", [x], shape, x.type, { perm: { ints: perm } });
  }

  reduce(op: string, x: Value, axes: readonly number[], keepDims: boolean, type: ValueType = x.type): Value {
    const wrapped = axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis));
    const shape = keepDims
      ? x.shape.map((size, axis) => (wrapped.includes(axis) ? 1 : size))
      : x.shape.filter((_, axis) => !wrapped.includes(axis));
    if (wrapped.length === 0) return x;
    const inputs = [x, this.graph.integers(wrapped)];
    return this.graph.node(op, inputs, shape, type, { keepdims: { int: keepDims ? 1 : 0 } });
  }

  /** a·b with either side transposed in its last two axes, and leading axes broadcast. */
  matMul(a: Value, b: Value, transposeA: boolean, transposeB: boolean): Value {
    const [m, n] = [a.shape.at(transposeA ? -1 : -2) as number, b.shape.at(transposeB ? -2 : -1) as number];
    const shape = [...broadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2)), m, n];
    if (!transposeA && !transposeB) return this.graph.node("MatMul", [a, b], shape, a.type);
    if (shape.length === 2) {
      const attributes = { transA: { int: transposeA ? 1 : 0 }, transB: { int: transposeB ? 1 : 0 } };
      return this.graph.node("Gemm", [a, b], shape, a.type, attributes);
    }
    const attributes = { transA: { int: transposeA ? 1 : 0 }, transB: { int: transposeB ? 1 : 0 } };
    return this.graph.node("FusedMatMul", [a, b], shape, a.type, attributes, "com.microsoft");
  }

  /** Takes broadcasts away from operands whose op would broadcast them anyway. */
  #unbroadcast(operands: readonly Value[], shape: readonly number[]): Value[] {
    const kept = [...operands];
    for (const [i, operand] of operands.entries()) {
      const source = this.#source.get(operand.name);
      if (!source) continue;
      const shapes = kept.map((value, j) => (i === j ? source.shape : value.shape));
      if (sameShape(shapes.reduce(broadcastShape), shape)) kept[i] = source;
    }
    return kept;
  }
}

export function sameShape(a: readonly number[], b: readonly number[]): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

export function broadcastShape(a: readonly number[], b: readonly number[]): readonly number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const left = a[a.length - rank + i] ?? 1;
    const right = b[b.length - rank + i] ?? 1;
    return left === 1 ? right : left;
  });
}
