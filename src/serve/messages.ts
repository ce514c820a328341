/** Prompts and completions as trainers send them: a text, or a chat. */
import { z } from "zod";

const Part = z.looseObject({
  type: z.string().describe("text, input_text and output_text are read, others are not"),
  text: z.string().optional(),
});

const Message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(Part), z.null()]).optional(),
});
type Message = z.infer<typeof Message>;

/** A text, or messages of a chat; of a completion the last one of the assistant counts. */
export const TextOrMessages = z.union([z.string(), z.array(Message)]);
export type TextOrMessages = z.infer<typeof TextOrMessages>;

/** What the policy wrote: the text itself, or that of the assistant's last message; "" where it said nothing. */
export function completionText(completion: TextOrMessages): string {
  if (typeof completion === "string") return completion;
  const last = completion.findLast(({ role }) => role === "assistant");
  return last === undefined ? "" : messageText(last);
}

/** All messages, one below the other. */
export function promptText(prompt: TextOrMessages): string {
  return typeof prompt === "string" ? prompt : prompt.map(messageText).join("\n");
}

const TEXT_PARTS = ["text", "input_text", "output_text"];

function messageText({ content }: Message): string {
  if (content === undefined || content === null) return "";
  if (typeof content === "string") return content;
  return content.map(({ type, text }) => (TEXT_PARTS.includes(type) ? (text ?? "") : "")).join("");
}
