/** Requests as each protocol's client sends them, with the replies that it reads. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { loadServedTasks, type ServedTask } from "../../src/serve/index.ts";
import { withoutEnd, withoutPrompt } from "../../src/serve/openrlhf.ts";
import { served, serving } from "./serving.ts";

const FOLDER = new URL("../fixtures/serve/", import.meta.url);

interface Recorded {
  readonly path: string;
  readonly request: unknown;
  readonly reply: unknown;
}

const RECORDED = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".json"))
  .map((name) => [name, JSON.parse(readFileSync(fileURLToPath(new URL(name, FOLDER)), "utf8")) as Recorded] as const);

/** Without times. */
function timeless(body: unknown): unknown {
  return JSON.parse(JSON.stringify(body, (key, value) => (key === "ms" ? undefined : value)));
}

describe("recorded requests", () => {
  test.each(RECORDED)("%s", async (_name, { path, request, reply }) => {
    const { status, body } = await serving(await loadServedTasks(["arithmetic"], { seed: 1, indexRows: 10 })).post(
      path,
      request,
    );
    expect({ status, body: timeless(body) }).toEqual({ status: 200, body: reply });
  });
});

/** The same completion in each dialect that knows nothing between a reward and an error. */
const DIALECTS: Readonly<Record<string, (completion: string, answer: unknown) => readonly [string, unknown]>> = {
  OpenRLHF: (completion, answer) => ["/get_reward", { query: [completion], labels: [answer] }],
  slime: (completion, answer) => ["/rm", { response: completion, label: answer }],
  "slime at the root": (completion, answer) => ["/", { response: completion, label: answer }],
  "NeMo Gym": (completion, answer) => ["/verify", nemo(completion, answer)],
};

function nemo(completion: string, answer: unknown) {
  const content = [{ type: "output_text", text: completion }];
  return {
    responses_create_params: { input: "x" },
    response: { output: [{ type: "message", role: "assistant", content }] },
    answer,
  };
}

/** Numbers in a reply where a client would look for a reward. */
function rewardsIn(body: unknown): unknown {
  if (typeof body === "number") return body;
  const { reward, rewards, scores } = body as Record<string, unknown>;
  return reward ?? rewards ?? scores;
}

describe.each(Object.entries(DIALECTS))("%s", (_name, dialect) => {
  const row = { letter: "a" };
  const ask = (task: ServedTask, completion: string, answer: unknown = row) => {
    const [path, body] = dialect(completion, answer);
    return serving([task], { limits: { itemTimeoutMs: 30, completionChars: 50 } }).post(path, body);
  };

  test("gives a reward", async () => {
    const right = await ask(served.letters, "ab");
    expect(right.status).toBe(200);
    expect([rewardsIn(right.body)].flat()).toEqual([0.5]);
  });

  test.each([
    ["a verifier that throws", served.letters, "!", row, "crash"],
    ["a verifier that abstains", served.letters, "?", row, "not_graded"],
    ["a verifier that hangs", served.letters, "~", row, "timeout"],
    ["rows that do not load", served.broken, "a", { id: "train-a" }, "not_graded"],
  ])("a fault of ours never arrives as a reward of 0: %s", async (_fault, task, completion, answer, kind) => {
    const { status, body, headers } = await ask(task, completion, answer);
    expect(status).toBe(503);
    expect(rewardsIn(body)).toBeUndefined();
    expect(body).toMatchObject({ error: { code: "not_graded", message: expect.stringContaining(`(${kind})`) } });
    expect(headers.get("retry-after")).toBe("1");
  });

  test("a fault of the request neither", async () => {
    const unfit = await ask(served.letters, "a", 5);
    expect(unfit).toMatchObject({ status: 422, body: { error: { code: "invalid", message: /lacks letter/ } } });
    const long = await ask(served.letters, "a".repeat(51));
    expect(long).toMatchObject({
      status: 422,
      body: { error: { message: "the completion has 51 characters, expected ≤ 50" } },
    });
  });

  test("names its task in the path where several are served", async () => {
    const server = serving([served.letters, served.sums]);
    const [path, body] = dialect("a", row);
    const named = path === "/" ? "/rm" : path;
    expect((await server.post(`/letters${named}`, body)).status).toBe(200);
    expect(await server.post(path, body)).toMatchObject({
      status: 422,
      body: { error: { message: /no task is named/ } },
    });
    expect(await server.post(`/others${named}`, body)).toMatchObject({
      status: 404,
      body: { error: { code: "unknown_task" } },
    });
  });
});

