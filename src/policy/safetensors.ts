/**
 * Reading safetensors, https://github.com/huggingface/safetensors#format:
 *
 *   u64le N · N bytes of JSON { name: { dtype, shape, data_offsets: [begin, end] }, __metadata__ } · data
 *
 * Tensors are read by byte range, a few rows at a time: the whole file is never in memory. The header is checked as
 * strictly as the reference implementation does: the data is covered by the tensors without gap or overlap.
 */
import { type FileHandle, open } from "node:fs/promises";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { BYTES_PER_ELEMENT, type FloatFormat, isFloatFormat, toFloat32 } from "./float-formats.ts";
import { parseJson } from "./json-file.ts";

export interface TensorInfo {
  readonly name: string;
  readonly format: FloatFormat;
  readonly shape: readonly number[];
  /** Elements of the last axis; 1 where there are fewer than two axes. A tensor is `rows` × `columns`. */
  readonly columns: number;
  readonly rows: number;
  /** First byte in the file. */
  readonly position: number;
}

/** Takes the rows of a tensor from `firstRow` on, in order. `values` is only valid during the call. */
export type RowSink = (values: Float32Array, firstRow: number) => void;

/** Named tensors on disk, in one file or several. */
export interface TensorStore {
  /** Names the store in errors. */
  readonly where: string;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  read(name: string, sink: RowSink): Promise<void>;
  close(): Promise<void>;
}

/** The reference implementation's limit: a longer header is an attack or not a header. */
const MAX_HEADER_BYTES = 100_000_000;
/** Bytes read at a time: large enough for full disk speed, small beside the weights. */
const CHUNK_BYTES = 4 * 2 ** 20;

const Entry = z.strictObject({
  dtype: z.string(),
  shape: z.array(z.int().min(0)),
  data_offsets: z.tuple([z.int().min(0), z.int().min(0)]),
});
const Header = z.record(z.string(), z.unknown());

