/** `Score` functions for reward models that run in vLLM or SGLang. */
import { z } from "zod";
import { notGraded } from "../verdict.ts";
import type { Pair, Score } from "./reward-model.ts";
import { type ModelServer, type ModelServerSettings, modelServer } from "./server.ts";

export interface HttpRewardModelOptions {
  readonly server: ModelServerSettings | ModelServer;
  readonly model: string;
  /** A pair as the text that the model was trained on, with its chat template; one after the other by default. */
  readonly text?: (pair: Pair) => string;
  /**
   * Further fields of the request. Have the server cut texts that are too long for the model, or one of them fails its
   * whole batch: `{ truncate_prompt_tokens: -1 }` for vLLM, the start option `--allow-auto-truncate` for SGLang.
   */
  readonly body?: Readonly<Record<string, unknown>>;
}

/** `data`, with the place of each in the input; in order where the server does not say. */
const Item = z.object({ index: z.int().nonnegative().optional() });
const Classified = Item.extend({ probs: z.array(z.number()).min(1) });
const Embedded = Item.extend({ embedding: z.array(z.number()).min(1) });

/** vLLM's `POST /classify`, without its activation: the last logit. */
export function vllmScore(options: HttpRewardModelOptions): Score {
  return httpScore(options, "/classify", { use_activation: false }, Classified, ({ probs }) => probs.at(-1) as number);
}

/** SGLang's `POST /v1/embeddings` of a reward model: the last number. */
export function sglangScore(options: HttpRewardModelOptions): Score {
  return httpScore(options, "/v1/embeddings", {}, Embedded, ({ embedding }) => embedding.at(-1) as number);
}

function httpScore<Schema extends typeof Classified | typeof Embedded>(
  { server, model, text = ({ prompt, completion }) => prompt + completion, body }: HttpRewardModelOptions,
  path: string,
  fields: Readonly<Record<string, unknown>>,
  schema: Schema,
  scoreOf: (item: z.output<Schema>) => number,
): Score {
  const { name, post } = "post" in server ? server : modelServer(server);
  const Reply = z.object({ data: z.array(schema) });

  return async (pairs, signal) => {
    const answered = await post(path, { model, input: pairs.map(text), ...fields, ...body }, signal);
    if (answered.status !== "answered") return answered;
    const reply = Reply.safeParse(answered.body);
    if (!reply.success) {
      return notGraded("infrastructure-error", `${name}${path} sent no scores: ${z.prettifyError(reply.error)}`);
    }
    const data = reply.data.data as z.output<Schema>[];
    const scores = new Map(data.map((item, i) => [item.index ?? i, scoreOf(item)]));
    const found = pairs.map((_, i) => scores.get(i)).filter((score) => score !== undefined);
    if (found.length === pairs.length && data.length === pairs.length) return found;
    return notGraded(
      "infrastructure-error",
      `${name}${path} sent ${data.length} scores for ${pairs.length} texts, or not one for each`,
    );
  };
}
