import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fusionBox } from "../../src/sandbox/fusion.ts";
import type { Box, Job, Language } from "../../src/sandbox/job.ts";
import { DEFAULT_LIMITS } from "../../src/sandbox/limits.ts";
import { openBox } from "../../src/sandbox/open.ts";
import { createContext } from "../../src/serve/index.ts";
import { Refusal } from "../../src/serve/refusal.ts";
import { RunCodeReply, runCode } from "../../src/serve/run-code.ts";
import { served } from "../serve/serving.ts";
import { LANGUAGES } from "../verifiers/code/languages.ts";

const program = (language: Language, code: string, stdin = ""): Job => ({
  kind: "program",
  language,
  code,
  limits: { ...DEFAULT_LIMITS, cpuMs: 1000, wallMs: 2000, totalMs: 4000 },
  inputs: [{ id: "a", stdin }],
});

const urlOf = (server: { address(): unknown }) => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

describe.each(LANGUAGES)("our own farm, for $language", ({ language, add, sumProgram }) => {
  let box: Box;
  let farm: ReturnType<typeof serve>;
  let client: Box;
  const python = language === "python";

  beforeAll(async () => {
    box = await openBox({ languages: [language] });
    const app = new Hono();
    app.onError((error, c) => c.json(String(error), error instanceof Refusal ? error.status : 500));
    runCode(async () => box)(app, createContext([served.letters]));
    farm = await new Promise((resolve) => {
      const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, () => resolve(server));
    });
    client = fusionBox({ url: urlOf(farm) });
  });
  afterAll(async () => {
    await new Promise((resolve) => farm.close(resolve));
    await box.close();
  });

  const post = async (body: object) => {
    const headers = { "content-type": "application/json" };
    return fetch(`${urlOf(farm)}/run_code`, { method: "POST", headers, body: JSON.stringify(body) });
  };

  test("answers in the shape of SandboxFusion", async () => {
    const response = await post({
      language: python ? "python" : "nodejs",
      code: sumProgram,
      stdin: "1 2\n",
      run_timeout: 5,
    });
    const reply = RunCodeReply.parse(await response.json());
    expect(response.status).toBe(200);
    expect(reply).toMatchObject({
      status: "Success",
      compile_result: null,
      run_result: { status: "Finished", return_code: 0, stdout: "3\n" },
      executor_pod_name: null,
      files: {},
    });
  });

  test.each([
    ["an unknown language", { language: "cobol", code: "" }],
    ["no code", { language: "python" }],
    ["files, which it does not take", { language: "python", code: "", files: { "a.txt": "" } }],
    ["a minute and more", { language: "python", code: "", run_timeout: 61 }],
  ])("refuses %s", async (_, body) => {
    expect((await post(body)).ok).toBe(false);
  });

  test("runs a program from the client's side", async () => {
    const { tier, runs } = await client.run(program(language, sumProgram, "20 22\n"));
    expect(tier).toBe("none"); // a farm does not say how it holds what it runs
    expect(runs).toMatchObject([{ id: "a", outcome: "ok", stdout: "42\n" }]);
  });

  test("runs calls, with a harness, in order", async () => {
    const calls = [
      { id: "x", args: [1, 2] },
      { id: "y", args: ["a", "b"] },
    ];
    const { runs } = await client.run({
      kind: "calls",
      language,
      code: add("a + b"),
      entry: "add",
      limits: DEFAULT_LIMITS,
      calls,
    });
    expect(runs).toMatchObject([
      { id: "x", outcome: "ok", value: 3, stdout: "" },
      { id: "y", outcome: "ok", value: "ab", stdout: "" },
    ]);
  });

  test("a program that ends before its function returned has no value", async () => {
    const code = python ? "import sys\nsys.exit(0)" : "process.exit(0);";
    const calls = [{ id: "x", args: [] }];
    const { runs } = await client.run({ kind: "calls", language, code, entry: "f", limits: DEFAULT_LIMITS, calls });
    expect(runs[0]?.outcome).not.toBe("ok");
    expect(runs[0]?.outcome).not.toBe("sandbox_error");
    expect(runs[0]).not.toHaveProperty("value");
  });

  test.each<[string, string, string]>([
    ["compile_error", "def f(", "function f("],
    ["runtime_error", "raise ValueError('x')", "throw new Error('x');"],
    ["timeout", "while True: pass", "for (;;);"],
  ])("tells %s from a fault of its own", async (outcome, inPython, inJavaScript) => {
    const { runs } = await client.run(program(language, python ? inPython : inJavaScript));
    expect(runs[0]?.outcome).toBe(outcome);
  });
});