/** Opens one file and checks its header. Throws E_CHECKPOINT, naming file and tensor. */
export async function openSafetensors(path: string): Promise<TensorStore> {
  const file = await open(path, "r").catch((cause: unknown) => {
    throw new RlvrError("E_CHECKPOINT", `${path} cannot be opened: ${String(cause)}`, { cause });
  });
  try {
    const tensors = await readHeader(file, path);
    return {
      where: path,
      tensors,
      read: (name, sink) => readRows(file, path, requireTensor(tensors, name, path), sink),
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** Throws E_CHECKPOINT where there is none of that name. */
export function requireTensor(tensors: ReadonlyMap<string, TensorInfo>, name: string, where: string): TensorInfo {
  const tensor = tensors.get(name);
  if (tensor !== undefined) return tensor;
  throw new RlvrError("E_CHECKPOINT", `${where} has no tensor ${JSON.stringify(name)}`);
}

/** How a tensor of any number of axes is cut into rows. */
export function rowsOf(shape: readonly number[]): { rows: number; columns: number } {
  const size = shape.reduce((a, b) => a * b, 1);
  const columns = shape.length < 2 ? 1 : shape.at(-1)!;
  return { rows: columns === 0 ? 0 : size / columns, columns };
}

/** Rows that fit a chunk; at least one. */
export function rowsPerChunk(columns: number): number {
  return Math.max(1, Math.floor(CHUNK_BYTES / (4 * columns)));
}

async function readHeader(file: FileHandle, path: string): Promise<Map<string, TensorInfo>> {
  const { size } = await file.stat();
  const prefix = Buffer.alloc(8);
  await readExactly(file, prefix, 0, path);
  const headerBytes = Number(prefix.readBigUInt64LE());
  const limit = Math.min(size - 8, MAX_HEADER_BYTES);
  if (headerBytes > limit) {
    throw new RlvrError(
      "E_CHECKPOINT",
      `${path}: the header's length is ${headerBytes} bytes, expected at most ${limit}`,
      {
        hint: "the file is cut off or is not in safetensors format: get it again",
      },
    );
  }
  const json = Buffer.alloc(headerBytes);
  await readExactly(file, json, 8, path);
  const { __metadata__, ...entries } = parseJson(json.toString("utf8"), `${path}: the header`, Header);
  return checkedLayout(entries, 8 + headerBytes, size, path);
}

/** The tensors in the order of their bytes. Throws E_CHECKPOINT unless they cover the data exactly. */
function checkedLayout(
  entries: Readonly<Record<string, unknown>>,
  dataStart: number,
  fileBytes: number,
  path: string,
): Map<string, TensorInfo> {
  const parsed = Object.entries(entries).map(([name, entry]) => parseEntry(name, entry, path));
  parsed.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  let previous = "the header";
  for (const { tensor, begin, end } of parsed) {
    if (begin !== covered) {
      const fault = begin < covered ? "overlaps" : "leaves a gap after";
      throw new RlvrError(
        "E_CHECKPOINT",
        `${path}: tensor ${JSON.stringify(tensor.name)} ${fault} ${previous}: it starts at byte ${begin} of the data, expected ${covered}`,
      );
    }
    covered = end;
    previous = JSON.stringify(tensor.name);
  }
  if (dataStart + covered !== fileBytes) {
    throw new RlvrError(
      "E_CHECKPOINT",
      `${path} has ${fileBytes} bytes, expected ${dataStart + covered} (up to ${previous})`,
      {
        hint: "the file is cut off or damaged: get it again",
      },
    );
  }
  return new Map(parsed.map(({ tensor, begin }) => [tensor.name, { ...tensor, position: dataStart + begin }]));
}

function parseEntry(name: string, value: unknown, path: string) {
  const where = `${path}: tensor ${JSON.stringify(name)}`;
  const entry = Entry.safeParse(value);
  if (!entry.success) throw new RlvrError("E_CHECKPOINT", `${where}: ${z.prettifyError(entry.error)}`);
  const { dtype, shape, data_offsets } = entry.data;
  const [begin, end] = data_offsets;
  if (!isFloatFormat(dtype)) {
    throw new RlvrError("E_CHECKPOINT", `${where} has dtype ${JSON.stringify(dtype)}, expected F32, F16 or BF16`);
  }
  const bytes = shape.reduce((a, b) => a * b, 1) * BYTES_PER_ELEMENT[dtype];
  if (end - begin !== bytes) {
    throw new RlvrError(
      "E_CHECKPOINT",
      `${where} has data_offsets [${begin}, ${end}], that is ${end - begin} bytes, expected ${bytes} for ${dtype} [${shape.join(", ")}]`,
    );
  }
  return { tensor: { name, format: dtype, shape, ...rowsOf(shape) }, begin, end };
}

async function readRows(file: FileHandle, path: string, tensor: TensorInfo, sink: RowSink): Promise<void> {
  const { rows, columns, format, position } = tensor;
  const step = Math.min(rows, rowsPerChunk(columns));
  const rowBytes = columns * BYTES_PER_ELEMENT[format];
  const buffer = new Uint8Array(step * rowBytes);
  for (let row = 0; row < rows; row += step) {
    const bytes = buffer.subarray(0, Math.min(step, rows - row) * rowBytes);
    await readExactly(file, bytes, position + row * rowBytes, `${path}: tensor ${JSON.stringify(tensor.name)}`);
    sink(toFloat32(bytes, format), row);
  }
}

async function readExactly(file: FileHandle, into: Uint8Array, position: number, where: string): Promise<void> {
  for (let filled = 0; filled < into.length; ) {
    const { bytesRead } = await file.read(into, filled, into.length - filled, position + filled);
    if (bytesRead === 0) {
      throw new RlvrError(
        "E_CHECKPOINT",
        `${where} ends after ${position + filled} bytes, expected ${position + into.length}`,
        {
          hint: "the file is cut off: get it again",
        },
      );
    }
    filled += bytesRead;
  }
}
