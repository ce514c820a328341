/**
 * NeMo Gym's resources server, without state between its calls.
 *
 * `reward` is a required number there, and what marks a sample as no valid measurement (`mask_sample`) is read by newer
 * versions only. So a completion that is not graded is a 503: its rollout fails and is counted as failed.
 */
import { z } from "zod";
import type { Dialect } from "./context.ts";
import { endpoint, taskOf } from "./endpoint.ts";
import { completionText, promptText, TextOrMessages } from "./messages.ts";
import { profile } from "./reward-profile.ts";
import { allGraded, gradeSamples, type Sample } from "./samples.ts";

export const SeedRequest = z.looseObject({
  resources_session_id: z.string().optional().describe("sent back where it came; nothing is kept"),
});

export const NemoVerifyRequest = z.looseObject({
  task: z.unknown().optional().describe("where several tasks are served and the path names none"),
  responses_create_params: z.looseObject({ input: TextOrMessages.nullish() }),
  response: z
    .looseObject({ output: z.array(z.looseObject({ type: z.string().optional() })) })
    .describe("a Responses object; the last message of the assistant is graded"),
  answer: z.unknown().optional().describe("the reference"),
  expected_answer: z.unknown().optional().describe("the same, under its other common name"),
  verifier_metadata: z.record(z.string(), z.unknown()).nullish().describe("fields of the row; so are all others here"),
});
type NemoVerifyRequest = z.infer<typeof NemoVerifyRequest>;

export const NemoVerifyReply = z.looseObject({
  reward: z.number(),
  reward_components: z.record(z.string(), z.number()).describe("the verdict's metrics"),
});

export const AggregateRequest = z.looseObject({
  verify_responses: z.array(z.record(z.string(), z.unknown())).describe("replies of /verify"),
});

export const AggregateReply = z.strictObject({
  group_level_metrics: z.array(z.record(z.string(), z.number())).describe("of each _ng_task_index"),
  agent_metrics: z.record(z.string(), z.number()).describe("mean, max, min, median and std of each number"),
  key_metrics: z.record(z.string(), z.number()).describe("the means"),
});

const TAG = "NeMo Gym";

export const nemoGym: Dialect = (app, context) => {
  const session = (path: string, summary: string) =>
    endpoint(app, context, {
      method: "post",
      path,
      tag: TAG,
      summary,
      perTask: true,
      body: SeedRequest,
      reply: SeedRequest,
      handle: ({ body, taskName }) => {
        if (taskName !== undefined) taskOf(context, taskName);
        const { resources_session_id: id } = body;
        return id === undefined ? {} : { resources_session_id: id };
      },
    });
  session("/seed_session", "Does nothing: a verifier needs no session.");
  session("/close_session", "Does nothing: a verifier needs no session.");

  endpoint(app, context, {
    method: "post",
    path: "/verify",
    tag: TAG,
    summary: "NeMo Gym's verify: the request's own body, and its reward.",
    perTask: true,
    body: NemoVerifyRequest,
    reply: NemoVerifyReply,
    async handle({ body, taskName, deadline }) {
      const named = typeof body.task === "string" && context.tasks.has(body.task) ? body.task : undefined;
      const served = taskOf(context, taskName ?? named);
      const [verdict] = allGraded(await gradeSamples(context, served, [sampleOf(body)], deadline));
      return { ...body, reward: verdict!.reward, reward_components: verdict!.metrics };
    },
  });

  endpoint(app, context, {
    method: "post",
    path: "/aggregate_metrics",
    tag: TAG,
    summary: "Statistics over replies of /verify.",
    perTask: true,
    body: AggregateRequest,
    reply: AggregateReply,
    handle: ({ body }) => profile(body.verify_responses) satisfies z.infer<typeof AggregateReply>,
  });

  endpoint(app, context, {
    method: "get",
    path: "/reverify_mode",
    tag: TAG,
    summary: "Says that /verify may be called again for the same rollout.",
    perTask: true,
    reply: z.literal("stateless"),
    handle: () => "stateless",
  });
};

function sampleOf(body: NemoVerifyRequest): Sample {
  const { responses_create_params, response, verifier_metadata, answer, expected_answer, ...columns } = body;
  const { input } = responses_create_params;
  const meta = { ...columns, ...(verifier_metadata ?? {}) };
  const messages = z
    .array(z.unknown())
    .parse(response.output)
    .flatMap((item) => {
      const message = TextOrMessages.safeParse([item]);
      return message.success && typeof message.data !== "string" ? message.data : [];
    });
  return {
    completion: completionText(messages),
    prompt: input === undefined || input === null ? null : promptText(input),
    answer: answer ?? expected_answer,
    meta,
  };
}
