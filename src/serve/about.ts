/** What the server says of itself: that it lives, what it serves, and how to talk to it. */
import { z } from "zod";
import type { Dialect, ServeContext } from "./context.ts";
import { endpoint } from "./endpoint.ts";
import { openApi } from "./openapi.ts";
import { rowRules } from "./row.ts";
import type { ServedTask } from "./served-task.ts";

export const Health = z.strictObject({
  status: z.literal("ok"),
  tasks: z.array(z.string()),
  uptime_s: z.number(),
  active: z.int().describe("completions whose verifier runs"),
  waiting: z.int().describe("completions that wait for a verifier"),
  requests: z.int(),
  refused: z.int().describe("requests answered with 4xx or 5xx"),
  completions: z.int(),
  not_graded: z.int().describe("completions without a reward for a fault of ours"),
  bad_input: z.int().describe("completions without a reward for a fault of the request"),
});

export const TaskList = z.strictObject({
  tasks: z.array(
    z.strictObject({
      name: z.string(),
      description: z.string(),
      max_tokens: z.int().describe("longest completion worth sampling"),
      row_schema: z.record(z.string(), z.unknown()).describe("JSON Schema of the task's rows"),
      row_from: z.array(z.string()).describe("what an item may send to name its row, the first that fits counts"),
      example: z.strictObject({
        item: z.record(z.string(), z.unknown()).describe("for the items of /v1/verify"),
        reward: z.number(),
      }),
    }),
  ),
});

const TAG = "about";

/** `version` is the package's. */
export function about(version: string): Dialect {
  return (app, context) => {
    const started = performance.now();
    const get = { method: "get", tag: TAG, perTask: false } as const;
    endpoint(app, context, {
      ...get,
      path: "/health",
      summary: "Says that the server lives; needs no token.",
      reply: Health,
      handle: () => health(context, started),
    });
    endpoint(app, context, {
      ...get,
      path: "/v1/tasks",
      summary: "The tasks, with the schema of their rows and how one is made.",
      reply: TaskList,
      handle: () => ({ tasks: [...context.tasks.values()].map(describeTask) }) satisfies z.infer<typeof TaskList>,
    });
    endpoint(app, context, {
      ...get,
      path: "/openapi.json",
      summary: "This description of all paths.",
      reply: z.record(z.string(), z.unknown()),
      handle: () => openApi(context.endpoints, [...context.tasks.keys()], version),
    });
  };
}

function health({ tasks, grader, traffic }: ServeContext, started: number): z.infer<typeof Health> {
  const { requests, refused, completions, notGraded, badInput } = traffic.totals;
  return {
    status: "ok",
    tasks: [...tasks.keys()],
    uptime_s: Math.round((performance.now() - started) / 1000),
    active: grader.active,
    waiting: grader.waiting,
    requests,
    refused,
    completions,
    not_graded: notGraded,
    bad_input: badInput,
  };
}

function describeTask(served: ServedTask): z.infer<typeof TaskList>["tasks"][number] {
  const { task, rowSchema } = served;
  const { name, description, maxTokens, cases } = task;
  const { row, completion, reward } = cases[0]!; // a definition has at least one
  return {
    name,
    description,
    max_tokens: maxTokens,
    row_schema: rowSchema,
    row_from: rowRules(served),
    example: { item: { id: "1", completion, answer: row }, reward },
  };
}
