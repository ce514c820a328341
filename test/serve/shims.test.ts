/** The generated Python, run by a real Python against a real server; with real TRL where it is installed. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type RewardServer, SHIMS, serveTask, shimOf, startServer } from "../../src/serve/index.ts";
import { plainPython, runPython, trlPython } from "./python.ts";
import { letters, served } from "./serving.ts";

const TOKEN = "sixteen-characters-or-more";
const TRAIN = fileURLToPath(new URL("../fixtures/serve/trl_train.py", import.meta.url));

const python = plainPython();
if (python === null) console.log("shims: Python is not installed: only their text is checked");
const trl = trlPython();
if ("reason" in trl) console.log(`shims: TRL is not run: ${trl.reason}`);

let folder: string;
let server: RewardServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "rlvr-shims-"));
  server = await startServer([served.letters, served.sums], { token: TOKEN, limits: { itemTimeoutMs: 200 } });
  for (const shim of SHIMS)
    writeFileSync(join(folder, `${shim}_shim.py`), shimOf(shim, served.letters, { url: server.url }));
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Runs Python code with the shim imported as `shim`; what it prints as JSON. */
async function run(shim: (typeof SHIMS)[number], code: string, token = TOKEN): Promise<unknown> {
  const program = `import json, ${shim}_shim as shim\n${code}`;
  const env = { PYTHONPATH: folder, RLVR_TOKEN: token, http_proxy: "http://127.0.0.1:9", PYTHONWARNINGS: "always" };
  return JSON.parse(await runPython(python as string, ["-c", program], env));
}