/** A farm that answers what it is told to, each time in turn, and counts. */
async function farmOf(answers: readonly ([status: number, body: string] | "silence" | "hang up")[]) {
  let asked = 0;
  const server: Server = createServer((request, response) => {
    const answer = answers[Math.min(asked++, answers.length - 1)]!;
    request.resume();
    if (answer === "silence") return;
    if (answer === "hang up") return void request.socket.destroy();
    response.writeHead(answer[0], { "content-type": "application/json" }).end(answer[1]);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: urlOf(server),
    asked: () => asked,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

const FINE: [number, string] = [
  200,
  JSON.stringify({
    status: "Success",
    message: "",
    compile_result: null,
    run_result: { status: "Finished", execution_time: 0.01, return_code: 0, stdout: "fine", stderr: "" },
    executor_pod_name: "pod-1",
    files: {},
  }),
];

describe("a farm with faults", () => {
  const fast = { ...DEFAULT_LIMITS, wallMs: 200 };
  const job: Job = { ...program("python", "print('fine')"), limits: fast };

  test.each<[string, [number, string] | "silence" | "hang up", RegExp]>([
    ["HTTP 500", [500, "{}"], /HTTP 500, 3 times/],
    ["torn JSON", [200, '{"status":"Succ'], /no answer.*3 times/],
    ["another shape", [200, '{"accepted":true}'], /reply is none/],
    ["its own SandboxError", [200, '{"status":"SandboxError","message":"no pods"}'], /the farm failed: no pods/],
    ["nothing that ran", [200, '{"status":"Success","message":""}'], /ran nothing/],
    ["silence", "silence", /no answer.*3 times/],
    ["a connection that ends", "hang up", /no answer.*3 times/],
  ])("%s is never the program's fault", async (_, answer, message) => {
    const farm = await farmOf([answer]);
    const { runs } = await fusionBox({ url: farm.url, graceMs: 100 }).run(job);
    await farm.close();
    expect(runs).toMatchObject([{ id: "a", outcome: "sandbox_error", message: expect.stringMatching(message) }]);
  });

  test("a fault that passes is forgotten", async () => {
    const farm = await farmOf([[503, ""], "hang up", FINE]);
    const { runs } = await fusionBox({ url: farm.url }).run(job);
    await farm.close();
    expect([runs[0]?.outcome, runs[0]?.stdout, farm.asked()]).toEqual(["ok", "fine", 3]);
  });

  test.each<[string, object, string]>([
    ["a signal", { status: "Error", return_code: -11, stdout: "", stderr: "" }, "crash"],
    ["no memory left", { status: "Finished", return_code: 1, stdout: "", stderr: "x\nMemoryError" }, "memory"],
    ["a traceback", { status: "Finished", return_code: 1, stdout: "", stderr: "ValueError: x" }, "runtime_error"],
    ["too much output", { status: "Finished", return_code: 0, stdout: "x".repeat(70_000), stderr: "" }, "output_limit"],
    ["a time limit", { status: "TimeLimitExceeded", return_code: null, stdout: "", stderr: "" }, "timeout"],
  ])("%s is the program's doing", async (_, run_result, outcome) => {
    const farm = await farmOf([
      [200, JSON.stringify({ status: "Failed", message: "", compile_result: null, run_result })],
    ]);
    const { runs } = await fusionBox({ url: farm.url }).run(job);
    await farm.close();
    expect([runs[0]?.outcome, farm.asked()]).toEqual([outcome, 1]);
  });

  test("an abort ends the waiting", async () => {
    const farm = await farmOf(["silence"]);
    const signal = AbortSignal.timeout(50);
    await expect(fusionBox({ url: farm.url }).run(job, signal)).rejects.toThrow(/timeout|aborted/i);
    await farm.close();
  });

  test("jobs that cannot be run are refused", async () => {
    const box = fusionBox({ url: "http://127.0.0.1:9", languages: ["python"] });
    await expect(box.run(program("javascript", ""))).rejects.toThrow(/E_SANDBOX|farm runs python/);
    await expect(box.run({ ...job, kind: "program", inputs: [] })).rejects.toThrow(/no runs/);
    await expect(box.open({ language: "python", code: "", limits: fast })).rejects.toThrow(/keeps no program/);
  });
});
