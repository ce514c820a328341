/**
 * From an engine's answer to a Sample that the embedded sampler could have given: ids that the vocabulary has, a log-prob
 * for each, and an end that we would have seen there too. The text is decoded here, from the ids.
 */
import { RlvrError } from "../../errors.ts";
import { Completion } from "../../policy/completion.ts";
import type { Sample, SampleRequest, Tokenizer } from "../../policy/index.ts";

/** A log-softmax in 16 bits may round to a little above 0. */
const ROUNDING = 1e-3;

/** What an engine says that it drew. */
export interface Drawn {
  readonly tokens: readonly number[];
  /** Of each token, under the distribution that it was drawn from; null = the engine gave none. */
  readonly logProbs: readonly (number | null)[];
  /** Why it stopped, in the engine's words. */
  readonly finish: string;
  /** The version that the engine says its weights have, where it says so. */
  readonly policyVersion?: number;
}

export interface ReadOptions {
  readonly tokenizer: Tokenizer;
  /** Rows of the embedding: ids are below it. */
  readonly vocabSize: number;
  readonly stopStrings: readonly string[];
}

/** @throws E_SERVE that says what came and what was expected */
export function toSample(drawn: Drawn, { id, maxTokens }: SampleRequest, options: ReadOptions): Sample {
  const { tokens, finish } = drawn;
  const { tokenizer, vocabSize, stopStrings } = options;
  const logProbs = checkLogProbs(drawn);
  const completion = new Completion(tokenizer, { stopStrings, maxTokens });
  for (const [t, token] of tokens.entries()) {
    if (!Number.isInteger(token) || token < 0 || token >= vocabSize) {
      throw broken(`token ${t} of ${id} is ${JSON.stringify(token)}, expected an id below ${vocabSize}`, {
        hint: "serve the model that is trained, with its own tokenizer",
      });
    }
    const stopReason = completion.push(token);
    if (stopReason === null) continue;
    const n = t + 1;
    // a stop string is found in text, which an engine may look at only every few tokens
    if (n < tokens.length && stopReason !== "stop-string") {
      throw broken(`${id} has ${tokens.length} tokens, expected ${n}: ${ENDED[stopReason]} (token ${token})`);
    }
    return {
      id,
      tokens: Int32Array.from(completion.tokens),
      logProbs: Float32Array.from(logProbs.slice(0, n)),
      text: completion.end(),
      stopReason,
    };
  }
  throw broken(
    `${id} stopped after ${tokens.length} of ${maxTokens} tokens (${finish}) at token ${tokens.at(-1) ?? "none"}, ` +
      `expected one of the ends ${tokenizer.stopIds.join(", ")}${stopStrings.length > 0 ? " or a stop string" : ""}`,
    {
      hint: "the engine knows another end: compare eos_token_id in both generation_config.json, and its context length",
    },
  );
}

const ENDED = { eos: "there it ended", length: "there it reached its limit" };

function checkLogProbs({ tokens, logProbs }: Drawn): number[] {
  if (logProbs.length !== tokens.length) {
    throw broken(`${tokens.length} tokens came with ${logProbs.length} log-probs, expected as many`);
  }
  return logProbs.map((value, t) => {
    if (value === null || !Number.isFinite(value) || value > ROUNDING) {
      throw broken(`the log-prob of token ${t} is ${value}, expected a finite number of at most 0`);
    }
    return Math.min(0, value);
  });
}

function broken(message: string, details: { hint?: string } = {}): RlvrError {
  return new RlvrError("E_SERVE", message, details);
}
