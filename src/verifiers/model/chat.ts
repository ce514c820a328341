/** One question to a chat model, by the protocol of OpenAI's `/v1/chat/completions`, which vLLM, SGLang and llama.cpp speak. */
import { z } from "zod";
import { type NotGraded, notGraded } from "../verdict.ts";
import type { ModelServer } from "./server.ts";

export interface ChatSettings {
  readonly model: string;
  /** Longest reply, in tokens. */
  readonly maxTokens: number;
  /** Fields of the request that a server wants besides, or instead, of ours; undefined leaves one out. */
  readonly body?: Readonly<Record<string, unknown>> | undefined;
}

export interface ChatQuestion {
  readonly system: string;
  readonly user: string;
  readonly seed: number;
  /** Further fields that this question needs. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface ChatReply {
  readonly status: "replied";
  readonly text: string;
  /** The tokens of the reply, each with the likeliest ones at its place; empty where the server gives no log-probs. */
  readonly tokens: readonly { readonly token: string; readonly top: readonly TokenLogProb[] }[];
}

export interface TokenLogProb {
  readonly token: string;
  /** Natural logarithm. */
  readonly logprob: number;
}

const TokenLogProb = z.object({ token: z.string(), logprob: z.number() });
const Reply = z.object({
  choices: z
    .array(
      z.object({
        finish_reason: z.string().nullish(),
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        logprobs: z
          .object({
            content: z.array(TokenLogProb.extend({ top_logprobs: z.array(TokenLogProb).default([]) })).nullish(),
          })
          .nullish(),
      }),
    )
    .min(1),
});

/** Temperature 0 and a seed are sent. A reply that its server marks as refused or filtered is an abstention. */
export async function chat(
  server: ModelServer,
  { model, maxTokens, body }: ChatSettings,
  { system, user, seed, fields }: ChatQuestion,
  signal: AbortSignal | undefined,
): Promise<ChatReply | NotGraded> {
  const messages = [
    { role: "system", content: system },
    { role: "user", content: user },
  ];
  const request = { model, messages, temperature: 0, seed, max_tokens: maxTokens, ...fields, ...body };
  const answered = await server.post("/v1/chat/completions", request, signal);
  if (answered.status !== "answered") return answered;

  const reply = Reply.safeParse(answered.body);
  if (!reply.success) {
    const reason = `${server.name} sent no chat completion: ${z.prettifyError(reply.error)}`;
    return notGraded("infrastructure-error", reason);
  }
  const [choice] = reply.data.choices;
  const { message, finish_reason, logprobs } = choice as NonNullable<typeof choice>;
  if (message.refusal)
    return notGraded("abstained", `${model} refused: ${JSON.stringify(message.refusal.slice(0, 200))}`);
  if (finish_reason === "content_filter") return notGraded("abstained", `a content filter stopped ${model}`);
  return {
    status: "replied",
    text: message.content ?? "",
    tokens: (logprobs?.content ?? []).map(({ token, top_logprobs }) => ({ token, top: top_logprobs })),
  };
}
