import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { lockFolder } from "../../src/run/lock.ts";
import { temporaryFolder } from "./temporary.ts";

const root = temporaryFolder();
let folder: string;
let tests = 0;
beforeEach(() => {
  folder = join(root, String(tests++));
  mkdirSync(folder);
});

/** Another process that takes the lock, says so, and holds it until it is killed. */
const HOLDER = `
  import { lockFolder } from ${JSON.stringify(new URL("../../src/run/lock.ts", import.meta.url).href)};
  lockFolder(process.argv[1]);
  console.log("held");
  setInterval(() => {}, 1000);
`;

async function holdElsewhere(): Promise<{ pid: number; kill: () => Promise<void> }> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", HOLDER, folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((held) => child.stdout.once("data", held));
  const gone = new Promise<void>((exited) => child.once("exit", () => exited()));
  const kill = async () => {
    child.kill("SIGKILL");
    await gone;
  };
  return { pid: child.pid!, kill };
}

const write = (holder: object) => writeFileSync(join(folder, "lock"), JSON.stringify(holder));

describe("lockFolder", () => {
  test("a folder that another process holds is refused, and free once that process is killed", async () => {
    const other = await holdElsewhere();
    expect(() => lockFolder(folder)).toThrow(`${folder} is being written by process ${other.pid}`);
    await other.kill();
    lockFolder(folder).release();
  });

  test("a folder that this process holds is refused until it is released", () => {
    const lock = lockFolder(folder);
    expect(() => lockFolder(folder)).toThrow(`is being written by process ${process.pid}`);
    lock.release();
    lockFolder(folder).release();
  });

  test.runIf(process.platform === "linux")("a process id that now belongs to a younger process holds nothing", () => {
    write({ pid: process.pid, startTicks: "1", host: hostname() });
    lockFolder(folder).release();
  });

  test("a dead process holds nothing", () => {
    const { pid } = spawnSync(process.execPath, ["-e", ""]);
    write({ pid, startTicks: "1", host: hostname() });
    lockFolder(folder).release();
  });

  test("a lock from another machine is refused, since nobody here can tell whether it is held", () => {
    write({ pid: 1, startTicks: "1", host: "elsewhere" });
    expect(() => lockFolder(folder)).toThrow('held by process 1 on the machine "elsewhere"');
  });

  test("a lock that says nothing is refused and named", () => {
    writeFileSync(join(folder, "lock"), "");
    expect(() => lockFolder(folder)).toThrow("does not say which process holds it");
  });

  test("while one process replaces a stale lock, others wait", () => {
    write({ pid: 2 ** 30, startTicks: "1", host: hostname() });
    writeFileSync(join(folder, "lock.takeover"), "");
    expect(() => lockFolder(folder)).toThrow("is being opened by another process");
    expect(readFileSync(join(folder, "lock"), "utf8")).toContain(String(2 ** 30));
  });

  test("of many processes that start at once on a stale lock, one gets it", async () => {
    write({ pid: 2 ** 30, startTicks: "1", host: hostname() });
    const script = HOLDER.replace("lockFolder(process", "try { lockFolder(process").replace(
      'console.log("held");',
      'console.log("held"); } catch { console.log("refused"); }',
    );
    const children = Array.from({ length: 6 }, () =>
      spawn(process.execPath, ["--input-type=module", "-e", script, folder]),
    );
    const said = await Promise.all(
      children.map(
        (child) => new Promise<string>((heard) => child.stdout.once("data", (text) => heard(String(text).trim()))),
      ),
    );
    for (const child of children) child.kill("SIGKILL");
    expect(said.filter((word) => word === "held")).toHaveLength(1);
  });
});
