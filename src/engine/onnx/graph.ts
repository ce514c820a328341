/**
 * An ONNX graph while it is recorded: values with known shapes, nodes, constants.
 *
 * Equal nodes are recorded once (so are equal constants), and nodes that no output needs are left out when the graph is
 * written. Both matter because automatic differentiation repeats itself.
 */
import { peakBytes } from "./graph-memory.ts";
import { bytes, concatenate, float, integer, message, text } from "./protobuf.ts";

/** TensorProto.DataType */
const ONNX_TYPE = { float32: 1, int32: 6, int64: 7, bool: 9, float16: 10 } as const;
export type ValueType = keyof typeof ONNX_TYPE;

export interface Value {
  readonly name: string;
  readonly shape: readonly number[];
  readonly type: ValueType;
}

export type Attribute = { int: number } | { float: number } | { ints: readonly number[] } | { string: string };
export type Attributes = Readonly<Record<string, Attribute>>;

export interface Node {
  readonly op: string;
  readonly domain: string;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly attributes: Attributes;
}

/** Inputs, outputs and what is between them share one namespace in ONNX: all but the inputs are named with a prefix. */
export const OUTPUT = "out:";
const INNER = "in:";

const OPSET = 21;
const IR_VERSION = 10;
/** Larger constants belong in the graph as ops or among its inputs. */
export const MAX_CONSTANT_BYTES = 256 * 1024;

const product = (shape: readonly number[]) => shape.reduce((a, b) => a * b, 1);

export class Graph {
  readonly #nodes: Node[] = [];
  readonly #producers = new Map<string, Node>();
  readonly #seen = new Map<string, readonly Value[]>();
  readonly #inputs: Value[] = [];
  readonly #constants = new Map<string, { value: Value; content: Uint8Array }>();
  #count = 0;

  input(name: string, shape: readonly number[], type: ValueType): Value {
    const value = { name, shape, type };
    this.#inputs.push(value);
    return value;
  }

  constant(
    data: Float32Array | Int32Array | BigInt64Array | Uint8Array,
    shape: readonly number[],
    type: ValueType,
  ): Value {
    const content = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
    const key = `${type}[${shape.join()}]${Buffer.from(content).toString("base64")}`;
    const known = this.#constants.get(key);
    if (known) return known.value;
    const value = { name: `${INNER}${this.#count++}`, shape, type };
    this.#constants.set(key, { value, content });
    return value;
  }

  /** A 1-D int64 constant: the form in which ONNX takes shapes, axes and indices. */
  integers(values: readonly number[]): Value {
    return this.constant(BigInt64Array.from(values, BigInt), [values.length], "int64");
  }

  scalar(value: number, type: ValueType): Value {
    const data =
      type === "float32"
        ? Float32Array.of(value)
        : type === "int32"
          ? Int32Array.of(value)
          : type === "bool"
            ? Uint8Array.of(value ? 1 : 0)
            : BigInt64Array.of(BigInt(value));
    return this.constant(data, [], type);
  }

  /** Records a node with one output, or finds the equal one. */
  node(
    op: string,
    inputs: readonly Value[],
    shape: readonly number[],
    type: ValueType,
    attributes: Attributes = {},
    domain = "",
  ): Value {
    return this.nodes(op, inputs, [shape], type, attributes, domain)[0] as Value;
  }

  /** Records a node with an output for each shape, or finds the equal one. */
  nodes(
    op: string,
    inputs: readonly Value[],
    shapes: readonly (readonly number[])[],
    type: ValueType,
    attributes: Attributes = {},
    domain = "",
  ): readonly Value[] {
    const key = `${domain}.${op}(${inputs.map((v) => v.name).join()})${JSON.stringify(attributes)}:${shapes.join(";")}`;
    const known = this.#seen.get(key);
    if (known) return known;
    const outputs = shapes.map((shape) => ({ name: `${INNER}${this.#count++}`, shape: [...shape], type }));
    const node = { op, domain, inputs, outputs, attributes };
    this.#nodes.push(node);
    for (const output of outputs) this.#producers.set(output.name, node);
    this.#seen.set(key, outputs);
    return outputs;
  }

  /** What `outputs` need of the graph, and how much memory that takes at the worst moment, in bytes. */
  peakBytes(outputs: Readonly<Record<string, Value>>): number {
    return peakBytes(this.#needed(outputs).nodes, new Set(Object.values(outputs).map(({ name }) => name)));
  }

  /** The ModelProto that computes `outputs`, and how many nodes it has. */
  encode(outputs: Readonly<Record<string, Value>>): { model: Uint8Array; nodes: number } {
    const { nodes, constants } = this.#needed(outputs);
    // an output needs a name of its own even where it is an input, a constant or another output
    const results = Object.entries(outputs).map(([name, value]) => ({
      value,
      output: { ...value, name: OUTPUT + name },
    }));
    const named = results.map(({ value, output }) =>
      message(1, nodeFields({ op: "Identity", domain: "", inputs: [value], outputs: [output], attributes: {} })),
    );
    const graph = [
      ...nodes.map((node) => message(1, nodeFields(node))),
      ...named,
      text(2, "rlvr"),
      ...constants.map(({ value, content }) => message(5, tensorFields(value, content))),
      ...this.#inputs.map((value) => message(11, valueInfoFields(value.name, value))),
      ...results.map(({ output }) => message(12, valueInfoFields(output.name, output))),
    ];
    const model = concatenate([
      integer(1, IR_VERSION),
      text(2, "rlvr"),
      message(7, graph),
      message(8, [text(1, ""), integer(2, OPSET)]),
      message(8, [text(1, "com.microsoft"), integer(2, 1)]),
    ]);
    return { model, nodes: nodes.length };
  }

  /** Nodes and constants that the outputs depend on. */
  #needed(outputs: Readonly<Record<string, Value>>) {
    const needed = new Set<string>();
    const pending = Object.values(outputs).map((value) => value.name);
    for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
      if (needed.has(name)) continue;
      needed.add(name);
      for (const input of this.#producers.get(name)?.inputs ?? []) pending.push(input.name);
    }
    const nodes = this.#nodes.filter((node) => node.outputs.some((output) => needed.has(output.name)));
    const constants = [...this.#constants.values()].filter(({ value }) => needed.has(value.name));
    return { nodes, constants };
  }
}

function nodeFields(node: Node) {
  return [
    ...node.inputs.map((value) => text(1, value.name)),
    ...node.outputs.map((output) => text(2, output.name)),
    text(4, node.op),
    ...Object.entries(node.attributes).map(([name, attribute]) => message(5, attributeFields(name, attribute))),
    text(7, node.domain),
  ];
}

function attributeFields(name: string, attribute: Attribute) {
  if ("int" in attribute) return [text(1, name), integer(3, attribute.int), integer(20, 2)];
  if ("float" in attribute) return [text(1, name), float(2, attribute.float), integer(20, 1)];
  if ("string" in attribute) return [text(1, name), text(4, attribute.string), integer(20, 3)];
  return [text(1, name), ...attribute.ints.map((value) => integer(8, value)), integer(20, 7)];
}

function tensorFields(value: Value, content: Uint8Array) {
  return [
    ...value.shape.map((size) => integer(1, size)),
    integer(2, ONNX_TYPE[value.type]),
    text(8, value.name),
    bytes(9, content),
  ];
}

function valueInfoFields(name: string, value: Value) {
  const dimensions = value.shape.map((size) => message(1, [integer(1, size)]));
  const tensorType = [integer(1, ONNX_TYPE[value.type]), message(2, dimensions)];
  return [text(1, name), message(2, [message(1, tensorType)])];
}

export { product };
