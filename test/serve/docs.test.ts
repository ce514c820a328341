/** The curl commands of docs/serve.md, run by a shell against a server, print what the page promises. */
import { execFile, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { loadServedTasks, REFUSALS, type RewardServer, startServer } from "../../src/serve/index.ts";
import { blocksOf, expectOutput } from "../program.ts";

const PAGE = readFileSync(new URL("../../docs/serve.md", import.meta.url), "utf8");
const BLOCKS = blocksOf("docs/serve.md", PAGE);
const CALLS = BLOCKS.flatMap(({ language, code }, i) => {
  const promised = BLOCKS[i + 1];
  return language === "sh" && code.startsWith("curl ")
    ? [{ code, promised: promised?.code.trimEnd().split("\n") ?? [] }]
    : [];
});
const TOOLS = ["curl", "sh", "sed"].every((tool) => spawnSync(tool, ["--version"]).error === undefined);
if (!TOOLS) console.log("docs/serve.md: curl or a shell is missing: its calls are not run");

let server: RewardServer;
beforeAll(async () => {
  server = await startServer(await loadServedTasks(["arithmetic"], { seed: 1, indexRows: 10 }));
});
afterAll(() => server.close());

describe("docs/serve.md", () => {
  test("has a call for each dialect", () => {
    const paths = CALLS.map(({ code }) => /localhost:8000(\S+)/.exec(code)?.[1]);
    expect(paths).toEqual(["/v1/verify", "/get_reward", "/rm", "/verify", "/get_rewards"]);
  });

  test.runIf(TOOLS).each(CALLS)("$code", async ({ code, promised }) => {
    const command = code.replace("localhost:8000", new URL(server.url).host);
    const env = { ...process.env, NO_PROXY: "*" };
    const { stdout } = await promisify(execFile)("sh", ["-c", command], { env });
    expectOutput(stdout.endsWith("\n") ? stdout : `${stdout}\n`, promised);
  });

  test("lists every status and code that there is", () => {
    const rows = [...PAGE.matchAll(/^\| (\d{3}) \| ([^|]+) \|/gm)].flatMap(([, status, codes]) =>
      [...(codes as string).matchAll(/`(\w+)`/g)].map(([, code]) => `${status} ${code}`),
    );
    const known = Object.entries(REFUSALS).map(([code, status]) => `${status} ${code}`);
    expect(rows.toSorted()).toEqual(known.filter((row) => row !== "500 internal").toSorted());
  });
});
