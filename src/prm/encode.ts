/** Labeled texts as tokens: the ids of the file where they are this tokenizer's, else each step encoded by itself. */
import type { Tokenizer } from "../policy/index.ts";
import type { LabeledText } from "./label-formats.ts";
import type { LabeledSolution } from "./loss.ts";
import { decodeTokens } from "./steps.ts";

/**
 * Each step is encoded apart from the others, as TRL does, so its last token is exactly its end. A step without a token is
 * left out.
 *
 * @throws {RlvrError} E_TOKENIZER for text that the tokenizer cannot encode
 */
export function encodeLabeled(id: string, labeled: LabeledText, tokenizer: Tokenizer): LabeledSolution {
  const { prompt, steps, labels } = labeled;
  const sampled = ownIds(labeled, tokenizer);
  if (sampled !== null) return { id, ...sampled, labels };
  const bos = tokenizer.bosId === null ? [] : [tokenizer.bosId];
  const completion: number[] = [];
  const ends: number[] = [];
  const kept: (number | null)[] = [];
  for (const [k, step] of steps.entries()) {
    const tokens = tokenizer.encode(step);
    if (tokens.length === 0) continue;
    for (const token of tokens) completion.push(token);
    ends.push(completion.length - 1);
    kept.push(labels[k]!);
  }
  const start = Int32Array.from([...bos, ...tokenizer.encode(prompt)]);
  return { id, prompt: start, completion: Int32Array.from(completion), ends, labels: kept };
}

/** The ids of the file, if this tokenizer reads the same text from them. */
function ownIds(
  { prompt, steps, ids }: LabeledText,
  tokenizer: Tokenizer,
): Pick<LabeledSolution, "prompt" | "completion" | "ends"> | null {
  if (ids === undefined || ids.completion.length === 0) return null;
  if (![...ids.prompt, ...ids.completion].every((id) => id < tokenizer.vocabSize)) return null;
  const completion = Int32Array.from(ids.completion);
  const isSame =
    tokenizer.decode(ids.prompt).endsWith(prompt) && decodeTokens(completion, tokenizer).text === steps.join("");
  return isSame ? { prompt: Int32Array.from(ids.prompt), completion, ends: ids.ends } : null;
}
