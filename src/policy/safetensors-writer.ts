/**
 * Writing safetensors: aside, forced to disk, then renamed, so that a file of that name is always whole.
 *
 * Same bytes as the reference implementation for the same tensors and metadata: tensors in the order of their names,
 * compact JSON, header padded with spaces to a multiple of 8.
 */
import { type FileHandle, open, rename } from "node:fs/promises";
import { dirname } from "node:path";
import { BYTES_PER_ELEMENT, type FloatFormat, fromFloat32 } from "./float-formats.ts";
import { rowsOf, rowsPerChunk } from "./safetensors.ts";
import { syncFolder } from "./write-folder.ts";

/** A tensor that is produced while it is written, a few rows at a time. */
export interface TensorSource {
  readonly name: string;
  readonly shape: readonly number[];
  /** Fills `into` with the rows from `firstRow` on. */
  fill(into: Float32Array, firstRow: number): void;
}

export interface WriteOptions {
  /** What is stored; BF16 and F16 lose precision. F32 by default. */
  format?: FloatFormat;
  /** Texts for the header. `{ format: "pt" }` by default: transformers asks for it. */
  metadata?: Readonly<Record<string, string>>;
}

export async function writeSafetensors(
  path: string,
  tensors: readonly TensorSource[],
  { format = "F32", metadata = { format: "pt" } }: WriteOptions = {},
): Promise<void> {
  const sorted = [...tensors].sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  const partial = `${path}.partial`;
  const file = await open(partial, "w");
  try {
    await file.writeFile(headerBytes(sorted, format, metadata));
    for (const tensor of sorted) await writeRows(file, tensor, format);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(partial, path);
  await syncFolder(dirname(path));
}

function headerBytes(
  tensors: readonly TensorSource[],
  format: FloatFormat,
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  let end = 0;
  const entries = tensors.map(({ name, shape }) => {
    const begin = end;
    end += shape.reduce((a, b) => a * b, 1) * BYTES_PER_ELEMENT[format];
    return [name, { dtype: format, shape, data_offsets: [begin, end] }] as const;
  });
  const json = Buffer.from(JSON.stringify(Object.fromEntries([["__metadata__", metadata] as const, ...entries])));
  const padded = Math.ceil(json.length / 8) * 8;
  const bytes = Buffer.alloc(8 + padded, " ");
  bytes.writeBigUInt64LE(BigInt(padded));
  json.copy(bytes, 8);
  return bytes;
}

async function writeRows(file: FileHandle, tensor: TensorSource, format: FloatFormat): Promise<void> {
  const { rows, columns } = rowsOf(tensor.shape);
  const step = Math.min(rows, rowsPerChunk(columns));
  const buffer = new Float32Array(step * columns);
  for (let row = 0; row < rows; row += step) {
    const values = buffer.subarray(0, Math.min(step, rows - row) * columns);
    tensor.fill(values, row);
    await file.writeFile(fromFloat32(values, format));
  }
}
