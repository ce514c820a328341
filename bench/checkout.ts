/** What was measured: the commit, and whether the files differ from it. */
import { spawnSync } from "node:child_process";

export function checkout(): { commit: string; uncommittedChanges: boolean } {
  const git = (...args: string[]) =>
    spawnSync("git", args, { encoding: "utf8", cwd: import.meta.dirname }).stdout?.trim() ?? "";
  return {
    commit: git("rev-parse", "HEAD"),
    uncommittedChanges: git("status", "--porcelain", "--untracked-files=no") !== "",
  };
}
