import { type Tensor, tf } from "../engine/tf.ts";
import { chunkedLogProbs, LOGITS_AT_ONCE } from "./chunked-log-probs.ts";
import type { PolicyOutputs } from "./loss.ts";
import type { ModelConfig } from "./model-config.ts";
import { tokenLogProbs } from "./token-log-probs.ts";
import { head, headTable, scoreHead, trunk, type Weights } from "./transformer.ts";

/**
 * Log-probabilities and entropies of given tokens [B, T] at a sampling temperature, and the score head's numbers.
 * The logits at t−1 are those of token t: column 0, which nothing predicts, is 0.
 *
 * @param recompute keep only each layer's input for the backward pass, and compute the rest again
 */
export function policyOutputs(
  weights: Weights,
  config: ModelConfig,
  tokens: Tensor,
  temperature: number,
  recompute = false,
): PolicyOutputs {
  const [B, T] = tokens.shape as [number, number];
  const { hidden } = trunk(weights, config, tokens, recompute);
  const none = () => tf.zeros([B, T]);
  const language =
    config.head === "score"
      ? { logProbs: none(), entropy: none() }
      : languageOutputs(weights, config, hidden, tokens, temperature);
  return config.head === "language" ? language : { ...language, scores: scoreHead(weights, hidden).reshape([B, T]) };
}

/** hidden [B·T, D], tokens [B, T] → [B, T] each */
function languageOutputs(
  weights: Weights,
  config: ModelConfig,
  hidden: Tensor,
  tokens: Tensor,
  temperature: number,
): Pick<PolicyOutputs, "logProbs" | "entropy"> {
  const [B, T] = tokens.shape as [number, number];
  const D = config.hiddenSize;
  const before = hidden
    .reshape([B, T, D])
    .slice([0, 0, 0], [B, T - 1, D])
    .reshape([-1, D]); // [B·(T−1), D]
  const next = tokens.slice([0, 1], [B, T - 1]).reshape([-1]); // [B·(T−1)]
  const tooLarge = B * (T - 1) * config.vocabSize > LOGITS_AT_ONCE;
  const { logProbs, entropy } = tooLarge
    ? chunkedLogProbs(before, headTable(weights, config), next, temperature)
    : tokenLogProbs(head(weights, config, before), next, temperature);
  const first = tf.zeros([B, 1]);
  const aligned = (values: Tensor) => tf.concat([first, values.reshape([B, T - 1])], 1); // [B, T]
  return { logProbs: aligned(logProbs), entropy: aligned(entropy) };
}
