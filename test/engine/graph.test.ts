import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Graph, type Value } from "../../src/engine/onnx/graph.ts";
import { broadcastShape, Recorder } from "../../src/engine/onnx/recorder.ts";
import { decodeModel } from "./onnx-model.ts";

const ops = (model: Uint8Array) => decodeModel(model).nodes.map((node) => node.op);

describe("Graph", () => {
  test("records equal nodes once", () => {
    const graph = new Graph();
    const x = graph.input("x", [2], "float32");
    expect(graph.node("Exp", [x], [2], "float32")).toBe(graph.node("Exp", [x], [2], "float32"));
    const other = graph.node("Cast", [x], [2], "int32", { to: { int: 6 } });
    expect(graph.node("Cast", [x], [2], "int32", { to: { int: 6 } })).toBe(other);
    expect(graph.node("Cast", [x], [2], "int64", { to: { int: 7 } })).not.toBe(other);
  });

  test("records equal constants once; equal bytes of another shape or type are another constant", () => {
    const graph = new Graph();
    const one = graph.constant(Float32Array.of(1, 2), [2], "float32");
    expect(graph.constant(Float32Array.of(1, 2), [2], "float32")).toBe(one);
    expect(graph.constant(Float32Array.of(1, 2), [1, 2], "float32")).not.toBe(one);
    const bits = new Int32Array(Float32Array.of(1, 2).buffer);
    expect(graph.constant(bits, [2], "int32")).not.toBe(one);
  });

  test("a constant is a copy of its array", () => {
    const graph = new Graph();
    const data = Float32Array.of(1, 2);
    const value = graph.constant(data, [2], "float32");
    data[0] = 9;
    const { constants } = decodeModel(graph.encode({ y: value }).model);
    expect([...new Float32Array(constants[0]!.content.buffer)]).toEqual([1, 2]);
  });

  test("leaves out nodes and constants that no output needs, and keeps all inputs", () => {
    const graph = new Graph();
    const [x, unused] = [graph.input("x", [2], "float32"), graph.input("unused", [], "int32")];
    graph.node("Add", [x, graph.scalar(5, "float32")], [2], "float32");
    const y = graph.node("Mul", [x, graph.scalar(3, "float32")], [2], "float32");
    const { model, nodes } = graph.encode({ y });
    expect(nodes).toBe(1);
    expect(ops(model)).toEqual(["Mul", "Identity"]);
    expect(decodeModel(model).constants).toHaveLength(1);
    expect(decodeModel(model).inputs.map((v) => v.name)).toEqual(["x", unused.name]);
  });

  test("writes the ModelProto that onnx.proto3 describes", () => {
    const graph = new Graph();
    const x = graph.input("x", [2, 3], "float32");
    const y = graph.node("ReduceSum", [x, graph.integers([1])], [2], "float32", { keepdims: { int: 0 } });
    expect(decodeModel(graph.encode({ total: y }).model)).toEqual({
      irVersion: 10,
      opsets: { "": 21, "com.microsoft": 1 },
      nodes: [
        { op: "ReduceSum", domain: "", inputs: ["x", "in:0"], outputs: ["in:1"], attributes: { keepdims: 0 } },
        { op: "Identity", domain: "", inputs: ["in:1"], outputs: ["out:total"], attributes: {} },
      ],
      constants: [{ name: "in:0", shape: [1], type: 7, content: new Uint8Array(BigInt64Array.of(1n).buffer) }],
      inputs: [{ name: "x", shape: [2, 3], type: 1 }],
      outputs: [{ name: "out:total", shape: [2], type: 1 }],
    });
  });

  test("writes attributes of every kind, negative and large numbers among them", () => {
    const graph = new Graph();
    const x = graph.input("x", [1], "float32");
    const attributes = { a: { int: -1 }, b: { float: 0.5 }, c: { ints: [0, 300, -2] }, d: { string: "add" } };
    const y = graph.node("Any", [x], [1], "float32", attributes, "some.domain");
    const [node] = decodeModel(graph.encode({ y }).model).nodes;
    expect(node).toMatchObject({ domain: "some.domain", attributes: { a: -1, b: 0.5, c: [0, 300, -2], d: "add" } });
  });
});

describe("Recorder", () => {
  const size = fc.integer({ min: 1, max: 3 });
  /** A shape, and two that broadcast to it. */
  const shapes = fc.array(size, { minLength: 0, maxLength: 3 }).chain((target) => {
    const narrowed = fc
      .tuple(fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }), fc.nat(target.length))
      .map(([ones, dropped]) => target.slice(dropped).map((s, i) => (ones[i] ? 1 : s)));
    return fc.record({ target: fc.constant(target), a: narrowed, b: narrowed });
  });

  /** The shape of each value as ONNX defines it, from the graph alone. */
  function inferShapes(model: Uint8Array): Record<string, readonly number[]> {
    const { nodes, constants, inputs } = decodeModel(model);
    const known: Record<string, readonly number[]> = {};
    const content: Record<string, number[]> = {};
    for (const { name, shape } of inputs) known[name] = shape;
    for (const constant of constants) {
      known[constant.name] = constant.shape;
      if (constant.type === 7) content[constant.name] = [...new BigInt64Array(constant.content.buffer)].map(Number);
    }
    for (const { op, inputs: operands, outputs } of nodes) {
      const of = operands.map((name) => known[name] as readonly number[]);
      known[outputs[0]!] = op === "Expand" ? broadcastShape(of[0]!, content[operands[1]!]!) : of.reduce(broadcastShape);
    }
    return known;
  }

  test("takes a broadcast away only where the result keeps its shape", () => {
    fc.assert(
      fc.property(shapes, fc.boolean(), fc.boolean(), ({ target, a, b }, wideA, wideB) => {
        const graph = new Graph();
        const r = new Recorder(graph);
        const widen = (x: Value, wide: boolean) => (wide ? r.broadcast(x, target) : x);
        const [x, y] = [graph.input("x", a, "float32"), graph.input("y", b, "float32")];
        const sum = r.binary("Add", widen(x, wideA), widen(y, wideB));
        const { model } = graph.encode({ sum });
        expect(inferShapes(model)["out:sum"]).toEqual(sum.shape);
        const bare = broadcastShape(a, b).join() === sum.shape.join();
        expect(ops(model).filter((op) => op === "Expand")).toHaveLength(bare ? 0 : 1);
      }),
    );
  });

  test("multiplying by ones and adding zeros records nothing", () => {
    const graph = new Graph();
    const r = new Recorder(graph);
    const x = graph.input("x", [2], "float32");
    const [ones, zeros] = [r.fill(1, [2], "float32"), r.reshape(r.fill(0, [1, 2], "float32"), [2])];
    expect(r.binary("Mul", ones, x)).toBe(x);
    expect(r.binary("Mul", x, ones)).toBe(x);
    expect(r.binary("Div", x, ones)).toBe(x);
    expect(r.binary("Add", zeros, x)).toBe(x);
    expect(r.binary("Sub", x, zeros)).toBe(x);
    expect(r.binary("Sub", zeros, x)).not.toBe(x);
    expect(r.binary("Div", ones, x)).not.toBe(x);
  });

  test("adding zeros of a larger shape broadcasts", () => {
    const graph = new Graph();
    const r = new Recorder(graph);
    const x = graph.input("x", [1, 2], "float32");
    expect(r.binary("Add", x, r.fill(0, [3, 2], "float32")).shape).toEqual([3, 2]);
  });
});
