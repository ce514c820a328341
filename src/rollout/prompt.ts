import type { Prompt } from "../policy/prompt.ts";

export type { Prompt };

/** A prompt as one text, for people and to compare: that of a single user message is its content. */
export function promptText(prompt: Prompt): string {
  if (typeof prompt === "string") return prompt;
  const [only] = prompt;
  if (prompt.length === 1 && only?.role === "user") return only.content;
  return prompt.map(({ role, content }) => `${role}: ${content}`).join("\n\n");
}
