/** Files and folders that appear whole or not at all: written aside, brought to the disk, renamed. */
import { closeSync, fsyncSync, openSync, readdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** What has this prefix is half-written and may be deleted by whoever holds the run's lock. */
export const ASIDE = ".tmp-";

/** Replaces a file: a reader finds the old text or the new one. */
export function writeDurably(path: string, text: string): void {
  const aside = join(dirname(path), `${ASIDE}${process.pid}-${Math.random().toString(36).slice(2)}`);
  const file = openSync(aside, "wx");
  try {
    writeFileSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  publish(aside, path);
}

/** Renames what was written aside, and brings the rename to the disk. */
export function publish(aside: string, path: string): void {
  renameSync(aside, path);
  syncPath(dirname(path));
}

/** Brings a folder with all it holds to the disk. */
export function syncTree(path: string): void {
  if (statSync(path).isDirectory()) for (const name of readdirSync(path)) syncTree(join(path, name));
  syncPath(path);
}

function syncPath(path: string): void {
  const isFolder = statSync(path).isDirectory();
  if (isFolder && process.platform === "win32") return; // Windows cannot open folders; NTFS journals renames itself
  const file = openSync(path, isFolder ? "r" : "r+");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
