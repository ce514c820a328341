import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { extendChat, rewrittenHistory } from "../../src/policy/chat-history.ts";
import { type ChatMessage, type ChatTemplate, chatTemplate, readChatTemplate } from "../../src/policy/chat-template.ts";
import { readTokenizer } from "../../src/policy/tokenizer.ts";
import type { Tokenizer } from "../../src/policy/vocabulary.ts";
import { QWEN3, readFixture } from "./hf-fixtures.ts";

interface Case {
  readonly template: string;
  readonly conversation: number;
  readonly variables: Record<string, unknown>;
  readonly addGenerationPrompt: boolean;
  readonly text?: string;
  /** What transformers says where the template refuses the conversation. */
  readonly error?: string;
}

/** Rendered by transformers: test/fixtures/make_hf_tokenizer_fixtures.py. */
const { templates, conversations, cases } = (await readFixture("chats.json")) as {
  readonly templates: Record<string, string>;
  readonly conversations: ChatMessage[][];
  readonly cases: Case[];
};
const qwen3 = JSON.parse(await readFile(join(QWEN3, "tokenizer_config.json"), "utf8")).chat_template as string;
const SOURCES: Record<string, string> = { ...templates, qwen3 };
const NAMED = { bos_token: "<s>", eos_token: "</s>" };
const named = (name: string): Promise<ChatTemplate> => chatTemplate(SOURCES[name]!, `${name}.jinja`, NAMED);

describe("chatTemplate", () => {
  test.each(Object.keys(SOURCES))("%s renders as in transformers", async (name) => {
    const template = await named(name);
    const own = cases.filter((one) => one.template === name);
    expect(own.length).toBe(64);
    for (const { conversation, text, error, ...options } of own) {
      const render = () => template.render(conversations[conversation]!, options);
      if (error === undefined) expect(render()).toBe(text);
      else expect(render).toThrow(error);
    }
  });

  test("says whose template refuses which conversation, and in what words", async () => {
    const template = await named("instructions");
    expect(() => template.render([{ role: "assistant", content: "I begin" }])).toThrow(
      expect.objectContaining({
        code: "E_TOKENIZER",
        message:
          "the chat template of instructions.jinja does not render a conversation of assistant: roles must alternate user/assistant/user/assistant/...",
      }),
    );
  });

  test("names a template that cannot be read, when it is needed", async () => {
    const template = await chatTemplate("{% for %}", "model/chat_template.jinja", {});
    expect(() => template.render([])).toThrow("the chat template of model/chat_template.jinja cannot be read: ");
  });
});

describe("readChatTemplate", () => {
  const read = (files: Record<string, unknown>) =>
    readChatTemplate(
      "model",
      Object.fromEntries(
        Object.entries(files).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]),
      ),
      {},
    );

  test("prefers chat_template.jinja to the one in tokenizer_config.json", async () => {
    const config = { chat_template: "in the config" };
    expect((await read({ "tokenizer_config.json": config }))?.source).toBe("in the config");
    const both = await read({ "tokenizer_config.json": config, "chat_template.jinja": "its own file" });
    expect(both).toMatchObject({ source: "its own file", path: join("model", "chat_template.jinja") });
  });

  test("takes the one named default of several", async () => {
    const list = [
      { name: "tool_use", template: "tools" },
      { name: "default", template: "turns" },
    ];
    expect((await read({ "tokenizer_config.json": { chat_template: list } }))?.source).toBe("turns");
    expect(await read({ "tokenizer_config.json": { chat_template: list.slice(0, 1) } })).toBeNull();
    expect(await read({ "tokenizer_config.json": {} })).toBeNull();
  });
});

describe("rewrittenHistory", () => {
  test("is null for a template that renders earlier turns as it did", async () => {
    expect(rewrittenHistory(await named("turns"))).toBeNull();
    expect(rewrittenHistory(await named("instructions"))).toBeNull();
  });

  test("names the template and the first difference where thoughts are taken out", async () => {
    expect(rewrittenHistory(await named("qwen3"))).toBe(
      'the chat template of qwen3.jinja changes an earlier turn when another follows: at character 64 it had "<think>\\nfirst thoughts\\n</think>\\n\\nfirst answer<|im_end|>\\n", then "first answer<|im_end|>\\n<|im_start|>user\\nsecond question<|im_"',
    );
    expect(rewrittenHistory(await named("forgetful"))).toContain("forgetful.jinja");
  });
});

describe("extendChat", () => {
  const qwen = async (template: string): Promise<Tokenizer> => ({
    ...(await readTokenizer(QWEN3)),
    chatTemplate: await named(template),
  });
  const question: ChatMessage = { role: "user", content: "What is 2+2?" };
  const more: ChatMessage = { role: "user", content: "And 3+3?" };

  test("keeps sampled tokens that encoding would give otherwise, and encodes only what follows", async () => {
    const tokenizer = await qwen("turns");
    const prompt = tokenizer.encode(tokenizer.chatTemplate!.render([question], { addGenerationPrompt: true }));
    const [f, our, end] = ["f", "our", "<|im_end|>"].map((token) => tokenizer.tokenId(token)!);
    const tokens = Int32Array.of(...prompt, f!, our!, end!);
    expect(tokenizer.encode("four").length).toBe(1); // one token, but the policy wrote two

    const messages = [question, { role: "assistant", content: "four" }];
    const extended = extendChat(tokenizer, { tokens, messages }, [more]);
    expect([...extended.subarray(0, tokens.length)]).toEqual([...tokens]);
    expect(tokenizer.decode(extended.subarray(tokens.length))).toBe(
      "\n<|im_start|>user\nAnd 3+3?<|im_end|>\n<|im_start|>assistant\n",
    );
    expect(tokenizer.decode(extended)).toBe(
      tokenizer.chatTemplate!.render([...messages, more], { addGenerationPrompt: true }),
    );
  });

  test("closes a turn that was cut off", async () => {
    const tokenizer = await qwen("turns");
    const tokens = tokenizer.encode("<|im_start|>user\nWhat is 2+2?<|im_end|>\n<|im_start|>assistant\nfo");
    const extended = extendChat(tokenizer, { tokens, messages: [question, { role: "assistant", content: "fo" }] }, [
      more,
    ]);
    expect(tokenizer.decode(extended.subarray(tokens.length))).toBe(
      "<|im_end|>\n<|im_start|>user\nAnd 3+3?<|im_end|>\n<|im_start|>assistant\n",
    );
  });

  test("refuses a template that would change what the policy wrote", async () => {
    const tokenizer = await readTokenizer(QWEN3);
    const messages = [question, { role: "assistant", content: "<think>\nhm\n</think>\n\n4" }];
    const extend = () => extendChat(tokenizer, { tokens: tokenizer.encode("whatever"), messages }, [more]);
    expect(extend).toThrow(/^the chat template of .*tokenizer_config.json changes an earlier turn/);
    expect(extend).toThrow(
      expect.objectContaining({ code: "E_TOKENIZER", hint: expect.stringContaining("new sample") }),
    );
  });

  test("refuses a model without a template", async () => {
    const tokenizer = { ...(await readTokenizer(QWEN3)), chatTemplate: null };
    const tokens = new Int32Array(0);
    expect(() => extendChat(tokenizer, { tokens, messages: [question] }, [more])).toThrow("has no chat template");
  });
});
