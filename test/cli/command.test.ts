import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { RlvrError } from "../../src/errors.ts";
import { temporaryFolder } from "../run/temporary.ts";
import { runExample } from "./example-command.ts";

const folder = temporaryFolder();
function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

const DEFAULTS = {
  task: "sums",
  steps: 100,
  stop: [],
  limit: "auto",
  seed: null,
  grpo: { groupSize: 8, clipHigh: 0.2, aggregate: "token-mean", maskTruncated: true },
};

describe("settings", () => {
  test("have their defaults", async () => {
    expect(await runExample(["train", "--task", "sums"])).toEqual({ code: 0, out: "", err: "", settings: DEFAULTS });
  });

  test.each([
    ["camel case", ["--grpo.clipHigh", "0.28"], { grpo: { ...DEFAULTS.grpo, clipHigh: 0.28 } }],
    ["kebab case", ["--grpo.clip-high=0.28"], { grpo: { ...DEFAULTS.grpo, clipHigh: 0.28 } }],
    ["--no- for a boolean", ["--no-grpo.maskTruncated"], { grpo: { ...DEFAULTS.grpo, maskTruncated: false } }],
    ["--no- in kebab case", ["--no-grpo.mask-truncated"], { grpo: { ...DEFAULTS.grpo, maskTruncated: false } }],
    ["a boolean with a value", ["--grpo.maskTruncated", "false"], { grpo: { ...DEFAULTS.grpo, maskTruncated: false } }],
    ["a boolean before a flag", ["--grpo.maskTruncated", "--steps", "3"], { steps: 3 }],
    ["a list with commas", ["--stop", "a,b", "--stop=c"], { stop: ["a", "b", "c"] }],
    ["a list of texts that look like numbers", ["--stop", "1,2"], { stop: ["1", "2"] }],
    ["a list of numbers", ["--layers", "1,2"], { layers: [1, 2] }],
    ["a list as JSON", ["--stop", '["a,b"]'], { stop: ["a,b"] }],
    ["either of a union", ["--limit", "64"], { limit: 64 }],
    ["null", ["--seed", "7", "--seed", "null"], { seed: null }],
    ["a negative number", ["--seed", "-7"], { seed: -7 }],
    ["an exponent", ["--grpo.clipHigh", "1e-2"], { grpo: { ...DEFAULTS.grpo, clipHigh: 0.01 } }],
  ])("as flags: %s", async (_, flags, expected) => {
    const { settings, err } = await runExample(["train", "--task", "sums", ...flags]);
    expect(err).toBe("");
    expect(settings).toEqual({ ...DEFAULTS, ...expected });
  });

  test("a word without a flag fills the positional setting", async () => {
    expect((await runExample(["train", "sums", "--steps", "5"])).settings).toMatchObject({ task: "sums", steps: 5 });
  });

  test("flags win over the environment, the environment over the file", async () => {
    const config = file("order.yaml", "task: sums\nsteps: 1\nseed: 1\ngrpo:\n  clip-high: 0.1\n  groupSize: 2\n");
    const env = { RLVR_SEED: "2", RLVR_STEPS: "2", RLVR_GRPO_GROUP_SIZE: "4" };
    const { settings } = await runExample(["train", "--config", config, "--steps", "3"], env);
    expect(settings).toMatchObject({ task: "sums", steps: 3, seed: 2, grpo: { clipHigh: 0.1, groupSize: 4 } });
  });

  test("saved settings win over the file; the environment and flags over them", async () => {
    const inherit = () => ({
      values: { task: "sums", steps: 7, grpo: { clipHigh: 0.5 } },
      origin: "runs/a/config.json",
    });
    const config = file("saved.yaml", "task: products\nsteps: 1\nseed: 4\n");
    const env = { RLVR_GRPO_GROUP_SIZE: "4" };
    const { settings } = await runExample(["train", "--config", config, "--steps", "9"], env, { inherit });
    expect(settings).toMatchObject({ task: "sums", steps: 9, seed: 4, grpo: { clipHigh: 0.5, groupSize: 4 } });
  });

  test("an empty file and comments are fine", async () => {
    expect((await runExample(["train", "sums", "--config", file("empty.yaml", "# nothing\n")])).code).toBe(0);
  });
});

