/**
 * SGLang by `/generate`: `input_ids` in, triples (log-prob, id, text) out. Its log-probs are those after temperature.
 *
 * Adapters are loaded while it runs and chosen by `lora_path`; all weights are read from a folder, under a version that
 * every answer names. https://docs.sglang.ai/advanced_features/sglang_for_rl.html
 */
import { z } from "zod";
import { RlvrError } from "../../errors.ts";
import { ServerAdapters } from "./adapters.ts";
import type { EngineClient } from "./client.ts";
import { type Dialect, parseAnswer } from "./dialect.ts";

const HINT = "use a SGLang that gives output_token_logprobs for return_logprob, without SGLANG_RETURN_ORIGINAL_LOGPROB";

const Generated = z.looseObject({
  meta_info: z.looseObject({
    finish_reason: z.looseObject({ type: z.string() }).nullable(),
    prompt_tokens: z.number(),
    output_token_logprobs: z.array(
      z.tuple([z.number().nullable(), z.number()], z.unknown()),
      "expected [log-prob, id, text] of each sampled token",
    ),
    weight_version: z.string().optional(),
  }),
});
const Done = z.looseObject({ success: z.literal(true, "expected true") });

export interface SglangOptions {
  /** A folder for the command line in messages. */
  readonly modelFolder: string;
  /** Rank of the adapter; 0 = all weights are trained. */
  readonly rank: number;
}

export function sglangDialect({ modelFolder, rank }: SglangOptions): Dialect {
  let adapter: string | null = null;
  const adapters = new ServerAdapters();
  /** Whether the weights came from here, so that answers name their version. */
  let versioned = false;

  return {
    engine: "SGLang",
    capabilities: { adapters: true, fullWeights: true },
    start:
      `python -m sglang.launch_server --model-path ${modelFolder}` +
      (rank > 0 ? ` --enable-lora --max-lora-rank ${rank} --lora-target-modules all --max-loras-per-batch 2` : ""),

    async open(client, signal) {
      await client.must("GET", "/health", undefined, signal);
    },

    ask: ({ prompt, maxTokens, temperature, stopIds, stopStrings, seed }) => ({
      path: "/generate",
      body: {
        input_ids: prompt,
        sampling_params: {
          max_new_tokens: maxTokens,
          temperature,
          sampling_seed: seed,
          // all named: the server would take what is not from the model's generation_config.json
          ...{ top_p: 1, top_k: -1, min_p: 0, repetition_penalty: 1, presence_penalty: 0, frequency_penalty: 0 },
          stop: stopStrings,
          stop_token_ids: stopIds,
          no_stop_trim: true,
          skip_special_tokens: false,
        },
        return_logprob: true,
        stream: false,
        ...(adapter === null ? {} : { lora_path: adapter }),
      },
    }),

    read(answer, { prompt }) {
      const { meta_info: info } = parseAnswer(Generated, answer, HINT);
      if (info.prompt_tokens !== prompt.length) {
        throw new RlvrError(
          "E_SERVE",
          `the server read ${info.prompt_tokens} prompt ids, expected the ${prompt.length} that were sent`,
        );
      }
      return {
        tokens: info.output_token_logprobs.map(([, token]) => token),
        logProbs: info.output_token_logprobs.map(([logProb]) => logProb),
        finish: info.finish_reason?.type ?? "no finish_reason",
        ...(versioned ? { policyVersion: versionOf(info.weight_version) } : {}),
      };
    },

    async sync(client, weights, { version, model }, signal) {
      if (model.weights.adapter) {
        adapter = await adapters.bring(version, model, weights, {
          load: (lora_name, lora_path) => mustSucceed(client, "/load_lora_adapter", { lora_name, lora_path }, signal),
          // a server that was restarted has forgotten it: any answer will do
          unload: async (lora_name) => void (await client.ask("POST", "/unload_lora_adapter", { lora_name }, signal)),
        });
        return;
      }
      const { path } = await weights.publish(version, model);
      const body = { model_path: path, weight_version: String(version), flush_cache: true };
      await mustSucceed(client, "/update_weights_from_disk", body, signal);
      versioned = true;
      await weights.keep([version]);
    },
  };
}

function versionOf(text: string | undefined): number {
  if (text !== undefined && /^\d+$/.test(text)) return Number(text);
  throw new RlvrError(
    "E_SERVE",
    `meta_info.weight_version is ${JSON.stringify(text)}, expected the number that was sent`,
    {
      hint: "nobody else may update this server's weights; if it was restarted, go on with --resume",
    },
  );
}

async function mustSucceed(
  client: EngineClient,
  path: string,
  body: unknown,
  signal: AbortSignal | undefined,
): Promise<void> {
  const text = await client.must("POST", path, body, signal);
  const answer: unknown = JSON.parse(text);
  if (Done.safeParse(answer).success) return;
  throw new RlvrError("E_SERVE", `${client.name}${path}: ${text.slice(0, 300)}, expected "success": true`);
}
