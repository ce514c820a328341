/** Files of the Hub on disk, and the package that fetches them. */
import { existsSync } from "node:fs";
import { copyFile, mkdir, open, rename, rm, symlink } from "node:fs/promises";
import { dirname, relative } from "node:path";
import { RlvrError } from "../errors.ts";

export interface HubFile {
  readonly type: string;
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  readonly oid?: string;
  readonly lfs?: { readonly oid: string };
}

interface Access {
  readonly hubUrl?: string;
  readonly accessToken?: string;
}

/** What is used of @huggingface/hub. */
interface HubPackage {
  modelInfo(options: Access & { name: string; revision: string; additionalFields: "sha"[] }): Promise<{ sha: string }>;
  listFiles(options: Access & { repo: string; revision: string }): AsyncIterable<HubFile>;
  downloadFile(options: Access & { repo: string; revision: string; path: string }): Promise<Blob | null>;
}

const PACKAGE = "@huggingface/hub"; // a peer that may be missing, so not a literal in the import

/** @throws RlvrError E_PACKAGE where it is not installed */
export async function hubPackage(name: string): Promise<HubPackage> {
  try {
    return (await import(PACKAGE)) as HubPackage;
  } catch (cause) {
    throw new RlvrError(
      "E_PACKAGE",
      `there is no folder ${name}, and ${PACKAGE}, which would download it, is not installed`,
      {
        hint: `npm install ${PACKAGE}`,
        cause,
      },
    );
  }
}

/** The name of a file's content in the cache: its SHA-256 where it is large, else git's own. */
export function blobIdOf({ lfs, oid, path }: HubFile): string {
  const id = lfs?.oid ?? oid;
  if (id !== undefined && /^[\w-]+$/.test(id)) return id;
  throw new RlvrError("E_CHECKPOINT", `the Hub names no content for ${path}`);
}

/**
 * Fetches a file's content unless it is there, and links the file to it. A content appears whole or not at all.
 * @param report hears of bytes as they come, and of all at once where they were there
 */
export async function placeFile(
  { blob, path }: { readonly blob: string; readonly path: string },
  { size, path: name }: HubFile,
  content: () => Promise<Blob | null>,
  report: (bytes: number) => void,
): Promise<void> {
  await mkdir(dirname(blob), { recursive: true });
  if (existsSync(blob)) report(size);
  else await writeBlob(blob, name, size, content, report);
  if (existsSync(path)) return;
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true }); // a link to nothing
  // where links are not allowed, a copy does
  await symlink(relative(dirname(path), blob), path).catch(() => copyFile(blob, path));
}

async function writeBlob(
  blob: string,
  name: string,
  size: number,
  content: () => Promise<Blob | null>,
  report: (bytes: number) => void,
): Promise<void> {
  const aside = `${blob}.${process.pid}.incomplete`;
  try {
    const written = await writeStream(aside, (await content())?.stream() ?? [], report);
    if (written === size) return await rename(aside, blob);
    throw new RlvrError("E_CHECKPOINT", `${name} broke off after ${written} of ${size} bytes`, {
      hint: "try again: files that are there already are not fetched again",
    });
  } finally {
    await rm(aside, { force: true });
  }
}

/** Returns the bytes that were written, once they are on disk. */
async function writeStream(
  path: string,
  parts: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  report: (bytes: number) => void,
): Promise<number> {
  const file = await open(path, "w");
  try {
    let written = 0;
    for await (const part of parts) {
      await file.writeFile(part);
      written += part.length;
      report(part.length);
    }
    await file.sync();
    return written;
  } finally {
    await file.close();
  }
}
