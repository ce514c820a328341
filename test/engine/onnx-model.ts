/** Reads the parts of an ONNX ModelProto that we write. Field numbers: onnx.proto3. */

/** All fields of a message: bytes for length-delimited ones, numbers for the rest. */
function fields(bytes: Uint8Array): [field: number, value: bigint | Uint8Array][] {
  const found: [number, bigint | Uint8Array][] = [];
  let at = 0;
  const varint = () => {
    let [value, shift] = [0n, 0n];
    for (;;) {
      const byte = BigInt(bytes[at++] as number);
      value |= (byte & 127n) << shift;
      if (byte < 128n) return value;
      shift += 7n;
    }
  };
  const take = (length: number) => bytes.slice(at, (at += length));
  while (at < bytes.length) {
    const key = Number(varint());
    const wire = key & 7;
    if (wire === 0) found.push([key >> 3, varint()]);
    else if (wire === 2) found.push([key >> 3, take(Number(varint()))]);
    else if (wire === 5) found.push([key >> 3, take(4)]);
    else throw new Error(`unexpected wire type ${wire}`);
  }
  if (at !== bytes.length) throw new Error("the message ends in the middle of a field");
  return found;
}

const all = (message: Uint8Array, field: number) =>
  fields(message)
    .filter(([key]) => key === field)
    .map(([, value]) => value);
const messages = (message: Uint8Array, field: number) => all(message, field) as Uint8Array[];
const texts = (message: Uint8Array, field: number) => messages(message, field).map((v) => new TextDecoder().decode(v));
const text = (message: Uint8Array, field: number) => texts(message, field)[0] ?? "";
const numbers = (message: Uint8Array, field: number) =>
  (all(message, field) as bigint[]).map((v) => Number(BigInt.asIntN(64, v)));
const number = (message: Uint8Array, field: number) => numbers(message, field)[0] as number;

function attribute(message: Uint8Array): unknown {
  switch (number(message, 20)) {
    case 1:
      return new Float32Array((messages(message, 2)[0] as Uint8Array).buffer)[0];
    case 2:
      return number(message, 3);
    case 3:
      return text(message, 4);
    case 7:
      return numbers(message, 8);
    default:
      throw new Error("unexpected attribute type");
  }
}

function valueInfo(message: Uint8Array) {
  const tensorType = messages(messages(message, 2)[0] as Uint8Array, 1)[0] as Uint8Array;
  const shape = messages(messages(tensorType, 2)[0] as Uint8Array, 1).map((dimension) => number(dimension, 1));
  return { name: text(message, 1), shape, type: number(tensorType, 1) };
}

export function decodeModel(model: Uint8Array) {
  const graph = messages(model, 7)[0] as Uint8Array;
  return {
    irVersion: number(model, 1),
    opsets: Object.fromEntries(messages(model, 8).map((opset) => [text(opset, 1), number(opset, 2)])),
    nodes: messages(graph, 1).map((node) => ({
      op: text(node, 4),
      domain: text(node, 7),
      inputs: texts(node, 1),
      outputs: texts(node, 2),
      attributes: Object.fromEntries(messages(node, 5).map((a) => [text(a, 1), attribute(a)])),
    })),
    constants: messages(graph, 5).map((tensor) => ({
      name: text(tensor, 8),
      shape: numbers(tensor, 1),
      type: number(tensor, 2),
      content: messages(tensor, 9)[0] as Uint8Array<ArrayBuffer>,
    })),
    inputs: messages(graph, 11).map(valueInfo),
    outputs: messages(graph, 12).map(valueInfo),
  };
}