describe("OpenRLHF", () => {
  const server = serving([served.letters, served.sums]);
  const post = (body: unknown, task = "letters") => server.post(`/${task}/get_reward`, body);

  test("one completion of a list that is not graded leaves the list without rewards, and says which", async () => {
    const { status, body } = await post({ query: ["a", "!", "b"], labels: Array(3).fill({ letter: "a" }) });
    expect(status).toBe(503);
    expect(body).toMatchObject({
      error: { message: "not graded (crash): 1 of 3, first [1]: Error: the verifier broke" },
    });
  });

  test("scores are the rewards, cut to [0, 1]", async () => {
    const { body } = await post({ query: ["1 m", "x"], labels: [1, 1] }, "sums");
    expect(body).toEqual({ rewards: [2, -1], scores: [1, 0], extra_logs: {} });
  });

  test("a task's own stop texts and end tokens are not part of a completion", async () => {
    const { body } = await post({ query: ["Q: aa\n<|im_end|>"], prompts: ["Q: "], labels: [{ letter: "a" }] });
    expect(body).toMatchObject({ rewards: [1] });
  });

  test("lists of different lengths are refused", async () => {
    expect(await post({ query: ["a"], labels: [] })).toMatchObject({
      status: 422,
      body: { error: { message: "labels has 0 entries, expected 1: one for each query" } },
    });
  });
});

describe("withoutPrompt", () => {
  const prompt = "<user>How much is 2+3?<assistant>";
  test.each([
    ["a prompt at the beginning", `${prompt}5`, "5"],
    ["a prompt after a special token", `<s>${prompt}5`, "5"],
    ["nothing but the prompt", prompt, ""],
    ["a prompt that lost its beginning", `${prompt.slice(10)}5`, "5"],
    ["a completion that repeats the prompt", `${prompt}again ${prompt}`, `again ${prompt}`],
  ])("strips %s", (_name, query, completion) => {
    expect(withoutPrompt(query, prompt, 0)).toBe(completion);
  });

  test("refuses a query that has too little of its prompt: a prompt is never graded as a completion", () => {
    for (const query of ["5", "stant>5", "", `${prompt.slice(0, -1)}5`]) {
      expect(() => withoutPrompt(query, prompt, 3)).toThrow("query[3] does not contain prompts[3]");
    }
  });

  test("takes time in proportion to the length of both", () => {
    const start = performance.now();
    expect(() => withoutPrompt("a".repeat(200_000), `${"a".repeat(200_000)}b`, 0)).toThrow("does not contain");
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe("withoutEnd", () => {
  test("takes off end tokens in any number, with the space between them, and nothing else", () => {
    const ends = ["</s>", "<pad>"];
    expect(withoutEnd("a </s>\n<pad><pad>", ends)).toBe("a ");
    expect(withoutEnd("a </s> b\n", ends)).toBe("a </s> b\n");
    expect(withoutEnd("</s>", ends)).toBe("");
  });
});

describe("NeMo Gym", () => {
  test("GET /reverify_mode is stateless", async () => {
    expect(await serving([served.letters]).get("/reverify_mode")).toMatchObject({ status: 200, body: "stateless" });
  });

  test("the body may name the task, as its clients cannot choose a path", async () => {
    const server = serving([served.letters, served.sums]);
    const { body } = await server.post("/verify", { ...nemo("1 m", 1), task: "sums" });
    expect(body).toMatchObject({ reward: 2, task: "sums" });
  });

  test("a response without a message is an empty completion: the model said nothing", async () => {
    const request = {
      ...nemo("", { letter: "a" }),
      response: { output: [{ type: "function_call", name: "f", arguments: "{}" }] },
    };
    expect((await serving([served.letters]).post("/verify", request)).body).toMatchObject({ reward: 0 });
  });
});