describe("shimOf", () => {
  test.each(SHIMS)("%s: is short, names its task and server, and imports the standard library alone", (shim) => {
    const text = shimOf(shim, served.letters, { url: "http://127.0.0.1:8000" });
    const code = text.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
    expect(code.length).toBeLessThanOrEqual(28);
    expect(text).toMatch(/"task": "letters"|\/letters\/get_reward/);
    expect(text).toContain("http://127.0.0.1:8000");
    const imports = /^import (.*)$/m.exec(text)?.[1]?.split(", ") ?? [];
    expect(imports).toEqual(expect.arrayContaining(["json", "os", "urllib.request"]));
    for (const name of imports)
      expect(["asyncio", "json", "os", "urllib.error", "urllib.request", "warnings"]).toContain(name);
    expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  test.each(["class", "2-plus-2", "json", 'a"b', "größe"])(
    "a task named %s makes a name that Python takes",
    async (name) => {
      const text = shimOf("trl", serveTask({ ...letters, name }, { seed: 1, indexRows: 1 }), { url: server.url });
      const call = /^def (\w+)\(prompts/m.exec(text)?.[1];
      expect(call).toMatch(/^[A-Za-z_][A-Za-z0-9_]*$/);
      if (python !== null) await runPython(python, ["-c", "import sys; compile(sys.argv[1], 'shim', 'exec')", text]);
    },
  );
});

describe.runIf(python !== null)("in Python", () => {
  test("TRL: texts and chats, rewards by position, None for what was not graded", async () => {
    const code = `
texts = ["a", "ab", "!", "~", "b"]
chats = [[{"role": "assistant", "content": text}] for text in texts]
prompts = ["Write a: "] * 5
columns = {"letter": ["a"] * 5, "trainer_state": None, "completion_ids": [[1]] * 5}
print(json.dumps([shim.letters(prompts=prompts, completions=those, **columns) for those in (texts, chats)]))`;
    const rewards = [1, 0.5, null, null, 0];
    expect(await run("trl", code)).toEqual([rewards, rewards]);
  });

  test("TRL: more completions than one request may have", async () => {
    const code = `
n = 3000
print(json.dumps(sum(shim.letters(prompts=["x"] * n, completions=["a"] * n, answer=[{"letter": "a"}] * n))))`;
    expect(await run("trl", code)).toBe(3000);
  });

  test("verl: compute_score gives a score, and raises for what was not graded", async () => {
    const code = `
def score(text):
    try:
        return shim.compute_score("letters", text, '{"letter": "a"}', extra_info={"index": 3, "split": "train"})
    except RuntimeError as error:
        return str(error)
print(json.dumps([score(text) for text in ["a", "ab", "!"]]))`;
    expect(await run("verl", code)).toEqual([
      { score: 1, acc: 1 },
      { score: 0.5, acc: 0 },
      "not graded: Error: the verifier broke",
    ]);
  });

  test("verl: fields of the row may come in extra_info", async () => {
    const code = 'print(json.dumps(shim.compute_score("letters", "a", None, extra_info={"letter": "a", "x": {1, 2}})))';
    expect(await run("verl", code)).toEqual({ score: 1, acc: 1 });
  });

  test("OpenRLHF: reward_func gives what the server's own path gives, and raises for what was not graded", async () => {
    const code = `
label = json.dumps({"letter": "a"})
good = shim.reward_func(["Write a: a</s>", "Write a: b"], ["Write a: "] * 2, [label] * 2)
try:
    shim.reward_func(["!"], [""], [label])
except RuntimeError as error:
    print(json.dumps([good, json.loads(str(error))]))`;
    const good = { rewards: [1, 0], scores: [1, 0], extra_logs: { share: [1, 0] } };
    expect(await run("openrlhf", code)).toMatchObject([good, { error: { code: "not_graded" } }]);
  });

  test("slime: an async function of a sample", async () => {
    const code = `
import asyncio, types
def reward(text):
    sample = types.SimpleNamespace(prompt="Write a: ", response=text, label={"letter": "a"}, metadata=None)
    return asyncio.run(shim.letters(None, sample))
try:
    reward("?")
except RuntimeError as error:
    print(json.dumps([reward("ab"), str(error)]))`;
    expect(await run("slime", code)).toEqual([0.5, "not graded: no opinion"]);
  });

  test("a wrong token stops the trainer: it must not learn from nothing", async () => {
    const code = 'print(shim.compute_score("letters", "a", {"letter": "a"}))';
    await expect(run("verl", code, "another-token-of-some-length")).rejects.toThrow("the token is wrong");
  });
});

interface Trained {
  readonly seen: readonly {
    readonly completion: string | readonly { readonly content: string }[];
    readonly letter: string;
    readonly reward: number | null;
  }[];
  /** TRL's own mean reward of each step. */
  readonly logged: readonly number[];
}

describe.runIf("python" in trl)("real TRL", () => {
  test("GRPOTrainer's rewards are those of the task, for texts and for chats", { timeout: 600_000 }, async () => {
    const { python: command } = trl as { python: string };
    const out = await runPython(command, [TRAIN, join(folder, "trl_shim.py"), "letters"], { RLVR_TOKEN: TOKEN });
    const trained = JSON.parse(out.trim().split("\n").at(-1) as string) as Record<"plain" | "chat", Trained>;
    for (const { seen, logged } of [trained.plain, trained.chat]) {
      expect([logged.length, seen.length]).toEqual([2, 32]); // two steps of 16 completions
      for (const { completion, letter, reward } of seen) {
        const text = typeof completion === "string" ? completion : completion[0]!.content;
        expect(reward, text).toBe(expectedReward(text, letter));
      }
      expect(seen.some(({ reward }) => reward === null)).toBe(true);
      expect(seen.some(({ reward }) => reward !== null && reward > 0)).toBe(true);
      for (const [step, mean] of logged.entries()) {
        const graded = seen.slice(16 * step, 16 * step + 16).flatMap(({ reward }) => (reward === null ? [] : [reward]));
        expect(mean).toBeCloseTo(graded.reduce((sum, reward) => sum + reward, 0) / graded.length, 5);
      }
    }
  });
});

/** Null where the verifier throws. */
function expectedReward(text: string, letter: string): number | null {
  if (text.startsWith("!")) return null;
  return text === "" ? 0 : [...text].filter((character) => character === letter).length / text.length;
}
