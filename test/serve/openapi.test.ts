/** /openapi.json is made from the schemas that check requests; here both are held to what was recorded. */
import { readdirSync, readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { beforeAll, describe, expect, test } from "vitest";
import { loadServedTasks } from "../../src/serve/index.ts";
import { type Serving, serving } from "./serving.ts";

const FOLDER = new URL("../fixtures/serve/", import.meta.url);
const RECORDED = readdirSync(FOLDER).filter((name) => name.endsWith(".json"));

interface Operation {
  readonly summary: string;
  readonly operationId: string;
  readonly requestBody?: { readonly content: { readonly "application/json": { readonly schema: object } } };
  readonly responses: Readonly<
    Record<string, { readonly content: { readonly "application/json": { readonly schema: object } } }>
  >;
}

interface Page {
  readonly openapi: string;
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: { readonly Error: object } };
}

let server: Serving;
let page: Page;
beforeAll(async () => {
  server = serving(await loadServedTasks(["arithmetic", "countdown"], { seed: 1, indexRows: 10 }));
  page = (await server.get("/openapi.json")).body as Page;
});

const ajv = new Ajv2020({ strict: false });
const json = (content: { content: { "application/json": { schema: object } } }) =>
  content.content["application/json"].schema;

describe("/openapi.json", () => {
  test("has every path, once plain and once under a task's name", () => {
    expect(page.openapi).toBe("3.1.0");
    expect(Object.keys(page.paths)).toEqual([
      "/health",
      "/v1/tasks",
      "/openapi.json",
      "/v1/verify",
      ...["/get_reward", "/rm"].flatMap((path) => [path, `/{task}${path}`]),
      "/",
      ...["/seed_session", "/close_session", "/verify", "/aggregate_metrics", "/reverify_mode"].flatMap((path) => [
        path,
        `/{task}${path}`,
      ]),
    ]);
    const ids = Object.values(page.paths).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(new Set(ids).size).toBe(ids.length);
  });

  test.each(RECORDED)("describes the request and the reply of %s", (name) => {
    const { path, request, reply } = JSON.parse(readFileSync(new URL(name, FOLDER), "utf8"));
    const [plain] = String(path).replace("/arithmetic/", "/").split("?");
    const operation = page.paths[plain as string]!.post!;
    for (const [schema, value] of [
      [json(operation.requestBody!), request],
      [json(operation.responses[200]!), withTimes(reply)],
    ] as const) {
      const isValid = ajv.compile(schema);
      expect(isValid(value), JSON.stringify(isValid.errors)).toBe(true);
    }
  });

  test("refuses in its words what the server refuses", async () => {
    const bad = { items: [{ id: "", completion: "a" }], timeout_ms: -1 };
    expect(ajv.compile(json(page.paths["/v1/verify"]!.post!.requestBody!))(bad)).toBe(false);
    const { status, body } = await server.post("/v1/verify", bad);
    expect(status).toBe(422);
    expect(ajv.compile(page.components.schemas.Error)(body)).toBe(true);
  });

  test("describes what GET paths answer", async () => {
    for (const path of ["/health", "/v1/tasks", "/openapi.json", "/reverify_mode"]) {
      const { status, body } = await server.get(path);
      const isValid = ajv.compile(json(page.paths[path]!.get!.responses[200]!));
      expect({ status, isValid: isValid(body), errors: isValid.errors }).toEqual({
        status: 200,
        isValid: true,
        errors: null,
      });
    }
  });
});

describe("/v1/tasks", () => {
  test("has an example for each task that gets the reward it promises", async () => {
    const { tasks } = (await server.get("/v1/tasks")).body as {
      tasks: { name: string; example: { item: object; reward: number }; row_from: string[] }[];
    };
    expect(tasks.map(({ name }) => name)).toEqual(["arithmetic", "countdown"]);
    for (const { name, example, row_from } of tasks) {
      const { body } = await server.post("/v1/verify", { task: name, items: [example.item] });
      expect(body).toMatchObject({ results: [{ id: "1", reward: example.reward, error: null }] });
      expect(row_from.length).toBeGreaterThan(1);
    }
  });
});

/** The recorded replies leave times out. */
function withTimes(reply: unknown): unknown {
  const results = (reply as { results?: object[] } | number | null) ?? {};
  if (typeof results !== "object" || !("results" in results)) return reply;
  return { results: results.results!.map((result) => ({ ...result, ms: 1 })) };
}
