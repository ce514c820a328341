/**
 * OpenRLHF's remote reward model: `--reward.remote_url http://…/get_reward`.
 *
 * Its client posts lists (of one, in the single-turn path), takes `rewards` for the loss and `scores` in [0, 1] for dynamic
 * filtering, and knows no null: a null among the rewards would end the trainer. So a completion that is not graded makes the
 * whole reply a 503. The client tries five times, which helps where the fault passes, and then leaves the sample without a
 * reward.
 */
import { z } from "zod";
import type { Dialect } from "./context.ts";
import { endpoint, taskOf } from "./endpoint.ts";
import { Refusal } from "./refusal.ts";
import { allGraded, gradeSamples, type Sample } from "./samples.ts";

export const OpenRlhfRequest = z.looseObject({
  query: z.array(z.string()).describe("prompt and completion as one text, special tokens kept"),
  prompts: z.array(z.string()).nullish().describe("stripped from the query; without it the whole query is graded"),
  labels: z.array(z.unknown()).nullish().describe("the reference of each: an answer, a row, or JSON text of one"),
});

export const OpenRlhfReply = z.strictObject({
  rewards: z.array(z.number()),
  scores: z.array(z.number().min(0).max(1)).describe("the rewards, cut to [0, 1]"),
  extra_logs: z.record(z.string(), z.array(z.number())).describe("metrics that every completion has"),
});

export const openRlhf: Dialect = (app, context) => {
  endpoint(app, context, {
    method: "post",
    path: "/get_reward",
    tag: "OpenRLHF",
    summary: "OpenRLHF's remote reward model.",
    perTask: true,
    body: OpenRlhfRequest,
    reply: OpenRlhfReply,
    async handle({ body: { query, prompts, labels }, taskName, deadline }) {
      const served = taskOf(context, taskName);
      if (query.length > context.limits.items) {
        throw new Refusal("too_large", `the request has ${query.length} queries, expected ≤ ${context.limits.items}`);
      }
      for (const [name, list] of Object.entries({ prompts, labels })) {
        if (list && list.length !== query.length) {
          throw new Refusal(
            "invalid",
            `${name} has ${list.length} entries, expected ${query.length}: one for each query`,
          );
        }
      }
      const ends = [...(served.task.stop ?? []), ...END_TOKENS];
      const samples = query.map((text, i): Sample => {
        const prompt = prompts?.[i] ?? null;
        const completion = withoutEnd(prompt === null ? text : withoutPrompt(text, prompt, i), ends);
        return { completion, prompt, answer: labels?.[i], meta: {} };
      });
      const verdicts = allGraded(await gradeSamples(context, served, samples, deadline));
      const rewards = verdicts.map(({ reward }) => reward);
      return {
        rewards,
        scores: rewards.map((reward) => Math.min(1, Math.max(0, reward))),
        extra_logs: commonMetrics(verdicts.map(({ metrics }) => metrics)),
      } satisfies z.infer<typeof OpenRlhfReply>;
    },
  });
};

/** Texts of the end-of-sequence and padding tokens of common models, which a query keeps. */
const END_TOKENS = [
  "<|im_end|>",
  "<|endoftext|>",
  "<|eot_id|>",
  "<|end_of_text|>",
  "<|end|>",
  "<|return|>",
  "<end_of_turn>",
  "<eos>",
  "<pad>",
  "</s>",
  "<｜end▁of▁sentence｜>",
];

/** The completion without the tokens and stop texts that end it, and the space between them. */
export function withoutEnd(completion: string, ends: readonly string[]): string {
  let text = completion;
  for (;;) {
    const trimmed = text.trimEnd();
    const whole = [text, trimmed].find((one) => ends.some((end) => one.endsWith(end)));
    const end = ends.find((one) => whole?.endsWith(one));
    if (whole === undefined || end === undefined) return text;
    text = whole.slice(0, -end.length);
  }
}

/** Of a prompt that was cut at its beginning, at least so much must be left to be recognized. */
const SHORTEST_REST = 16;

/**
 * The query after its prompt. The prompt may come after a beginning-of-sequence token, and may have lost its own beginning,
 * where the trainer cut it to its longest length.
 *
 * @throws {Refusal} invalid where the query has none of it: grading a prompt as if it were a completion is worse
 */
export function withoutPrompt(query: string, prompt: string, index: number): string {
  const at = query.indexOf(prompt);
  if (at >= 0) return query.slice(at + prompt.length);
  const rest = longestOverlap(prompt, query);
  if (rest >= SHORTEST_REST) return query.slice(rest);
  throw new Refusal(
    "invalid",
    `query[${index}] does not contain prompts[${index}]`,
    "The tokenizer changed the prompt's text. Send no prompts, and the whole query is graded.",
  );
}

/** Length of the longest end of `left` that `right` begins with: Knuth, Morris and Pratt's failure function. */
function longestOverlap(left: string, right: string): number {
  const pattern = right.slice(0, left.length);
  const text = left.slice(left.length - pattern.length);
  const failure = new Int32Array(pattern.length);
  for (let i = 1, k = 0; i < pattern.length; i++) {
    while (k > 0 && pattern[i] !== pattern[k]) k = failure[k - 1]!;
    if (pattern[i] === pattern[k]) k++;
    failure[i] = k;
  }
  let matched = 0;
  for (let i = 0; i < text.length; i++) {
    while (matched > 0 && (matched === pattern.length || text[i] !== pattern[matched])) matched = failure[matched - 1]!;
    if (text[i] === pattern[matched]) matched++;
  }
  return matched;
}

/** Columns of equal length: names that only some completions have are left out. */
function commonMetrics(all: readonly Readonly<Record<string, number>>[]): Record<string, number[]> {
  const names = Object.keys(all[0] ?? {}).filter((name) => all.every((metrics) => Object.hasOwn(metrics, name)));
  return Object.fromEntries(names.map((name) => [name, all.map((metrics) => metrics[name]!)]));
}
