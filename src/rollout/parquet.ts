/** Rows of a Parquet file, one row group at a time, with `hyparquet` (loaded when used). */
import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from "node:zlib";
import type { Compressors, FileMetaData } from "hyparquet";
import { RlvrError } from "../errors.ts";

/** What hyparquet lacks and Node has; it reads uncompressed and snappy pages itself. */
const COMPRESSORS: Compressors = {
  GZIP: (page) => gunzipSync(page),
  ZSTD: (page) => zstdDecompressSync(page),
  BROTLI: (page) => brotliDecompressSync(page),
};
const READABLE: ReadonlySet<string> = new Set(["UNCOMPRESSED", "SNAPPY", ...Object.keys(COMPRESSORS)]);

/**
 * Rows as objects, column → value. 64-bit whole numbers become numbers where they are exact, and stay bigints where not.
 *
 * @throws E_TASK_DATA for a file that is no Parquet, is torn, or is compressed in a way that cannot be read
 * @throws E_PACKAGE where `hyparquet` is not installed
 */
export async function* readParquet(path: string): AsyncGenerator<Record<string, unknown>, undefined> {
  const { asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } = await loadHyparquet();
  try {
    const file = await asyncBufferFromFile(path);
    const metadata = await parquetMetadataAsync(file);
    checkCodecs(path, metadata);
    let rowStart = 0;
    for (const { num_rows } of metadata.row_groups) {
      const rowEnd = rowStart + Number(num_rows);
      const rows = await parquetReadObjects({ file, metadata, rowStart, rowEnd, compressors: COMPRESSORS });
      for (const row of rows) yield plain(row) as Record<string, unknown>;
      rowStart = rowEnd;
    }
  } catch (cause) {
    if (cause instanceof RlvrError) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new RlvrError("E_TASK_DATA", `${path} cannot be read as Parquet: ${reason}`, {
      hint: "The file is cut off, or no Parquet (Git LFS leaves small text files in place of large ones): fetch it again.",
      cause,
    });
  }
}

async function loadHyparquet() {
  try {
    return await import("hyparquet");
  } catch (cause) {
    throw new RlvrError("E_PACKAGE", "the package hyparquet is not installed, expected it for a .parquet file", {
      hint: "npm install hyparquet",
      cause,
    });
  }
}

function checkCodecs(path: string, { row_groups }: FileMetaData): void {
  for (const { meta_data } of row_groups.flatMap(({ columns }) => columns)) {
    if (meta_data === undefined || READABLE.has(meta_data.codec)) continue;
    const column = meta_data.path_in_schema.join(".");
    const message = `the column ${JSON.stringify(column)} of ${path} is compressed with ${meta_data.codec}`;
    throw new RlvrError("E_TASK_DATA", `${message}, expected one of ${[...READABLE].join(", ")}`, {
      hint: "Write it with another codec, such as snappy; the package hyparquet-compressors can read it for that.",
    });
  }
}

/** JSON has no bigints, and rows are compared, hashed and written as JSON. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(plain);
  if (value === null || typeof value !== "object" || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
