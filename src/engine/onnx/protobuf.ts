/**
 * The part of protobuf's wire format that ONNX needs (https://protobuf.dev/programming-guides/encoding/).
 * Field numbers of the messages: onnx.proto3, IR version 10.
 */
type Field = Uint8Array[];

function varint(value: number | bigint): Uint8Array {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    bytes.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

const utf8 = new TextEncoder();

export function integer(field: number, value: number | bigint): Field {
  return [varint(field << 3), varint(value)];
}

export function float(field: number, value: number): Field {
  return [varint((field << 3) | 5), new Uint8Array(Float32Array.of(value).buffer)];
}

export function bytes(field: number, value: Uint8Array): Field {
  return [varint((field << 3) | 2), varint(value.length), value];
}

export function text(field: number, value: string): Field {
  return bytes(field, utf8.encode(value));
}

export function message(field: number, parts: readonly Field[]): Field {
  const content = parts.flat();
  return [varint((field << 3) | 2), varint(content.reduce((sum, part) => sum + part.length, 0)), ...content];
}

export function concatenate(parts: readonly Field[]): Uint8Array {
  const content = parts.flat();
  const out = new Uint8Array(content.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of content) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
