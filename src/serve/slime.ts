/**
 * slime's remote reward model: `--rm-type remote_rm --rm-url http://…/rm`.
 *
 * The reply is a bare number, or with `?reward_key=score` an object for `--reward-key score`. A completion that is not graded
 * is a 503: the client tries ten times, waits longer each time, and then fails loudly.
 */
import { z } from "zod";
import type { Dialect } from "./context.ts";
import { endpoint, taskOf } from "./endpoint.ts";
import { completionText, promptText, TextOrMessages } from "./messages.ts";
import { allGraded, gradeSamples } from "./samples.ts";

export const SlimeRequest = z.looseObject({
  prompt: TextOrMessages.nullish(),
  response: TextOrMessages,
  label: z.unknown().optional().describe("the reference: an answer, a row of the task, or JSON text of one"),
  metadata: z.record(z.string(), z.unknown()).nullish().describe("other columns; slime itself sends none"),
});

export const SlimeReply = z.union([z.number(), z.record(z.string(), z.number())]);

export const slime: Dialect = (app, context) => {
  for (const path of ["/rm", "/"]) {
    endpoint(app, context, {
      method: "post",
      path,
      tag: "slime",
      summary: "slime's remote_rm: the reward as a bare number.",
      perTask: path !== "/",
      body: SlimeRequest,
      reply: SlimeReply,
      query: { reward_key: "reply with an object that has the reward under this name, and the metrics beside it" },
      async handle({ body: { prompt, response, label, metadata }, taskName, query, deadline }) {
        const sample = {
          completion: completionText(response),
          prompt: prompt === undefined || prompt === null ? null : promptText(prompt),
          answer: label,
          meta: metadata ?? {},
        };
        const served = taskOf(context, taskName);
        const [verdict] = allGraded(await gradeSamples(context, served, [sample], deadline));
        const { reward, metrics } = verdict!;
        const key = query("reward_key");
        return key === undefined ? reward : { ...metrics, [key]: reward };
      },
    });
  }
};
