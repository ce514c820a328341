/** OpenAPI 3.1, made from the schemas that check the requests. */
import { z } from "zod";
import type { EndpointInfo } from "./context.ts";
import { ErrorReply } from "./refusal.ts";

type Json = Record<string, unknown>;

/** Paths in the order in which they were registered; those of a task once for the default and once under its name. */
export function openApi(endpoints: readonly EndpointInfo[], tasks: readonly string[], version: string): Json {
  const paths: Record<string, Json> = {};
  for (const info of endpoints) {
    const add = (path: string, parameters: Json[]) => {
      paths[path] = { ...paths[path], [info.method]: operation(info, path, parameters) };
    };
    add(info.path, []);
    if (info.perTask) {
      const schema = { type: "string", enum: tasks };
      add(`/{task}${info.path}`, [{ name: "task", in: "path", required: true, schema }]);
    }
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "rlvr reward server",
      version,
      description: "Verdicts of rlvr tasks, in several trainers' dialects.",
    },
    paths,
    components: {
      schemas: { Error: schemaOf(ErrorReply, "output") },
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        basic: { type: "http", scheme: "basic", description: "any name, the token as password" },
      },
    },
    security: [{}, { bearer: [] }, { basic: [] }],
  };
}

const REFUSED = { 4: "4XX", 5: "5XX" } as const;

function operation(
  { method, summary, tag, body, reply, query = {} }: EndpointInfo,
  path: string,
  parameters: Json[],
): Json {
  const error = { "application/json": { schema: { $ref: "#/components/schemas/Error" } } };
  const inQuery = Object.entries(query).map(([name, description]) => ({
    name,
    in: "query",
    description,
    schema: { type: "string" },
  }));
  const all = [...parameters, ...inQuery];
  return {
    operationId: `${method}${path.replaceAll(/[^a-zA-Z0-9]+/g, "_").replace(/_$/, "")}`,
    summary,
    tags: [tag],
    ...(all.length > 0 ? { parameters: all } : {}),
    ...(body === undefined ? {} : { requestBody: { required: true, content: jsonContent(schemaOf(body, "input")) } }),
    responses: {
      200: { description: "OK", content: jsonContent(schemaOf(reply, "output")) },
      [REFUSED[4]]: { description: "the request is at fault", content: error },
      [REFUSED[5]]: { description: "not graded, or closing: never a reward of 0", content: error },
    },
  };
}

function jsonContent(schema: Json): Json {
  return { "application/json": { schema } };
}

function schemaOf(schema: z.ZodType, io: "input" | "output"): Json {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io, unrepresentable: "any" });
  return json;
}
