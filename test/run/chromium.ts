/** Finds a Chromium on this machine, or installs Debian's in continuous integration: a test installs nothing on a desk. */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

const PLACES = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

export type FoundChromium = { readonly path: string } | { readonly missing: string };

/** `CHROMIUM_PATH` wins. `missing` says in one line why there is none. */
export function findChromium(): FoundChromium {
  const known = [process.env.CHROMIUM_PATH ?? "", ...PLACES].find((path) => path !== "" && existsSync(path));
  if (known !== undefined) return { path: known };
  if (!existsSync("/usr/bin/apt-get")) return { missing: "no Chromium is installed; CHROMIUM_PATH may name one" };
  if (!process.env.CI || process.getuid?.() !== 0)
    return { missing: "no Chromium is installed: apt-get install chromium, or name one with CHROMIUM_PATH" };
  try {
    const apt = (...args: string[]) => execFileSync("apt-get", args, { stdio: "ignore", timeout: 300_000 });
    apt("update", "-qq");
    apt("install", "-y", "-qq", "--no-install-recommends", "chromium");
  } catch (error) {
    return { missing: `apt-get install chromium failed: ${String(error).split("\n")[0]}` };
  }
  return existsSync(PLACES[0]!) ? { path: PLACES[0]! } : { missing: "apt-get installed no /usr/bin/chromium" };
}
