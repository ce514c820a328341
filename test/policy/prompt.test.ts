import { beforeAll, describe, expect, test } from "vitest";
import { createCharTokenizer } from "../../src/policy/char-tokenizer.ts";
import { chatTemplate } from "../../src/policy/chat-template.ts";
import { encodePrompt } from "../../src/policy/prompt.ts";
import { readTokenizer } from "../../src/policy/tokenizer.ts";
import type { Tokenizer } from "../../src/policy/vocabulary.ts";
import { promptText } from "../../src/rollout/prompt.ts";
import { BYTE_FALLBACK, QWEN3 } from "./hf-fixtures.ts";

const plain = createCharTokenizer("abcdefghijklmnopqrstuvwxyz: <|>_/\n", []);
const TEMPLATE =
  "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}";
let chatty: Tokenizer;
beforeAll(async () => {
  chatty = { ...plain, chatTemplate: await chatTemplate(TEMPLATE, "chat_template.jinja", {}) };
});
const read = (tokenizer: Tokenizer, ids: Int32Array) => tokenizer.decode(ids);

describe("encodePrompt", () => {
  test("leaves a text as it is where the model has no chat template, and makes it a user message where it has one", () => {
    expect(read(plain, encodePrompt({ tokenizer: plain }, "what is it"))).toBe("what is it");
    expect(read(chatty, encodePrompt({ tokenizer: chatty }, "what is it"))).toBe("user: what is it\nassistant: ");
  });

  test("off keeps the text as it is, on refuses a model without a template", () => {
    expect(read(chatty, encodePrompt({ tokenizer: chatty, chat: "off" }, "what is it"))).toBe("what is it");
    expect(() => encodePrompt({ tokenizer: plain, chat: "on" }, "what is it")).toThrow(
      "the model has no chat template",
    );
  });

  test("renders messages, whatever the mode, and refuses them without a template", () => {
    const messages = [
      { role: "system", content: "be brief" },
      { role: "user", content: "what is it" },
    ];
    for (const chat of ["auto", "on", "off"] as const) {
      const ids = encodePrompt({ tokenizer: chatty, chat }, messages);
      expect(read(chatty, ids)).toBe("system: be brief\nuser: what is it\nassistant: ");
    }
    expect(() => encodePrompt({ tokenizer: plain }, messages)).toThrow(
      expect.objectContaining({ code: "E_TOKENIZER", hint: expect.stringContaining("chat_template.jinja") }),
    );
  });

  test("begins a plain text with the token that the model expects first", async () => {
    const tokenizer = await readTokenizer(BYTE_FALLBACK);
    expect([...encodePrompt({ tokenizer }, "a")]).toEqual([1, ...tokenizer.encode("a")]);
  });

  test("with Qwen3, a question has the ids of transformers' apply_chat_template", async () => {
    const tokenizer = await readTokenizer(QWEN3);
    // apply_chat_template([{"role": "user", "content": "What is 2+2?"}], add_generation_prompt=True)
    const ids = [151644, 872, 198, 3838, 374, 220, 17, 10, 17, 30, 151645, 198, 151644, 77091, 198];
    expect([...encodePrompt({ tokenizer }, "What is 2+2?")]).toEqual(ids);
  });
});

describe("promptText", () => {
  test("shows one user message as its content, and more with their roles", () => {
    expect(promptText("what is it")).toBe("what is it");
    expect(promptText([{ role: "user", content: "what is it" }])).toBe("what is it");
    const messages = [
      { role: "system", content: "be brief" },
      { role: "user", content: "what is it" },
    ];
    expect(promptText(messages)).toBe("system: be brief\n\nuser: what is it");
  });
});
