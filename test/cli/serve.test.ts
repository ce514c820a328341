/** `rlvr serve` as a user starts and stops it. */
import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const MAIN = join(ROOT, "src", "cli", "main.ts");

interface Running {
  readonly child: ChildProcess;
  readonly said: { out: string; err: string };
  readonly ended: Promise<number | null>;
}

function rlvr(args: readonly string[], env: Record<string, string> = {}): Running {
  const argv = ["--conditions=rlvr-source", MAIN, "serve", ...args];
  const child = spawn(process.execPath, argv, { env: { ...process.env, NO_COLOR: "1", ...env } });
  const said = { out: "", err: "" };
  child.stdout.on("data", (text) => (said.out += text));
  child.stderr.on("data", (text) => (said.err += text));
  return { child, said, ended: new Promise((resolve) => child.once("close", resolve)) };
}

async function urlOf({ said, ended }: Running): Promise<string> {
  const isOver = ended.then((code) => Promise.reject(new Error(`ended with ${code}: ${said.err}`)));
  const listens = expect.poll(() => said.out, { timeout: 60_000 }).toContain("Ctrl-C");
  await Promise.race([listens, isOver]);
  return /on (http:\S+?),? /.exec(said.out.replaceAll("\n", " "))?.[1] as string;
}

const row = { terms: [13, 22, -31, 40], answer: 44 };
const body = JSON.stringify({ response: "<think></think><answer>44</answer>", label: row });
const post = (url: string, headers: Record<string, string> = {}) =>
  fetch(`${url}/rm`, { method: "POST", headers: { "content-type": "application/json", ...headers }, body });

describe("rlvr serve", () => {
  test("says where it listens, serves, counts, and ends on Ctrl-C", async () => {
    const running = rlvr(["arithmetic", "--port", "0"]);
    const url = await urlOf(running);
    expect(running.said.out).toContain(`OpenRLHF     --reward.remote_url ${url}/get_reward`);
    expect(await (await post(url)).json()).toBe(1);
    running.child.kill("SIGINT");
    expect(await running.ended).toBe(130);
    expect(running.said.err).toMatch(/^\d\d:\d\d:\d\d {2}1 requests, 1 completions, p50 [\d.]+ ms, p99 [\d.]+ ms$/m);
    expect(running.said.err).toContain("Stopped after 1 requests (0 refused), 1 completions (0 not graded).");
  });

  test("takes its token from RLVR_TOKEN, and is quiet where asked", async () => {
    const token = "sixteen-characters";
    const running = rlvr(["arithmetic", "countdown", "--port", "0", "--quiet"], { RLVR_TOKEN: token });
    const url = await urlOf(running);
    expect(running.said.out).toContain("with a token");
    expect(running.said.out).not.toContain(token);
    expect((await post(`${url}/arithmetic`)).status).toBe(401);
    expect((await post(`${url}/arithmetic`, { authorization: `Bearer ${token}` })).status).toBe(200);
    running.child.kill("SIGINT");
    await running.ended;
    expect(running.said.err).not.toContain("p50");
  });

  test.each([
    [["arithmetic", "--host", "0.0.0.0"], 'host is "0.0.0.0", which others can reach', "RLVR_TOKEN"],
    [["arithmetic", "--token", "short"], "expected 16 characters or more", ""],
    [["arithmetics"], 'there is no task "arithmetics"', "arithmetic"],
    [[], "tasks", ""],
    [["arithmetic", "arithmetic"], 'two tasks have the name "arithmetic"', "Start a server for each"],
    [["arithmetic", "countdown", "--shim", "trl"], "--shim has 2 tasks, expected one", "Print one for each"],
  ])("%j is refused with what to do", async (args, message, hint) => {
    const { ended, said } = rlvr(args);
    expect(await ended).toBe(1);
    expect(said.err).toContain(message);
    expect(said.err).toContain(hint);
    expect(said.err).not.toContain("    at ");
  });

  test("--shim prints a module and nothing else", async () => {
    const { ended, said } = rlvr(["arithmetic", "--shim", "verl", "--port", "9000"]);
    expect(await ended).toBe(0);
    expect(said.err).toBe("");
    expect(said.out).toMatch(/^# Rewards of the rlvr task "arithmetic" for verl/);
    expect(said.out).toContain("http://127.0.0.1:9000");
  });
});
