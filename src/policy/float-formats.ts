/// <reference lib="es2025.float16" />
/** The number formats of weights on disk, from and to float32. Bytes are little-endian, as on every machine Node runs on. */

export type FloatFormat = "F32" | "F16" | "BF16";

export const BYTES_PER_ELEMENT: Readonly<Record<FloatFormat, number>> = { F32: 4, F16: 2, BF16: 2 };

export function isFloatFormat(dtype: string): dtype is FloatFormat {
  return Object.hasOwn(BYTES_PER_ELEMENT, dtype);
}

/** Exact: float32 holds every F16 and BF16 number. `bytes` starts at a multiple of 4 in its buffer. */
export function toFloat32(bytes: Uint8Array<ArrayBuffer>, format: FloatFormat): Float32Array<ArrayBuffer> {
  const { buffer, byteOffset } = bytes;
  const size = bytes.length / BYTES_PER_ELEMENT[format];
  switch (format) {
    case "F32":
      return new Float32Array(buffer, byteOffset, size);
    case "F16":
      return new Float32Array(new Float16Array(buffer, byteOffset, size));
    case "BF16": {
      const halves = new Uint16Array(buffer, byteOffset, size);
      const bits = new Uint32Array(size);
      for (let i = 0; i < size; i++) bits[i] = halves[i]! << 16;
      return new Float32Array(bits.buffer);
    }
    default:
      return format satisfies never;
  }
}

/** Rounds to the nearest, ties to even. F16 overflows to infinity above 65504. */
export function fromFloat32(values: Float32Array<ArrayBuffer>, format: FloatFormat): Uint8Array<ArrayBuffer> {
  switch (format) {
    case "F32":
      return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    case "F16":
      return new Uint8Array(new Float16Array(values).buffer);
    case "BF16": {
      const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
      const halves = new Uint16Array(bits.length);
      for (let i = 0; i < bits.length; i++) halves[i] = toBf16Bits(bits[i]!);
      return new Uint8Array(halves.buffer);
    }
    default:
      return format satisfies never;
  }
}

/** The upper half of a float32's bits, rounded; a NaN stays one even if its payload is in the lower half. */
function toBf16Bits(bits: number): number {
  const nan = (bits & 0x7fffffff) > 0x7f800000;
  return nan ? (bits >>> 16) | 0x40 : (bits + 0x7fff + ((bits >>> 16) & 1)) >>> 16;
}
