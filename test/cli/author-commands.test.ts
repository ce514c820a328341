/** The commands for task authors, as they print and exit. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CommandLine, runCommandLine } from "../../src/cli/command.ts";
import { LIGHT_COMMANDS } from "../../src/cli/commands/light.ts";
import { linkPackages, writeTask } from "../author/copied-task.ts";
import { temporaryFolder } from "../run/temporary.ts";

const folder = temporaryFolder();
const before = process.cwd();
beforeAll(() => {
  linkPackages(folder);
  writeTask(folder, "sound", "return sound(text, row);");
  // takes the first number between the tags
  writeTask(
    folder,
    "padded",
    'const [, inside = ""] = text.split("<answer>"); const number = inside.split("</answer>")[0].match(/\\d+/)?.[0];' +
      'return sound("<answer>" + (number ?? "") + "</answer>", row);',
  );
  process.chdir(folder);
});
afterAll(() => process.chdir(before));

async function rlvr(...argv: string[]): Promise<{ code: number; out: string; err: string }> {
  const written = { out: "", err: "" };
  const line: CommandLine = {
    program: "rlvr",
    summary: "",
    commands: LIGHT_COMMANDS,
    out: { write: (text) => (written.out += text) },
    err: { write: (text) => (written.err += text) },
    env: {},
  };
  const code = await runCommandLine(line, argv);
  return { code, ...written };
}

describe("rlvr check", () => {
  test("prints a line for each check and exits with 0 where all is well", async () => {
    const { code, out } = await rlvr("check", "./sound", "--rows", "50");
    expect(code).toBe(0);
    expect(out).toMatch(/^Check of sound {2}50 train rows, 50 eval rows, seed 0$/m);
    for (const line of ["✓ rows ", "✓ cases ", "✓ mutations ", "✓ leak ", "✓ guessing ", "✓ speed "]) {
      expect(out).toContain(`\n${line}`);
    }
    expect(out).toMatch(/\nNothing to complain about\.\n$/);
  });

  test("exits with 1 on an error, and shows the first examples", async () => {
    const { code, out } = await rlvr("check", "./padded", "--rows", "50");
    expect(code).toBe(1);
    expect(out).toMatch(/^✗ \w+ .*\n {14,}\S/m);
    expect(out).toMatch(/\n\d+ errors?, \d+ warnings?\./);
  });

  test("exits with 2 without a task", async () => {
    const { code, out, err } = await rlvr("check", "./nowhere");
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(err).toContain('there is no task "./nowhere"');
  });

  test("--json has every finding", async () => {
    const { out } = await rlvr("check", "./sound", "--rows", "20", "--json");
    expect(JSON.parse(out)).toMatchObject({ task: "sound", rows: { train: 20, eval: 20 } });
  });
});

describe("rlvr audit", () => {
  test("exits with 0 without a breach, and gives the rates with their intervals", async () => {
    const { code, out } = await rlvr("audit", "./sound", "--rows", "20", "--attacked-rows", "3");
    expect(code).toBe(0);
    expect(out).toMatch(/^wrong answers accepted +0\.0 % +0\.0 – 16\.1 +0 of \d+ +20$/m); // Wilson: z²/(20 + z²)
    expect(out).toMatch(/\nNo breach\.\n$/);
  });

  test("exits with 1 on a breach, and shows the completion that made it", async () => {
    const { code, out } = await rlvr("audit", "./padded", "--rows", "10", "--attacked-rows", "3", "--only", "padding");
    expect(code).toBe(1);
    expect(out).toMatch(/^✗ padding: the right answer with a denial \(\d+ texts on 3 rows\)$/m);
    expect(out).toMatch(/^ {2}│ .*<answer>.*5\d.*<\/answer>$/m);
    expect(out).toMatch(/^ {2}row "\d+" → correct, reward 1/m);
  });

  test("refuses a family that is none", async () => {
    const { code, err } = await rlvr("audit", "./sound", "--only", "nonsense");
    expect(code).toBe(1);
    expect(err).toContain('"nonsense" is no family of attacks');
  });
});

describe("rlvr new", () => {
  test("makes a task and says what to do next; the first of it passes", async () => {
    const { code, out } = await rlvr("new", "two-digit-sums", "--verifier", "math");
    expect(code).toBe(0);
    const commands = [...out.matchAll(/^ {2}.* (check|audit|grpo) /gm)].map(([, name]) => name);
    expect(commands).toEqual(["check", "audit", "grpo"]);
    expect(readdirSync(join("tasks", "two-digit-sums")).sort()).toEqual(["README.md", "task.ts"]);
    expect(await rlvr("check", "two-digit-sums", "--rows", "50")).toMatchObject({ code: 0 });
  });

  test("refuses a bad name and a folder that exists", async () => {
    expect(await rlvr("new", "Sums")).toMatchObject({ code: 1, err: expect.stringContaining("lower-case letters") });
    expect(await rlvr("new", "two-digit-sums")).toMatchObject({ code: 1, err: expect.stringContaining("exists") });
  });
});

describe("rlvr verify", () => {
  const row = { id: "7", n: 7, answer: 8 };
  const lines = [
    JSON.stringify({ row, completion: "<answer>8</answer>", reward: 0 }),
    JSON.stringify({ row, completion: "<answer>9</answer>", reward: 0 }),
  ];

  test("shows what changed, and writes the lines with their new verdicts", async () => {
    writeFileSync("stored.jsonl", `${lines.join("\n")}\n`);
    const { code, out } = await rlvr("verify", "./sound", "--in", "stored.jsonl", "--out", "judged.jsonl");
    expect(code).toBe(0);
    expect(out).toContain("mean reward 0.0000 → 0.5000");
    expect(out).toMatch(/1 verdict changed:\n\nline 1, row "7"\n {2}│ <answer>8<\/answer>\n {2}before {2}no verdict/);
    const rewards = readFileSync("judged.jsonl", "utf8")
      .trim()
      .split("\n")
      .map((text) => JSON.parse(text).reward);
    expect(rewards).toEqual([1, 0]);
    expect(readdirSync(".").filter((name) => name.startsWith(".tmp-"))).toEqual([]);
  });

  test("names bad lines by their number, and exits with 1", async () => {
    writeFileSync("bad.jsonl", [lines[0], "oops", lines[1]].join("\n"));
    const { code, out } = await rlvr("verify", "./sound", "--in", "bad.jsonl", "--out", "kept.jsonl");
    expect(code).toBe(1);
    expect(out).toContain("line 2: it is not JSON");
    expect(readFileSync("kept.jsonl", "utf8").split("\n")[1]).toBe("oops");
  });

  test("refuses a file that is not there, and writes none", async () => {
    const { code, err } = await rlvr("verify", "./sound", "--in", "nowhere.jsonl", "--out", "none.jsonl");
    expect(code).toBe(1);
    expect(err).toContain("nowhere.jsonl does not exist");
    expect(existsSync("none.jsonl")).toBe(false);
  });
});