describe("mistakes", () => {
  const mistake = async (argv: string[], env: Record<string, string> = {}): Promise<string> => {
    const { code, out, err, settings } = await runExample(["train", "sums", ...argv], env);
    expect({ code, out, settings }).toEqual({ code: 1, out: "", settings: undefined });
    return err.replaceAll(`${folder}/`, "");
  };

  test("an unknown flag names the nearest right one", async () => {
    expect(await mistake(["--grpo.clipHihg", "0.3"])).toMatchInlineSnapshot(`
      "error E_CONFIG --grpo.clipHihg is not a setting of this command
      Did you mean --grpo.clip-high?
      "
    `);
    expect(await mistake(["--clip-high", "0.3"])).toContain("Did you mean --grpo.clip-high?");
    expect(await mistake(["-seed", "3"])).toContain("Did you mean --seed?");
    expect(await mistake(["--quantum"])).toContain("--help lists all settings.");
  });

  test("a value of the wrong kind says what was expected", async () => {
    expect(await mistake(["--steps", "many"])).toMatchInlineSnapshot(`
      "error E_CONFIG --steps is "many", expected an integer
      steps: training steps.
      "
    `);
    expect(await mistake(["--grpo.maskTruncated=maybe"])).toContain('is "maybe", expected true or false');
    expect(await mistake(["--steps", ""])).toContain('--steps is "", expected an integer');
  });

  test("a value that the schema refuses says where it came from; all are listed at once", async () => {
    expect(await mistake(["--grpo.groupSize", "1"])).toMatchInlineSnapshot(`
      "error E_CONFIG --grpo.groupSize is 1, expected number to be >=2
      --help shows every setting with its default.
      "
    `);
    expect(
      await mistake(["--steps", "1.5", "--config", file("bad.yaml", "\ngrpo:\n  aggregate: mean\n")]),
    ).toMatchInlineSnapshot(`
      "error E_CONFIG 2 settings are wrong:
        --steps is 1.5, expected int
        grpo.aggregate (bad.yaml:3) is "mean", expected one of "sequence-mean"|"token-mean"
      --help shows every setting with its default.
      "
    `);
  });

  test("a required setting that is missing is named", async () => {
    const { code, err } = await runExample(["train"]);
    expect([code, err.split("\n")[0]]).toEqual([1, "error E_CONFIG task is not set, expected string"]);
  });

  test("a flag without its value, a value for --no-, a word too many", async () => {
    expect(await mistake(["--steps"])).toContain("--steps has no value, expected <integer>");
    expect(await mistake(["--steps", "--seed", "1"])).toContain("--steps has no value");
    expect(await mistake(["--no-grpo.maskTruncated=true"])).toContain("expected --no-grpo.maskTruncated alone");
    expect(await mistake(["products"])).toContain('"products" was given, expected only flags after it');
  });

  test("errors in a file name its line", async () => {
    const from = (text: string) => mistake(["--config", file("c.yaml", text)]);
    expect(await from("seed: 1\ngrop:\n  groupSize: 4\n")).toMatchInlineSnapshot(`
      "error E_CONFIG c.yaml:2: grop is not a setting of this command
      Did you mean grpo?
      "
    `);
    expect(await from("seed: 1\ngrpo:\n  groupsSize: 4\n")).toContain("c.yaml:3: grpo.groupsSize is not a setting");
    expect(await from("seed: 1\ngrpo: 5\n")).toContain("c.yaml:2: grpo has 5, expected a group of settings");
    expect(await from("seed: 1\nsteps: [\n")).toMatch(/c\.yaml:\d is not YAML: /);
    expect(await from("seed: 1\nseed: 2\n")).toContain("c.yaml:2 is not YAML: Map keys must be unique");
    expect(await from("- 1\n")).toContain('c.yaml:1 has no settings, expected lines such as "seed: 1"');
    expect(await from("__proto__:\n  steps: 3\n")).toContain("__proto__ is not a setting");
    expect(await mistake(["--config", "nowhere.yaml"])).toContain("the config file nowhere.yaml cannot be read");
  });

  test("a variable that no command knows is refused; another command's is not", async () => {
    expect(await mistake([], { RLVR_STEPPS: "3" })).toContain("Did you mean RLVR_STEPS?");
    expect(await mistake([], { RLVR_STEPS: "x" })).toContain('RLVR_STEPS is "x", expected an integer');
    expect((await runExample(["train", "sums"], { RLVR_RUN: "a", PATH: "/bin" })).code).toBe(0);
  });

  test("an unknown command names the nearest right one", async () => {
    expect((await runExample(["trian"])).err).toContain("Did you mean rlvr train?");
  });
});

