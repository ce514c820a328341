/**
 * llama.cpp's server by `/completion`: `prompt: int[]` in, `tokens` out, with the probability of each (`n_probs: 1`).
 *
 * It takes no new weights while it runs, so it measures and samples, and trains nothing. Two things it does are worked
 * around: it cuts the log-probs of a stop string off, so stop strings are looked for here, when it is done; and it leaves
 * out those of tokens inside a character, so a completion with such a token is refused.
 * https://github.com/ggml-org/llama.cpp/tree/master/tools/server
 */
import { z } from "zod";
import { RlvrError } from "../../errors.ts";
import { type Dialect, parseAnswer } from "./dialect.ts";

const HINT = "use a llama-server that knows return_tokens and n_probs (2025 or newer)";

const Completed = z.looseObject({
  tokens: z.array(z.number(), "expected a list of token ids"),
  tokens_evaluated: z.number(),
  stop_type: z.string(),
  completion_probabilities: z.array(
    z.looseObject({ id: z.number(), logprob: z.number().optional(), prob: z.number().optional() }),
    "expected the log-probs of the sampled tokens",
  ),
});

export function llamaServerDialect(): Dialect {
  return {
    engine: "llama-server",
    capabilities: { adapters: false, fullWeights: false },
    start: "llama-server --model <the model as GGUF> --port 8080",

    async open(client, signal) {
      await client.must("GET", "/health", undefined, signal);
    },

    ask: ({ prompt, maxTokens, temperature, seed }) => ({
      path: "/completion",
      body: {
        prompt,
        n_predict: maxTokens,
        seed,
        temperature,
        samplers: ["temperature"],
        // named too: versions differ in what the list of samplers switches off
        ...{ top_k: 0, top_p: 1, min_p: 0, typical_p: 1, repeat_penalty: 1, presence_penalty: 0, frequency_penalty: 0 },
        n_probs: 1,
        // before the samplers a log-prob is that at temperature 1; a greedy one is wanted so too
        post_sampling_probs: isTempered(temperature),
        return_tokens: true,
        cache_prompt: false,
        stream: false,
      },
    }),

    read(answer, { prompt, temperature }) {
      const { tokens, completion_probabilities: drawn, ...rest } = parseAnswer(Completed, answer, HINT);
      if (rest.tokens_evaluated !== prompt.length) {
        throw new RlvrError(
          "E_SERVE",
          `the server read ${rest.tokens_evaluated} prompt ids, expected ${prompt.length}`,
        );
      }
      if (drawn.some(({ id }, t) => id !== tokens[t])) {
        throw new RlvrError(
          "E_SERVE",
          "completion_probabilities are of other tokens than `tokens`, expected the same",
          {
            hint: "llama-server leaves out tokens inside a character: use vLLM or SGLang for text with many such",
          },
        );
      }
      const logProb = ({ logprob, prob }: (typeof drawn)[number]) =>
        isTempered(temperature) ? (prob === undefined ? null : Math.log(prob)) : (logprob ?? null);
      return { tokens, logProbs: drawn.map(logProb), finish: rest.stop_type };
    },

    sync() {
      throw new RlvrError("E_CONFIG", "llama-server takes no new weights while it runs, and training makes new ones", {
        hint: "train with --sampler.kind vllm or sglang; llama-server can be measured with rlvr eval",
      });
    },
  };
}

function isTempered(temperature: number): boolean {
  return temperature !== 0 && temperature !== 1;
}
