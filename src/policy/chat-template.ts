/**
 * Chat templates: a conversation as the text that a model was taught to read. Written in Jinja by the model's makers, in
 * tokenizer_config.json or chat_template.jinja; rendered as transformers' `apply_chat_template` does.
 */
import { join } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { parseJson } from "./json-file.ts";

export interface ChatMessage {
  /** system, user, assistant, or what else the template knows. */
  readonly role: string;
  readonly content: string;
}

export interface RenderOptions {
  /** End with what comes before an assistant's answer; false by default. */
  readonly addGenerationPrompt?: boolean;
  /** What else the template asks for, such as `enable_thinking` or `tools`. */
  readonly variables?: Readonly<Record<string, unknown>>;
}

export interface ChatTemplate {
  /** The file that it stands in. */
  readonly path: string;
  readonly source: string;
  /** @throws RlvrError E_TOKENIZER where the template refuses the conversation or cannot be read */
  render(messages: readonly ChatMessage[], options?: RenderOptions): string;
}

/** Special tokens by their names in tokenizer_config.json, such as bos_token: templates may use them. */
export type NamedTokens = Readonly<Record<string, string>>;

const Named = z.looseObject({ name: z.string(), template: z.string() });
const TemplateConfig = z.looseObject({ chat_template: z.union([z.string(), z.array(Named)]).nullish() });

/** The template of a tokenizer's files, null where they have none. Of several it is the one named default. */
export async function readChatTemplate(
  folder: string,
  files: Readonly<Record<string, string>>,
  named: NamedTokens,
): Promise<ChatTemplate | null> {
  const own = files["chat_template.jinja"];
  if (own !== undefined) return chatTemplate(own, join(folder, "chat_template.jinja"), named);
  const path = join(folder, "tokenizer_config.json");
  const { chat_template } = parseJson(files["tokenizer_config.json"] ?? "{}", path, TemplateConfig);
  if (chat_template === null || chat_template === undefined) return null;
  if (typeof chat_template === "string") return chatTemplate(chat_template, path, named);
  const byDefault = chat_template.find(({ name }) => name === "default");
  return byDefault ? chatTemplate(byDefault.template, path, named) : null;
}

/** What transformers hands to every template, so that `is defined` is true of it. */
const ALWAYS_DEFINED = { tools: null, documents: null };

/** @param path names the template in errors */
export async function chatTemplate(source: string, path: string, named: NamedTokens): Promise<ChatTemplate> {
  const { Template } = await import("@huggingface/jinja");
  let parsed: InstanceType<typeof Template> | null = null;
  const fail = (what: string, cause: unknown): never => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new RlvrError("E_TOKENIZER", `the chat template of ${path} ${what}: ${said}`, { cause });
  };
  return {
    path,
    source,
    render(messages, { addGenerationPrompt = false, variables = {} } = {}) {
      try {
        parsed ??= new Template(source);
      } catch (cause) {
        return fail("cannot be read", cause);
      }
      try {
        const given = { ...ALWAYS_DEFINED, ...named, ...variables };
        return parsed.render({ ...given, messages, add_generation_prompt: addGenerationPrompt });
      } catch (cause) {
        const roles = messages.map(({ role }) => role).join(", ");
        return fail(`does not render a conversation of ${roles || "no messages"}`, cause);
      }
    },
  };
}
