/** Files that survive a crash: written aside, forced to disk, then renamed. */
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";

/**
 * Lets `write` fill a new folder beside `folder`, then puts it in place. A new folder appears whole or not at all. Where
 * `folder` exists, each new file replaces the one of its name (each is old or new, never torn) and other files stay.
 * A crash leaves at most `<folder>.partial`, which the next call removes.
 */
export async function writeFolder(folder: string, write: (aside: string) => Promise<void>): Promise<void> {
  const target = resolve(folder);
  const aside = `${target}.partial`;
  await rm(aside, { recursive: true, force: true });
  await mkdir(aside, { recursive: true });
  await write(aside);
  const names = await readdir(aside);
  for (const name of names) await syncFile(join(aside, name));
  await syncFolder(aside);

  if (await exists(target)) {
    for (const name of names) await rename(join(aside, name), join(target, name));
    await rm(aside, { recursive: true });
    await syncFolder(target);
  } else {
    await rename(aside, target);
  }
  await syncFolder(dirname(target));
}

/** Forces the names in a folder to disk. Windows does it by itself and cannot open a folder. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform !== "win32") await syncFile(folder);
}

async function syncFile(path: string): Promise<void> {
  const file = await open(path, process.platform === "win32" ? "r+" : "r");
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
