/** What the dialects share: the tasks, the verifiers' queue, the limits, and the endpoints that were registered. */
import type { Hono } from "hono";
import type { z } from "zod";
import { RlvrError } from "../errors.ts";
import { createGrader, type Grader } from "./grader.ts";
import { type BodyBudget, bodyBudget } from "./json-body.ts";
import type { ServedTask } from "./served-task.ts";
import { ServeLimits } from "./settings.ts";
import { createTraffic, type Traffic } from "./traffic.ts";

export interface ServeContext {
  /** By name; at least one. */
  readonly tasks: ReadonlyMap<string, ServedTask>;
  readonly limits: ServeLimits;
  readonly grader: Grader;
  readonly bodies: BodyBudget;
  readonly traffic: Traffic;
  /** All that `endpoint` has registered: what /openapi.json is made of. */
  readonly endpoints: EndpointInfo[];
  /** Requests under way. */
  underWay: number;
  /** Finishing what is under way, refusing what comes. */
  isClosing: boolean;
}

export interface EndpointInfo {
  readonly method: "get" | "post";
  /** As Hono writes it. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly body?: z.ZodType;
  readonly reply: z.ZodType;
  /** Parameters of the query, with what they mean. */
  readonly query?: Readonly<Record<string, string>>;
  /** Also served as `/{task}` + path. */
  readonly perTask: boolean;
}

/** A protocol: its routes and nothing else. A new one is a new file with one of these, and a name in app.ts. */
export type Dialect = (app: Hono, context: ServeContext) => void;

export interface ContextOptions {
  readonly limits?: z.input<typeof ServeLimits>;
  readonly log?: (line: string) => void;
}

/** `/v1/verify` is a path of its own, not the `/verify` of a task. */
const RESERVED = "v1";

/** @throws E_CONFIG for no task, two of one name, or a name that is a path */
export function createContext(tasks: readonly ServedTask[], options: ContextOptions = {}): ServeContext {
  const limits = ServeLimits.parse(options.limits ?? {});
  return {
    tasks: byName(tasks),
    limits,
    grader: createGrader(limits),
    bodies: bodyBudget(limits.bodyMb, limits.memoryMb),
    traffic: createTraffic(options.log),
    endpoints: [],
    underWay: 0,
    isClosing: false,
  };
}

function byName(tasks: readonly ServedTask[]): Map<string, ServedTask> {
  if (tasks.length === 0) throw new RlvrError("E_CONFIG", "no task was given, expected one or more");
  const named = new Map<string, ServedTask>();
  for (const served of tasks) {
    const name = JSON.stringify(served.task.name);
    if (named.has(served.task.name)) {
      const hint = "Start a server for each.";
      throw new RlvrError("E_CONFIG", `two tasks have the name ${name}, expected different ones`, { hint });
    }
    if (served.task.name === RESERVED) {
      const hint = "Rename its folder.";
      throw new RlvrError("E_CONFIG", `a task has the name ${name}, which is a path of the server`, { hint });
    }
    named.set(served.task.name, served);
  }
  return named;
}