describe("endings", () => {
  const failing = (error: unknown) => ({
    run: async () => {
      throw error;
    },
  });

  test("a user's mistake exits with 1 and shows no stack", async () => {
    const error = new RlvrError("E_TASK", 'tasks has no folder "sums"', { hint: "npm run tasks lists them." });
    const { code, err } = await runExample(["train", "sums"], {}, failing(error));
    expect({ code, err }).toEqual({
      code: 1,
      err: 'error E_TASK tasks has no folder "sums"\nnpm run tasks lists them.\n',
    });
  });

  test("our fault exits with 70", async () => {
    const { code, err } = await runExample(["train", "sums"], {}, failing(new TypeError("x is undefined")));
    expect({ code, err }).toEqual({
      code: 70,
      err: "error x is undefined\nThis should not happen: it is a fault of rlvr. --debug shows where.\n",
    });
    expect((await runExample(["train", "sums"], {}, failing(new RlvrError("E_SHAPE", "x")))).code).toBe(70);
  });

  test("--debug shows the stack and what caused it", async () => {
    const error = new RlvrError("E_RUN", "outer", { cause: new Error("inner") });
    const { err } = await runExample(["train", "sums", "--debug"], {}, failing(error));
    expect(err).toMatch(/outer[\s\S]*at .*command\.test\.ts[\s\S]*caused by Error: inner/);
  });

  test("Ctrl-C aborts the signal; the command ends cleanly with 130", async () => {
    const run = async (_: unknown, { signal }: { signal: AbortSignal }) => {
      const aborted = new Promise((done) => signal.addEventListener("abort", done));
      process.emit("SIGINT");
      await aborted;
    };
    const { code, err } = await runExample(["train", "sums"], {}, { run });
    expect({ code, err }).toEqual({ code: 130, err: "\nStopping. Ctrl-C again exits at once.\n" });
    expect(process.listenerCount("SIGINT")).toBe(0);
  });
});

describe("--help and --dry-run", () => {
  test("the overview lists the commands", async () => {
    expect((await runExample(["--help"])).out).toMatchInlineSnapshot(`
      "Reasoning RL with verifiable rewards.

      Usage: rlvr <command> [options]

      Commands
        train   Trains a policy.
        report  Makes report.html.

      rlvr <command> --help lists its settings.
      "
    `);
    expect((await runExample([])).out).toBe((await runExample(["help"])).out);
  });

  test("a command's help has every setting, its default and meaning", async () => {
    expect((await runExample(["train", "--help"])).out).toMatchInlineSnapshot(`
      "Trains a policy.

      Usage: rlvr train <task> [options]

      Arguments
        <task>                            name of a task folder (required)

      Options
        --steps <integer>                 training steps (default 100)
        --stop <text,…>                   texts that end a completion (default [])
        --layers <integer,…>              layers that get an adapter
        --limit <auto|integer>            token limit (default auto)
        --seed <integer|null>             null draws one (default null)
        --dry-run                         print the plan and stop
        --config <text>                   YAML file of settings; flags and RLVR_ variables win over it
        --debug                           show the stack of an error
        --help                            show this text

      grpo
        --grpo.group-size <integer>       G, completions sampled for each prompt (default 8)
        --grpo.clip-high <number>         ε_high of the ratio clip; DAPO uses 0.28 (default 0.2)
        --grpo.aggregate <sequence-mean|token-mean>
                                          how per-token losses are averaged (default token-mean)
        --[no-]grpo.mask-truncated        leave truncated completions out of the loss (default true)

      Examples
        rlvr train arithmetic --grpo.clipHigh 0.28
      "
    `);
  });

  test("--dry-run prints the plan and does not run", async () => {
    const { out, settings } = await runExample(["train", "sums", "--dry-run", "--grpo.groupSize", "16"]);
    expect(settings).toBeUndefined();
    expect(out).toMatchInlineSnapshot(`
      "Would train

      Batch
        sequences  64  4 prompts × 16
      "
    `);
  });
});
