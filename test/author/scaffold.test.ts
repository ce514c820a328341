import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { auditTask, inspectTask, scaffoldTask, TEMPLATES, type TemplateName } from "../../src/author/index.ts";
import { loadTask } from "../../src/rollout/index.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { linkPackages } from "./copied-task.ts";

const folder = temporaryFolder();
linkPackages(folder);
const parent = join(folder, "tasks");

describe("scaffoldTask", () => {
  test.each(Object.keys(TEMPLATES) as TemplateName[])("with %s passes its own check and audit", async (template) => {
    const name = `made-of-${template}`;
    const path = scaffoldTask(name, { parent, template });
    const task = await loadTask(name, { cwd: folder });
    expect(task.name).toBe(name);
    expect((await inspectTask(task)).checks.flatMap(({ findings }) => findings)).toEqual([]);
    expect((await auditTask(task)).holes).toEqual([]);
    expect(readFileSync(join(path, "README.md"), "utf8").split("\n")[0]).toBe(`# ${name}`);
    expect(readFileSync(join(path, "task.ts"), "utf8")).not.toContain("_template");
  });

  test.each(["", "Sums", "1st", "two_digits", "-a", "a-", "a--b", "../a", "a/b", "a b", "ä", "a".repeat(65)])(
    "refuses the name %j and says the rule",
    (name) => {
      const before = readdirSync(parent);
      expect(() => scaffoldTask(name, { parent, template: "math" })).toThrow("lower-case letters and digits");
      expect(readdirSync(parent)).toEqual(before);
    },
  );

  test("refuses a folder that exists, and leaves nothing half-made", () => {
    mkdirSync(join(parent, "mine"));
    expect(() => scaffoldTask("mine", { parent, template: "math" })).toThrow("mine exists, expected a new folder");
    expect(readdirSync(join(parent, "mine"))).toEqual([]);
    expect(readdirSync(parent).filter((name) => name.startsWith("."))).toEqual([]);
  });
});
