/** What the documentation says is true: code runs and prints what it promises, commands, settings and links exist. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { COMMANDS } from "../src/cli/commands/index.ts";
import { parseConfig } from "../src/cli/config-file.ts";
import { readFlags } from "../src/cli/flags.ts";
import { settingsTable } from "../src/cli/help.ts";
import { resolveSettings } from "../src/cli/resolve.ts";
import { settingsOf } from "../src/cli/settings.ts";
import { DEVICES } from "../src/engine/open.ts";
import { GrpoRun, PpoRun } from "../src/run/index.ts";
import { blocksOf, capped, expectOutput, programsOf, runProgram } from "./program.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), "utf8");
const PAGES = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .map((path) => path.replaceAll("\\", "/"))
  .filter((path) => path.endsWith(".md") && /^([A-Z]+\.md|(docs|tasks|examples)\/.*)$/.test(path));

const BLOCKS = PAGES.flatMap((page) => blocksOf(page, read(page)));
/** test/guide.test.ts follows that page block by block. */
const GUIDE = "docs/write-a-verifier.md";
const PROGRAMS = PAGES.filter((page) => page !== GUIDE).flatMap((page) => programsOf(page, read(page)));

describe("code blocks", () => {
  let away: string;
  beforeAll(() => {
    away = mkdtempSync(join(tmpdir(), "rlvr-docs-"));
    mkdirSync(join(away, "node_modules"));
    symlinkSync(ROOT, join(away, "node_modules", "rlvr"), "junction");
    symlinkSync(join(ROOT, "node_modules", "zod"), join(away, "node_modules", "zod"), "junction");
  });
  afterAll(() => rmSync(away, { recursive: true, force: true }));

  test("there is one for each of the three kinds of users", () => {
    const names = PROGRAMS.filter(({ page }) => page === "README.md").map(({ name }) => name);
    expect(names).toEqual(["double.ts", "compare.ts", "check-answer.ts"]);
  });

  test.each(PROGRAMS)(
    "$page: $name prints what it promises",
    { timeout: 300_000 },
    async ({ name, code, promised }) => {
      writeFileSync(join(away, name), capped(code));
      expectOutput(await runProgram(join(away, name), { cwd: away }), promised);
    },
  );

  test.each([
    ["docs/papers.md", GrpoRun, 8],
    ["docs/algorithms/ppo.md", PpoRun, 3],
  ])("every config file of %s is one", (page, schema, least) => {
    const files = BLOCKS.filter((block) => block.page === page && block.language === "yaml");
    expect(files.length).toBeGreaterThanOrEqual(least);
    for (const { code } of files) {
      const given = parseConfig(code, page, settingsOf(schema));
      expect(() => resolveSettings(schema, [given]), code).not.toThrow();
    }
  });
});

/** Lines of shell blocks, without comments. */
const SHELL = BLOCKS.filter(({ language }) => language === "sh").flatMap(({ page, code }) =>
  code.split("\n").flatMap((line) => {
    const command = line.replace(/\s+#.*$/, "").trim();
    return command === "" || command.startsWith("#") ? [] : [{ page, command }];
  }),
);

describe("shell blocks", () => {
  const scripts = Object.keys((JSON.parse(read("package.json")) as { scripts: Record<string, string> }).scripts);

  test.each(SHELL.filter(({ command }) => command.startsWith("npm ")))("$page: $command exists", ({ command }) => {
    const [, word, script] = command.split(" ");
    if (word === "install") return;
    expect(scripts).toContain(word === "run" ? script : word);
  });

  test.each(SHELL.filter(({ command }) => / rlvr -- |^npx rlvr /.test(command)))(
    "$page: $command has a command and settings that exist",
    ({ command }) => {
      const words = command.replace(/^.*? rlvr (-- )?/, "").split(" ");
      const length = (name: string) => name.split(" ").length; // "prm label" is one command
      const found = COMMANDS.find(({ name }) => words.slice(0, length(name)).join(" ") === name);
      expect(found, words[0]).toBeDefined();
      const argv = words.slice(length(found!.name));
      const common = argv.filter((word) => !["--dry-run", "--help", "--debug"].includes(word));
      const config = common.indexOf("--config");
      if (config >= 0) expect(existsSync(join(ROOT, common.splice(config, 2)[1] as string)), command).toBe(true);
      expect(() => readFlags(common, settingsOf(found!.schema), found!.positional)).not.toThrow();
    },
  );
});

describe("links", () => {
  const links = PAGES.flatMap((page) =>
    [...read(page).matchAll(/\[([^\]]*)\]\(([^)#\s]+)[^)]*\)/g)]
      .filter(([, , target]) => !/^https?:/.test(target as string))
      .map(([, label, target]) => ({ page, label: label as string, target: join(dirname(page), target as string) })),
  );

  test("lead to files", () => {
    expect(links.filter(({ target }) => !existsSync(join(ROOT, target)))).toEqual([]);
  });

  test("to code lead to the file that exports the name", () => {
    const named = links.filter(({ label, target }) => /^`\w+`$/.test(label) && target.endsWith(".ts"));
    const exportOf = (name: string) => new RegExp(`^export (async )?(const|function|class) ${name}\\b`, "m");
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter(({ label, target }) => !exportOf(label.replaceAll("`", "")).test(read(target)))).toEqual([]);
  });
});

describe("what runs where", () => {
  test("lists the engines and devices that exist", () => {
    const rows = [...read("README.md").matchAll(/^\| `(\w+)`[^|]*\| `(\w+)` +\|/gm)].map(([, engine, device]) => {
      return `${engine} ${device}`;
    });
    const known = Object.entries(DEVICES).flatMap(([engine, devices]) =>
      devices.map((device) => `${engine} ${device}`),
    );
    expect(rows).toEqual(known);
  });
});

describe("docs/errors.md", () => {
  test("explains every code, in the order of src/errors.ts", () => {
    const codes = [...read("src/errors.ts").matchAll(/^ {2}\| "(E_\w+)"/gm)].map(([, code]) => code);
    const headings = [...read("docs/errors.md").matchAll(/^## (E_\w+)$/gm)].map(([, code]) => code);
    expect(headings).toEqual(codes);
  });
});

/** Every setting of every command. */
function configPage(): string {
  const commands = COMMANDS.filter(({ schema }) => settingsOf(schema).length > 0).map(({ name, summary, schema }) =>
    [`## rlvr ${name}`, "", summary, "", settingsTable(settingsOf(schema))].join("\n"),
  );
  return [
    "# Settings",
    "",
    "Made from the commands' schemas by `npm run docs`. A flag such as `--grpo.clip-high 0.28` is `grpo.clipHigh` in a config file",
    "(`--config run.yaml`) and in a call (`grpo({ grpo: { clipHigh: 0.28 } })`), and `RLVR_GRPO_CLIP_HIGH` in the environment.",
    "Flags win over the environment, and that over the file.",
    "",
    ...commands,
  ].join("\n");
}

describe("docs/config.md", () => {
  test("has every setting", async () => {
    await expect(configPage()).toMatchFileSnapshot("../docs/config.md");
  });
});
