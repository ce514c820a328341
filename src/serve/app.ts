/** All dialects on one Hono app. */
import { type Context, Hono } from "hono";
import { about } from "./about.ts";
import { createAccessCheck } from "./access.ts";
import type { Dialect, ServeContext } from "./context.ts";
import { native } from "./native.ts";
import { nemoGym } from "./nemo-gym.ts";
import { openRlhf } from "./openrlhf.ts";
import { Refusal } from "./refusal.ts";
import { slime } from "./slime.ts";

export interface AppOptions {
  /** Empty or left out = none is asked for. */
  readonly token?: string;
  /** For /openapi.json. */
  readonly version?: string;
  /** Besides the trainers' own, such as `runCode`. */
  readonly dialects?: readonly Dialect[];
}

const OPEN_PATH = "/health"; // for whoever watches over the process

export type RewardApp = (request: Request) => Promise<Response>;

/** The app; it listens nowhere yet. Answers every request with JSON, and throws nothing. */
export function createApp(context: ServeContext, options: AppOptions = {}): RewardApp {
  const { token = "", version = "0", dialects = [] } = options;
  const app = new Hono();
  const checkAccess = createAccessCheck(token);
  app.use(async (c, next) => {
    if (context.isClosing) throw new Refusal("shutting_down", "the server is stopping", null, { connection: "close" });
    if (c.req.path !== OPEN_PATH) checkAccess(c.req.raw.headers);
    await next();
  });
  for (const dialect of [about(version), native, openRlhf, slime, nemoGym, ...dialects]) dialect(app, context);
  app.notFound((c) => {
    const path = c.req.path.slice(0, 120);
    return answer(c, new Refusal("not_found", `${JSON.stringify(path)} is no path`, "GET /openapi.json lists all."));
  });
  app.onError((error, c) => answer(c, error instanceof Refusal ? error : internal(error, c)));

  return async (request) => {
    const start = performance.now();
    context.underWay++;
    try {
      const response = await app.fetch(request);
      context.traffic.request(response.status, performance.now() - start);
      return response;
    } finally {
      context.underWay--;
    }
  };
}

function answer(c: Context, { body, status, headers }: Refusal): Response {
  return c.json(body, status, headers);
}

/** A fault that nobody foresaw: where, for its author; never a stack for whoever asked, and never a reward. */
function internal(error: Error, c: Context): Refusal {
  const where = `${c.req.method} ${c.req.path.slice(0, 120)}`;
  process.emitWarning(`${where} failed: ${error.stack ?? error.message}`, "RlvrServeWarning");
  return new Refusal("internal", "the server failed", "This is a fault of rlvr, and not of the completion.");
}
