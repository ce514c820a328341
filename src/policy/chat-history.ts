/**
 * Conversations that grow: the tokens so far stay as they are, and only what comes after them is encoded. What the policy
 * wrote is never rendered or encoded again, since that may give other tokens than it sampled.
 *
 * This is right only under a template that keeps history: one that renders an earlier turn as it did when the turn was the
 * last. Some do not; Qwen3's takes the thoughts out of earlier turns. A model trained on tokens that its template would not
 * give is trained on conversations that it will never see.
 */
import { RlvrError } from "../errors.ts";
import type { ChatMessage, ChatTemplate, RenderOptions } from "./chat-template.ts";
import type { Tokenizer } from "./vocabulary.ts";

type Variables = RenderOptions["variables"];

/** Turns that templates are known to rewrite: with thoughts, without, and with space around them. */
const PROBES = ["<think>\nfirst thoughts\n</think>\n\nfirst answer", "first answer", " \n first answer\n\n"];

/**
 * Where a template changes an assistant's turn once another message follows, in words; null if it keeps history. For
 * tasks of several turns, when they are loaded.
 */
export function rewrittenHistory(template: ChatTemplate, variables: Variables = {}): string | null {
  for (const content of PROBES) {
    const before: ChatMessage[] = [
      { role: "user", content: "first question" },
      { role: "assistant", content },
    ];
    const difference = historyDifference(template, before, [{ role: "user", content: "second question" }], variables);
    if (difference !== null) return difference;
  }
  return null;
}

export interface Conversation {
  /** All tokens so far, the last turn's as they were sampled. */
  readonly tokens: Int32Array;
  /** The same conversation as messages. The last is the assistant's. */
  readonly messages: readonly ChatMessage[];
  readonly variables?: Variables;
}

/**
 * The tokens of a conversation with `added` messages and the beginning of the assistant's next turn. They begin with
 * `tokens`, unchanged.
 *
 * @throws RlvrError E_TOKENIZER under a template that changes what came before
 */
export function extendChat(
  tokenizer: Tokenizer,
  { tokens, messages, variables = {} }: Conversation,
  added: readonly ChatMessage[],
): Int32Array {
  const template = requireTemplate(tokenizer);
  const difference = historyDifference(template, messages, added, variables);
  if (difference !== null) {
    throw new RlvrError("E_TOKENIZER", difference, {
      hint: "begin a new sample at this turn, or give a template that keeps history",
    });
  }
  const before = template.render(messages, { variables });
  const after = template.render([...messages, ...added], { addGenerationPrompt: true, variables });
  const suffix = closing(template, messages, variables) + after.slice(before.length);
  return Int32Array.of(...tokens, ...tokenizer.encode(withoutWritten(suffix, tokenizer, tokens)));
}

/** @throws RlvrError E_TOKENIZER for a model without a chat template */
export function requireTemplate({ chatTemplate }: Tokenizer): ChatTemplate {
  if (chatTemplate !== null) return chatTemplate;
  throw new RlvrError("E_TOKENIZER", "the model has no chat template, but a prompt is a list of messages", {
    hint: "take a chat model, put a chat_template.jinja into the model's folder, or write the prompt as one text",
  });
}

function historyDifference(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  added: readonly ChatMessage[],
  variables: Variables = {},
): string | null {
  const before = template.render(messages, { variables });
  const after = template.render([...messages, ...added], { addGenerationPrompt: true, variables });
  if (after.startsWith(before)) return null;
  let at = 0;
  while (before[at] === after[at]) at++;
  const show = (text: string) => JSON.stringify(text.slice(at, at + 60));
  const place = `at character ${at} it had ${show(before)}, then ${show(after)}`;
  return `the chat template of ${template.path} changes an earlier turn when another follows: ${place}`;
}

/** Stands for the last turn's content; no template has a reason to change it. */
const CONTENT = "\ue000content\ue000";

/** What the template writes after the content of the last turn. */
function closing(template: ChatTemplate, messages: readonly ChatMessage[], variables: Variables = {}): string {
  const last = messages.at(-1);
  if (last?.role !== "assistant") {
    throw new RlvrError(
      "E_TOKENIZER",
      `the last message is of ${last?.role ?? "nobody"}, expected the assistant's turn`,
    );
  }
  const text = template.render([...messages.slice(0, -1), { ...last, content: CONTENT }], { variables });
  const at = text.lastIndexOf(CONTENT);
  if (at >= 0) return text.slice(at + CONTENT.length);
  throw new RlvrError("E_TOKENIZER", `the chat template of ${template.path} does not write what the assistant said`);
}

/** A turn that ended by itself has its end token already; one that was cut off lacks it. */
function withoutWritten(suffix: string, tokenizer: Tokenizer, tokens: Int32Array): string {
  const last = tokens.at(-1);
  if (last === undefined || !tokenizer.eosIds.includes(last)) return suffix;
  const end = tokenizer.decode([last]);
  return suffix.startsWith(end) ? suffix.slice(end.length) : suffix;
}
