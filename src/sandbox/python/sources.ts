/** What an interpreter in a box is started with: Python files of this folder, one after the other, as one text. */
import { readFileSync } from "node:fs";

/** Passed on the command line, so no file of ours has to be shown in the box. */
export const GUEST = text("plain.py", "channel.py", "guest.py");
export const TESTER = text("plain.py", "channel.py", "tester.py");
export const REWRITER = text("plain.py", "channel.py", "rewriter.py");

function text(...names: readonly string[]): string {
  return names.map((name) => readFileSync(new URL(name, import.meta.url), "utf8")).join("\n\n");
}
