/**
 * The shape of a policy: a decoder of the Llama family (RMSNorm, rotary positions, grouped-query attention, SwiGLU).
 * `qkvBias` makes it a Qwen2, `qkNorm` a Qwen3. hf-config.ts translates from and to Hugging Face's config.json.
 */
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { RopeScaling } from "./rotary.ts";

const count = z.int().min(1);
const tokenId = z.int().min(0);

export const ModelConfig = z
  .strictObject({
    vocabSize: count.describe("V, rows of the embedding; at least the tokenizer's vocabulary"),
    hiddenSize: count.describe("D, width of the residual stream"),
    layers: count.describe("transformer blocks"),
    heads: count.describe("H, query heads"),
    kvHeads: count.describe("key/value heads; divides `heads`"),
    headDim: count.describe("width of one head; even, because rotary positions turn pairs"),
    intermediateSize: count.describe("F, width of the SwiGLU layer"),
    ropeTheta: z.number().positive().default(10_000).describe("base of the rotary frequencies"),
    ropeScaling: RopeScaling.nullable().default(null).describe("how the rotary frequencies are stretched; null = not"),
    rmsNormEps: z.number().positive().default(1e-6).describe("ε of RMSNorm"),
    tieEmbeddings: z.boolean().default(true).describe("the output head is the embedding, transposed"),
    qkvBias: z.boolean().default(false).describe("biases on q, k and v (Qwen2)"),
    qkNorm: z.boolean().default(false).describe("RMSNorm on each query and key head (Qwen3)"),
    head: z
      .enum(["language", "score", "both"])
      .default("language")
      .describe(
        "what stands on the trunk: scores of the next token, one score for each token (a value, a reward), or both",
      ),
    maxPositions: count.default(2048).describe("longest sequence, in tokens"),
    bosId: tokenId.nullable().default(null).describe("id of the beginning-of-sequence token, if there is one"),
    eosIds: z
      .array(tokenId)
      .default([])
      .describe("ids that end a sequence; the first is the one that training appends"),
    padId: tokenId.default(0).describe("id that fills unused places"),
  })
  .superRefine((config, context) => {
    const refuse = (path: string, message: string) => context.addIssue({ code: "custom", path: [path], message });
    if (config.heads % config.kvHeads !== 0) {
      refuse("kvHeads", `${config.kvHeads} key/value heads cannot be shared evenly by ${config.heads} query heads`);
    }
    if (config.headDim % 2 !== 0) refuse("headDim", `headDim is ${config.headDim}, expected an even number`);
    for (const [path, id] of [
      ["bosId", config.bosId ?? 0],
      ["padId", config.padId],
      ["eosIds", Math.max(0, ...config.eosIds)],
    ] as const) {
      if (id >= config.vocabSize) refuse(path, `id ${id} is outside the vocabulary of ${config.vocabSize} tokens`);
    }
  });
export type ModelConfig = z.infer<typeof ModelConfig>;

/** Fills in the defaults and checks that the numbers fit together. Throws E_CONFIG. */
export function defineModelConfig(input: z.input<typeof ModelConfig>): ModelConfig {
  const parsed = ModelConfig.safeParse(input);
  if (parsed.success) return parsed.data;
  throw new RlvrError("E_CONFIG", `model config: ${z.prettifyError(parsed.error)}`);
}
