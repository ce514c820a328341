/**
 * How much memory a graph's intermediate results need at the worst moment, by going through it as ONNX Runtime does.
 *
 * Order: depth first from the outputs against the edges, of several inputs the one recorded last before the others (its
 * default order). A result is freed after its last reader. A reshape is a view; an elementwise node writes over an input
 * of its own size that nobody reads afterwards.
 */
import type { Node, Value } from "./graph.ts";

const BYTES = { float32: 4, int32: 4, int64: 8, bool: 1, float16: 2 } as const;
const VIEWS = new Set(["Reshape", "Squeeze", "Unsqueeze", "Identity"]);
const IN_PLACE = new Set(
  "Add Sub Mul Div Neg Exp Log Sqrt Sin Cos Tanh Sigmoid Abs Floor Ceil Reciprocal Softmax Clip Relu Not".split(" "),
);

const bytesOf = ({ shape, type }: Value) => BYTES[type] * shape.reduce((a, b) => a * b, 1);

/** @param nodes in the order of recording; @param outputs names of the values that the caller receives */
export function peakBytes(nodes: readonly Node[], outputs: ReadonlySet<string>): number {
  const producer = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output.name, node] as const)));
  /** Where the bytes of a value are: reshapes share them. */
  const home = new Map<string, string>();
  const homeOf = (name: string) => home.get(name) ?? name;
  for (const node of nodes) {
    const input = node.inputs[0];
    if (VIEWS.has(node.op) && input && producer.has(input.name)) home.set(node.outputs[0]!.name, homeOf(input.name));
  }
  const readers = new Map<string, number>();
  for (const { inputs } of nodes) {
    for (const name of new Set(inputs.map((input) => homeOf(input.name)))) {
      readers.set(name, (readers.get(name) ?? 0) + 1);
    }
  }
  for (const name of outputs) readers.set(homeOf(name), Number.POSITIVE_INFINITY);

  const sizes = new Map<string, number>();
  let live = 0;
  let peak = 0;
  for (const node of executionOrder(nodes, producer, outputs)) {
    const read = new Set(node.inputs.map((input) => homeOf(input.name)));
    const dying = [...read].filter((name) => readers.get(name) === 1 && sizes.has(name));
    for (const output of node.outputs) {
      if (home.has(output.name)) continue;
      const size = bytesOf(output);
      const reused = IN_PLACE.has(node.op) ? dying.find((name) => sizes.get(name) === size) : undefined;
      if (reused !== undefined) {
        sizes.delete(reused);
        live -= size;
      }
      sizes.set(output.name, size);
      live += size;
    }
    peak = Math.max(peak, live);
    for (const name of read) readers.set(name, (readers.get(name) as number) - 1);
    for (const name of dying) {
      live -= sizes.get(name) ?? 0;
      sizes.delete(name);
    }
  }
  return peak;
}

function executionOrder(
  nodes: readonly Node[],
  producer: ReadonlyMap<string, Node>,
  outputs: ReadonlySet<string>,
): Node[] {
  const index = new Map(nodes.map((node, i) => [node, i]));
  const order: Node[] = [];
  const seen = new Set<Node>();
  const stack = [...outputs].flatMap((name) => producer.get(name) ?? []).map((node) => ({ node, done: false }));
  for (let entry = stack.pop(); entry !== undefined; entry = stack.pop()) {
    if (entry.done) order.push(entry.node);
    if (entry.done || seen.has(entry.node)) continue;
    seen.add(entry.node);
    stack.push({ node: entry.node, done: true });
    const before = [...new Set(entry.node.inputs.flatMap((input) => producer.get(input.name) ?? []))];
    before.sort((a, b) => index.get(a)! - index.get(b)!);
    for (const node of before) if (!seen.has(node)) stack.push({ node, done: false });
  }
  return order;
}
