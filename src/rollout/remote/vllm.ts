/**
 * vLLM by its OpenAI-compatible `/v1/completions`, and every server that answers the same way: token ids in
 * (`prompt: int[]`) and out (`return_token_ids`), with the log-prob of each sampled token (`logprobs: 0`).
 *
 * Adapters are loaded while it runs and chosen by `model`. All weights are read anew from the folder that it was started
 * on, between `/sleep` and `/wake_up`. https://docs.vllm.ai/en/latest/features/{lora,sleep_mode}
 */
import { z } from "zod";
import { RlvrError } from "../../errors.ts";
import { ServerAdapters } from "./adapters.ts";
import { type Dialect, parseAnswer } from "./dialect.ts";

const HINT =
  "start vLLM 0.10.2 or newer, which answers return_token_ids; other servers must give token ids and log-probs too";

const Models = z.looseObject({ data: z.array(z.looseObject({ id: z.string() })).min(1) });
const Completions = z.looseObject({
  model: z.string(),
  choices: z
    .array(
      z.looseObject({
        finish_reason: z.string().nullable(),
        token_ids: z.array(z.number(), "expected a list of token ids"),
        prompt_token_ids: z.array(z.number(), "expected the ids of the prompt"),
        logprobs: z.looseObject(
          { token_logprobs: z.array(z.number().nullable(), "expected a list of log-probs") },
          "expected the log-probs of the sampled tokens",
        ),
      }),
    )
    .length(1, "expected one completion"),
});

export interface VllmOptions {
  /** The base model's name on the server; empty = the first that it lists. */
  readonly model: string;
  /** A folder for the command line in messages. */
  readonly modelFolder: string;
  /** Rank of the adapter; 0 = all weights are trained. */
  readonly rank: number;
}

export function vllmDialect({ model: name, modelFolder, rank }: VllmOptions): Dialect {
  let model = name;
  const adapters = new ServerAdapters();
  const start =
    rank > 0
      ? `VLLM_ALLOW_RUNTIME_LORA_UPDATING=True vllm serve ${modelFolder} --logprobs-mode processed_logprobs ` +
        `--enable-lora --max-lora-rank ${kernelRank(rank)} --max-loras 2`
      : `VLLM_SERVER_DEV_MODE=1 vllm serve ${modelFolder} --logprobs-mode processed_logprobs --enable-sleep-mode`;

  return {
    engine: "vLLM",
    capabilities: { adapters: true, fullWeights: true },
    start,

    async open(client, signal) {
      const text = await client.must("GET", "/v1/models", undefined, signal);
      const names = parseAnswer(Models, JSON.parse(text), HINT).data.map(({ id }) => id);
      if (name !== "" && !names.includes(name)) {
        throw new RlvrError(
          "E_CONFIG",
          `${client.name} has the models ${names.join(", ")}, expected ${JSON.stringify(name)}`,
          {
            hint: "give one of them as sampler.model",
          },
        );
      }
      if (name === "") model = names[0]!;
    },

    ask: ({ prompt, maxTokens, temperature, stopIds, stopStrings, seed }) => ({
      path: "/v1/completions",
      body: {
        model,
        prompt,
        max_tokens: maxTokens,
        n: 1,
        seed,
        temperature,
        // all named: the server would take what is not from the model's generation_config.json
        ...{ top_p: 1, top_k: -1, min_p: 0, repetition_penalty: 1, presence_penalty: 0, frequency_penalty: 0 },
        stop: stopStrings,
        stop_token_ids: stopIds,
        include_stop_str_in_output: true,
        skip_special_tokens: false,
        add_special_tokens: false,
        logprobs: 0,
        return_token_ids: true,
      },
    }),

    read(answer, { prompt }) {
      const { model: from, choices } = parseAnswer(Completions, answer, HINT);
      const { finish_reason: finish, token_ids: tokens, prompt_token_ids: read, logprobs } = choices[0]!;
      if (from !== model) {
        throw new RlvrError("E_SERVE", `the model ${JSON.stringify(from)} answered, expected ${JSON.stringify(model)}`);
      }
      if (read.length !== prompt.length || read.some((token, t) => token !== prompt[t])) {
        throw new RlvrError(
          "E_SERVE",
          `the server read ${read.length} prompt ids, expected the ${prompt.length} that were sent`,
        );
      }
      return { tokens, logProbs: logprobs.token_logprobs, finish: finish ?? "no finish_reason" };
    },

    async sync(client, weights, { version, model: policy }, signal) {
      if (policy.weights.adapter) {
        model = await adapters.bring(version, policy, weights, {
          load: async (lora_name, lora_path) => {
            const path = "/v1/load_lora_adapter";
            const { status, text } = await client.ask("POST", path, { lora_name, lora_path }, signal);
            // the name holds a hash of the weights: where it is known, these are there already
            if (status === 200 || (status === 400 && text.includes("already"))) return;
            throw new RlvrError("E_SERVE", `${client.name}${path}: ${status}: ${text.slice(0, 300)}`, {
              hint: `the server reads ${lora_path}; it must be started with: ${start}`,
            });
          },
          // a server that was restarted has forgotten it: any answer will do
          unload: async (lora_name) =>
            void (await client.ask("POST", "/v1/unload_lora_adapter", { lora_name }, signal)),
        });
        return;
      }
      await weights.replace(version, policy);
      await client.must("POST", "/sleep?level=2", undefined, signal);
      await client.must("POST", "/wake_up?tags=weights", undefined, signal);
      await client.must("POST", "/collective_rpc", { method: "reload_weights" }, signal);
      await client.must("POST", "/wake_up?tags=kv_cache", undefined, signal);
    },
  };
}

/** The ranks that vLLM has kernels for. */
function kernelRank(rank: number): number {
  return [8, 16, 32, 64, 128, 256, 320, 512].find((size) => size >= rank) ?? rank;
}
