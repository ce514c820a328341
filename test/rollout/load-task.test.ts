import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadTask, taskNames } from "../../src/rollout/index.ts";

let cwd: string;

/** A definition that is in order; the schema is a minimal one, so that the folder needs no packages. */
const FIELDS = {
  name: '"NAME"',
  description: '"says yes"',
  row: "{ safeParse: (data) => ({ success: true, data }) }",
  prompt: "() => '?'",
  verify: "() => ({})",
  load: "() => []",
  cases: '[{ row: {}, completion: "yes", reward: 1 }]',
  maxTokens: "8",
};

function writeTask(name: string, changes: Record<string, string | undefined> = {}, file = "task.ts"): void {
  const fields = Object.entries({ ...FIELDS, ...changes }).filter(([, value]) => value !== undefined);
  const body = fields.map(([key, value]) => `${key}: ${value?.replace("NAME", name)}`).join(",\n  ");
  writeFile(name, `export default {\n  ${body},\n};\n`, file);
}

function writeFile(name: string, text: string, file = "task.ts"): void {
  mkdirSync(join(cwd, "tasks", name), { recursive: true });
  writeFileSync(join(cwd, "tasks", name, file), text);
}

beforeAll(() => {
  cwd = mkdtempSync(join(tmpdir(), "rlvr-load-"));
});
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

describe("loadTask", () => {
  test("finds a task by name, folder and file, TypeScript or JavaScript", async () => {
    writeTask("yes");
    writeTask("oui", {}, "task.mjs");
    for (const place of ["yes", "./tasks/yes", "tasks/yes/task.ts", join(cwd, "tasks", "yes")]) {
      expect((await loadTask(place, { cwd })).name).toBe("yes");
    }
    expect((await loadTask("oui", { cwd })).name).toBe("oui");
  });

  test("finds the package's own tasks from anywhere; the working directory goes first", async () => {
    expect((await loadTask("arithmetic", { cwd })).description).toBe("sums and differences of four two-digit numbers");
    writeTask("countdown");
    expect((await loadTask("countdown", { cwd })).description).toBe("says yes");
  });

  test("an unknown name is answered with the known ones", async () => {
    await expect(loadTask("arithmetics", { cwd })).rejects.toMatchObject({
      code: "E_TASK",
      message: expect.stringContaining('there is no task "arithmetics"'),
      hint: expect.stringMatching(/\(arithmetic, .*countdown, /),
    });
    await expect(loadTask("", { cwd })).rejects.toMatchObject({ code: "E_TASK" });
    await expect(loadTask("./nowhere", { cwd })).rejects.toMatchObject({ code: "E_TASK" });
  });

  test("the name must be the folder's", async () => {
    writeTask("renamed", { name: '"original"' });
    await expect(loadTask("renamed", { cwd })).rejects.toMatchObject({
      code: "E_TASK",
      message: expect.stringMatching(/has the name "original", expected "renamed"/),
    });
  });

  test.each([
    ["no-cases", { cases: "[]" }, /at cases/],
    ["no-verify", { verify: undefined }, /at verify/],
    ["no-schema", { row: "{}" }, /expected a zod schema/],
    ["text-reward", { cases: '[{ row: {}, completion: "yes", reward: "1" }]' }, /at cases\[0\]\.reward/],
    ["nan-reward", { cases: '[{ row: {}, completion: "yes", reward: NaN }]' }, /at cases\[0\]\.reward/],
    ["no-tokens", { maxTokens: "0" }, /at maxTokens/],
    ["empty-stop", { stop: '[""]' }, /at stop\[0\]/],
    ["misspelled", { verfy: "() => 1" }, /"verfy"/],
  ])("refuses %s", async (name, changes: Record<string, string | undefined>, message) => {
    writeTask(name, changes);
    await expect(loadTask(name, { cwd })).rejects.toMatchObject({
      code: "E_TASK",
      message: expect.stringMatching(message),
    });
  });

  test("a file without a default export, and one that throws, are named", async () => {
    writeFile("none", "export const task = 1;\n");
    writeFile("throws", 'throw new Error("at load");\n');
    await expect(loadTask("none", { cwd })).rejects.toThrow(/none.task\.ts has no default export/);
    await expect(loadTask("throws", { cwd })).rejects.toThrow(/throws.task\.ts does not load: at load/);
  });
});

describe("taskNames", () => {
  test("lists both places once, sorted, without patterns to copy", () => {
    mkdirSync(join(cwd, "tasks", "empty"), { recursive: true });
    writeTask("_pattern");
    const names = taskNames({ cwd });
    expect(names).toEqual([...new Set(names)].sort());
    expect(names).toEqual(expect.arrayContaining(["arithmetic", "countdown", "yes"]));
    for (const hidden of ["_pattern", "_template", "empty"]) expect(names).not.toContain(hidden);
  });
});
