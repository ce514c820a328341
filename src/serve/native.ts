/**
 * Our own dialect: a batch, with an error for each item that has none.
 *
 * The reply is 200 whatever becomes of single items, so that no trainer stops because of one bad sample. An item that was
 * not graded has `reward: null` and an error. Results are matched by id.
 */
import { z } from "zod";
import type { Dialect } from "./context.ts";
import { endpoint, taskOf } from "./endpoint.ts";
import { completionText, promptText, TextOrMessages } from "./messages.ts";
import { issueText, Refusal } from "./refusal.ts";
import { gradeSamples, type Sample, type SampleResult } from "./samples.ts";

const ItemId = z.string().min(1).max(512).describe("unique in the request");

const VerifyItem = z.strictObject({
  id: ItemId,
  completion: TextOrMessages.describe("what the policy wrote; of messages, the assistant's last"),
  prompt: TextOrMessages.nullish().describe("what it was asked; checked where a row is named by its id"),
  answer: z.unknown().optional().describe("the reference: an answer, a row of the task, or JSON text of one"),
  meta: z.record(z.string(), z.unknown()).nullish().describe("other columns: fields of the row, or its id and split"),
});
type VerifyItem = z.infer<typeof VerifyItem>;

export const VerifyRequest = z.strictObject({
  task: z.string().nullish().describe("may be left out where one task is served"),
  items: z.array(VerifyItem),
  timeout_ms: z.number().positive().nullish().describe("for the request; at most the server's own limit"),
});

/** The same with any items that have an id: what is wrong with one is an error of its own. */
const LenientRequest = VerifyRequest.extend({ items: z.array(z.looseObject({ id: ItemId })) });

const VerifyResult = z.strictObject({
  id: z.string(),
  reward: z.number().nullable().describe("null = not graded: leave the completion out, it is not 0"),
  pass: z.boolean().nullable().describe("fully correct"),
  metrics: z.record(z.string(), z.number()).describe("named parts of the reward and other numbers"),
  parsed: z.unknown().describe("what the verifier understood the answer to be; null if it found none"),
  explanation: z.string(),
  error: z
    .strictObject({
      kind: z.enum(["timeout", "crash", "bad_input", "not_graded"]).describe("all but bad_input are faults of ours"),
      message: z.string(),
    })
    .nullable(),
  ms: z.number().describe("of the verifier"),
});
type VerifyResult = z.infer<typeof VerifyResult>;

export const VerifyReply = z.strictObject({ results: z.array(VerifyResult) });

export const native: Dialect = (app, context) => {
  endpoint(app, context, {
    method: "post",
    path: "/v1/verify",
    tag: "native",
    summary: "Grades a batch; each item has its own error.",
    perTask: false,
    body: VerifyRequest,
    accepts: LenientRequest,
    reply: VerifyReply,
    async handle({ body, deadline }) {
      const { items, timeout_ms } = body;
      checkItems(items, context.limits.items);
      const served = taskOf(context, body.task ?? undefined);
      const end = timeout_ms ? Math.min(deadline, performance.now() + timeout_ms) : deadline;
      const parsed = items.map((item) => VerifyItem.safeParse(item));
      const samples = parsed.flatMap((one) => (one.success ? [sampleOf(one.data)] : []));
      const graded = (await gradeSamples(context, served, samples, end)).values();
      const results = parsed.map((one, i) => {
        const id = items[i]!.id;
        if (one.success) return resultOf(id, graded.next().value!);
        return resultOf(id, { status: "error", kind: "bad_input", message: issueText(one.error), ms: 0 });
      });
      return { results } satisfies z.infer<typeof VerifyReply>;
    },
  });
};

/** @throws {Refusal} too_large, or invalid where an id comes twice: its results could not be told apart */
export function checkItems(items: readonly { readonly id: string }[], most: number): void {
  if (items.length > most) {
    const hint = "Send several requests, or start the server with a larger --limits.items.";
    throw new Refusal("too_large", `the request has ${items.length} items, expected ≤ ${most}`, hint);
  }
  const seen = new Set<string>();
  for (const [i, { id }] of items.entries()) {
    if (seen.has(id)) {
      const message = `items[${i}].id: ${JSON.stringify(id.slice(0, 120))} came before, expected each id once`;
      throw new Refusal("invalid", message, "Results are matched by id.");
    }
    seen.add(id);
  }
}

function sampleOf({ completion, prompt, answer, meta }: VerifyItem): Sample {
  return {
    completion: completionText(completion),
    prompt: prompt === undefined || prompt === null ? null : promptText(prompt),
    answer,
    meta: meta ?? {},
  };
}

function resultOf(id: string, result: SampleResult): VerifyResult {
  const ms = Number(result.ms.toFixed(3));
  if (result.status === "error") {
    const { kind, message } = result;
    return { id, reward: null, pass: null, metrics: {}, parsed: null, explanation: "", error: { kind, message }, ms };
  }
  const { reward, outcome, metrics, answer, reason } = result.verdict;
  return { id, reward, pass: outcome === "correct", metrics, parsed: answer, explanation: reason, error: null, ms };
}
