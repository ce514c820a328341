/** Registers a route from its schemas: they check the request here, and describe it in /openapi.json. */
import type { Context, Hono } from "hono";
import type { z } from "zod";
import type { EndpointInfo, ServeContext } from "./context.ts";
import { readJson } from "./json-body.ts";
import { issueText, Refusal } from "./refusal.ts";
import type { ServedTask } from "./served-task.ts";

export interface EndpointRequest<Body> {
  readonly body: Body;
  /** The task of the path; undefined where it names none. */
  readonly taskName: string | undefined;
  query(name: string): string | undefined;
  /** When the whole request must be answered, as of performance.now(). */
  readonly deadline: number;
}

export interface Endpoint<Schema extends z.ZodType> extends EndpointInfo {
  /** What is parsed, where that is more lenient than what is described: a batch with a broken item, say. */
  readonly accepts?: z.ZodType<unknown>;
  readonly body?: Schema;
  handle(request: EndpointRequest<z.output<Schema>>): unknown;
}

/** Adds `path`, and `/:task` + path, and the 405 of all other methods. */
export function endpoint<Schema extends z.ZodType>(app: Hono, context: ServeContext, spec: Endpoint<Schema>): void {
  const { handle: _, accepts: __, ...info } = spec;
  context.endpoints.push(info);
  const handler = spec.body === undefined ? getHandler(context, spec) : postHandler(context, spec, spec.body);
  const allow = spec.method === "get" ? "GET, HEAD" : "POST";
  for (const path of spec.perTask ? [spec.path, `/:task${spec.path === "/" ? "" : spec.path}`] : [spec.path]) {
    app.on(spec.method.toUpperCase(), path, handler);
    app.all(path, (c) => {
      throw new Refusal("method_not_allowed", `${c.req.method} came, expected ${allow} on ${spec.path}`, null, {
        allow,
      });
    });
  }
}

function getHandler<Schema extends z.ZodType>(context: ServeContext, spec: Endpoint<Schema>) {
  return async (c: Context) => c.json((await spec.handle(requestOf(context, c, undefined as never))) as object);
}

function postHandler<Schema extends z.ZodType>(context: ServeContext, spec: Endpoint<Schema>, schema: Schema) {
  return async (c: Context) => {
    const { value, release } = await readJson(c.req.raw, context.bodies);
    try {
      const parsed = (spec.accepts ?? schema).safeParse(value);
      if (!parsed.success) {
        throw new Refusal("invalid", issueText(parsed.error), "GET /openapi.json describes every request.");
      }
      return c.json((await spec.handle(requestOf(context, c, parsed.data as z.output<Schema>))) as object);
    } finally {
      release();
    }
  };
}

function requestOf<Body>(context: ServeContext, c: Context, body: Body): EndpointRequest<Body> {
  return {
    body,
    taskName: c.req.param("task"),
    query: (name) => c.req.query(name),
    deadline: performance.now() + context.limits.requestTimeoutMs,
  };
}

/**
 * The task that a request names, or the only one.
 *
 * @throws {Refusal} unknown_task; invalid where none is named and several are served
 */
export function taskOf({ tasks }: ServeContext, name: string | undefined): ServedTask {
  const names = [...tasks.keys()];
  if (name === undefined) {
    const [only, ...others] = tasks.values();
    if (only !== undefined && others.length === 0) return only;
    const hint = `Put it in front of the path, as in /${names[0]}/…, or in the field "task".`;
    throw new Refusal("invalid", `no task is named, expected one of ${names.join(", ")}`, hint);
  }
  const found = tasks.get(name);
  if (found !== undefined) return found;
  const message = `${JSON.stringify(name.slice(0, 120))} is not a task of this server`;
  throw new Refusal("unknown_task", message, `It serves ${names.join(", ")}.`);
}
