/** What the package offers by name, and what the light entries cost. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

const Package = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  exports: Record<string, { "rlvr-source": string; types: string; default: string }>;
};
const ENTRIES = Object.entries(Package.exports).filter(([entry]) => entry !== "./package.json");

/** Exported names of each file, types marked. */
function publicNames(files: readonly string[]): string[][] {
  const { config } = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files }, ts.sys, ROOT);
  const program = ts.createProgram(files, options);
  const checker = program.getTypeChecker();
  return files.map((file) => {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file) as ts.SourceFile) as ts.Symbol;
    const names = checker.getExportsOfModule(module).map((symbol) => {
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      return target.flags & ts.SymbolFlags.Value ? symbol.name : `type ${symbol.name}`;
    });
    return names.sort();
  });
}

describe("exports of package.json", () => {
  test("have the same names as before", { timeout: 60_000 }, async () => {
    const names = publicNames(ENTRIES.map(([, { "rlvr-source": source }]) => join(ROOT, source)));
    const page = ENTRIES.flatMap(([entry], i) => [entry.replace(".", "rlvr"), ...names[i]!.map((name) => `  ${name}`)]);
    await expect(`${page.join("\n")}\n`).toMatchFileSnapshot("fixtures/exports.txt");
  });

  test("are built from the source that they name", () => {
    for (const [, { "rlvr-source": source, types, default: built }] of ENTRIES) {
      const path = source.replace(/^\.\/src\/(.*)\.ts$/, "$1");
      expect([types, built]).toEqual([`./dist/${path}.d.ts`, `./dist/${path}.js`]);
    }
  });
});

/** Prints the packages that an entry loads in a process of its own. */
const LOADED = `
import { registerHooks } from "node:module";
const packages = new Set();
registerHooks({
  load(url, context, next) {
    const name = /node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(url)?.[1];
    if (name) packages.add(name);
    return next(url, context);
  },
});
await import(process.argv[1]);
console.log(JSON.stringify([...packages].sort()));
`;

function loadedBy(entry: string): unknown {
  const argv = ["--conditions=rlvr-source", "--input-type=module", "-e", LOADED, entry];
  return JSON.parse(execFileSync(process.execPath, argv, { cwd: ROOT, encoding: "utf8" }));
}

describe("what an entry loads", () => {
  test("rlvr/task loads zod alone, rlvr/verifiers p-limit besides: no sandbox, no TensorFlow.js", () => {
    expect(loadedBy("rlvr/task")).toEqual(["zod"]);
    expect(loadedBy("rlvr/verifiers")).toEqual(["p-limit", "yocto-queue", "zod"]);
  });

  test("rlvr/rollout loads no TensorFlow.js and no ONNX Runtime", () => {
    expect(loadedBy("rlvr/rollout")).toEqual(["p-limit", "yocto-queue", "zod"]);
  });

  test("the same probe sees TensorFlow.js where it is needed", () => {
    expect(loadedBy("rlvr/engine")).toContain("@tensorflow/tfjs-core");
  });
});
