/** What a policy is asked, as the tokens that its model expects. The one place where prompts are encoded. */
import { requireTemplate } from "./chat-history.ts";
import type { ChatMessage } from "./chat-template.ts";
import type { Tokenizer } from "./vocabulary.ts";

/** A text to go on with, or a conversation whose next turn is the assistant's. */
export type Prompt = string | readonly ChatMessage[];

/**
 * What becomes of a prompt that is a text.
 * auto: one user message where the model has a chat template, else the text as it is.
 * on: one user message; a model without a template is refused.
 * off: the text as it is.
 */
export const CHAT_MODES = ["auto", "on", "off"] as const;
export type ChatMode = (typeof CHAT_MODES)[number];

export interface Reader {
  readonly tokenizer: Tokenizer;
  /** `auto` by default. */
  readonly chat?: ChatMode;
}

/**
 * The tokens of a prompt: a conversation as the model's chat template has it, ending where the assistant's turn begins; a
 * text with the beginning-of-sequence token, where the model was trained with one.
 *
 * @throws RlvrError E_TOKENIZER for a conversation, or with `on`, where the model has no chat template
 */
export function encodePrompt({ tokenizer, chat = "auto" }: Reader, prompt: Prompt): Int32Array {
  const isChat = typeof prompt !== "string" || chat === "on" || (chat === "auto" && tokenizer.chatTemplate !== null);
  if (!isChat) return Int32Array.of(...tokenizer.prefixIds, ...tokenizer.encode(prompt as string));
  const messages = typeof prompt === "string" ? [{ role: "user", content: prompt }] : prompt;
  return tokenizer.encode(requireTemplate(tokenizer).render(messages, { addGenerationPrompt: true }));
}
