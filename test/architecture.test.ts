/** Holds the sources to the two tables of ARCHITECTURE.md, which are the only place where they stand. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const PAGE = readFileSync(join(ROOT, "ARCHITECTURE.md"), "utf8");

const MAY_IMPORT = table("folder");
const PACKAGE_IN = table("package");
/** Files in src that import nothing of ours, and that every folder may import. */
const LEAVES = [...MAY_IMPORT.keys()].filter(
  (name) => MAY_IMPORT.get(name)?.includes("nothing") && sources("src").includes(`src/${name}.ts`),
);

/** A Markdown table whose first heading is `heading`: each name of the first column → the names of the second. */
function table(heading: string): Map<string, string[]> {
  const lines = PAGE.split("\n");
  const start = lines.findIndex((line) => new RegExp(`^\\| ${heading} +\\|`).test(line));
  const rows = lines.slice(start + 2, lines.indexOf("", start));
  const names = (cell: string | undefined) => (cell ?? "").split(",").map((name) => name.replaceAll("`", "").trim());
  return new Map(
    rows.flatMap((row) => {
      const [, left, right] = row.split("|");
      return names(left).map((name) => [name, names(right)] as const);
    }),
  );
}

/** TypeScript files under a folder, as paths from the root with forward slashes. */
function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)).split(sep).join("/"));
}

/** What a file imports, types included. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(ROOT, file), "utf8").replaceAll(/^\s*(\*|\/\/|\/\*).*$/gm, "");
  const found = /^(?:import|export)\b[^;"]*?\bfrom "([^"]+)"|^import "([^"]+)"|\bimport\("([^"]+)"\)/gm;
  return [...text.matchAll(found)].map((match) => (match[1] ?? match[2] ?? match[3]) as string);
}

/** src/grpo/loss.ts → grpo; src/index.ts → index */
function folderOf(file: string): string {
  return (file.split("/")[1] as string).replace(/\.ts$/, "");
}

/** Why a file may not import what it does; null where it may. */
function objection(file: string, specifier: string): string | null {
  const folder = folderOf(file);
  if (specifier.startsWith("node:")) return null;
  if (!specifier.startsWith(".")) {
    const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
    return name === "zod" || PACKAGE_IN.get(name)?.includes(folder) ? null : `${file} imports ${name}`;
  }
  const target = join(dirname(file), specifier).split(sep).join("/");
  const to = folderOf(target);
  const allowed = MAY_IMPORT.get(folder) ?? [];
  if (to === folder || LEAVES.includes(to) || allowed.includes("everything") || allowed.includes(to)) return null;
  return `${file} imports ${target}`;
}

function objections(files: readonly string[]): string[] {
  return files.flatMap((file) => importsOf(file).flatMap((specifier) => objection(file, specifier) ?? []));
}

describe("the import table", () => {
  test("has a line for every folder and file of src, and none for others", () => {
    expect([...MAY_IMPORT.keys()].toSorted()).toEqual([...new Set(sources("src").map(folderOf))].toSorted());
  });

  test("is kept by every file of src", () => {
    expect(objections(sources("src"))).toEqual([]);
  });

  test("forbids what it does not allow", () => {
    expect(objection("src/engine/tf.ts", "../policy/loss.ts")).toBe("src/engine/tf.ts imports src/policy/loss.ts");
    expect(objection("src/grpo/loss.ts", "onnxruntime-node")).toBe("src/grpo/loss.ts imports onnxruntime-node");
    expect(objection("src/policy/loss.ts", "../engine/tf.ts")).toBe(null);
    expect(objection("src/verifiers/verdict.ts", "../errors.ts")).toBe(null);
  });
});

describe("tasks and examples", () => {
  test("import packages by name, and nothing above their folder", () => {
    const imports = [...sources("tasks"), ...sources("examples")].flatMap((file) =>
      importsOf(file).map((specifier) => `${file} imports ${specifier}`),
    );
    const fine = / imports (rlvr(\/[a-z]+)?|zod|node:[a-z/_]+|\.\/[\w./-]+)$/;
    expect(imports.filter((line) => !fine.test(line) || line.includes("/../"))).toEqual([]);
  });
});
