import { createHash } from "node:crypto";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { asPatternsSeeIt, type NormalForm, normalForm } from "../../src/policy/hf-unicode.ts";
import { readTokenizer } from "../../src/policy/tokenizer.ts";
import type { Tokenizer } from "../../src/policy/vocabulary.ts";
import {
  BYTE_FALLBACK,
  BYTE_LEVEL,
  differing,
  expected,
  QWEN3,
  readFixture,
  sha256,
  strings,
  tokenizerNamed,
  tokenizerOf,
} from "./hf-fixtures.ts";

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "rlvr-hf-tokenizer-"));
});
afterAll(() => rm(scratch, { recursive: true }));

describe.each(Object.entries(expected.tokenizers))("the tokenizer %s", (name, facts) => {
  let tokenizer: Tokenizer;
  beforeAll(async () => {
    tokenizer = await tokenizerNamed(name);
  });

  test("gives 5,000 strings the ids that Python gives them", () => {
    expect(tokenizer.vocabSize).toBe(facts.size);
    expect(strings.length).toBe(5000);
    expect(differing(strings, (text) => tokenizer.encode(text).join(","), facts.ids)).toEqual([]);
  });

  test("reads those ids, and 1,000 random sequences, as Python does", () => {
    expect(differing(strings, (text) => tokenizer.decode(tokenizer.encode(text)), facts.texts)).toEqual([]);
    const idsOf = (draws: readonly number[]) => draws.map((number) => number % facts.size);
    expect(differing(expected.draws, (draws) => tokenizer.decode(idsOf(draws)), facts.drawnTexts)).toEqual([]);
  });
});

describe("createDecoder", () => {
  test.each(["qwen3", "byte-fallback", "metaspace", "no-decoder"])(
    "of %s gives whole characters, which together are decode's text",
    async (name) => {
      const tokenizer = await tokenizerNamed(name);
      const ids = fc.array(fc.nat(tokenizer.vocabSize - 1), { maxLength: 40 });
      const property = fc.property(ids, (ids) => {
        const decoder = tokenizer.createDecoder();
        const parts = [...ids.map((id) => decoder.push(id)), decoder.end()];
        expect(parts.join("")).toBe(tokenizer.decode(ids));
        expect(parts.filter((part) => !part.isWellFormed())).toEqual([]);
      });
      fc.assert(property, { numRuns: 300 });
    },
  );

  test("holds an emoji back until its last byte has come", async () => {
    const { tokenId, createDecoder } = await tokenizerNamed("byte-level");
    const bytes = ["ð", "Ł", "§", "®"].map((token) => tokenId(token)!); // F0 9F A7 AE
    const decoder = createDecoder();
    expect(bytes.map((id) => decoder.push(id))).toEqual(["", "", "", "\u{1f9ee}"]);
    expect(decoder.end()).toBe("");
    const cutOff = createDecoder();
    expect(bytes.slice(0, 3).map((id) => cutOff.push(id))).toEqual(["", "", ""]);
    expect(cutOff.end()).toBe("\ufffd");
  });

  test("gives broken bytes as Python does: one U+FFFD for a longest broken part, or for each byte to fall back to", async () => {
    const byteLevel = await tokenizerNamed("byte-level");
    const of = (tokens: string[]) => byteLevel.decode(tokens.map((token) => byteLevel.tokenId(token)!));
    expect(of(["ð", "Ł", "A"])).toBe("\ufffdA"); // F0 9F, then a letter
    expect(of(["Ń", "ÿ"])).toBe("\ufffd\ufffd"); // 85 FF
    const fallback = await tokenizerNamed("byte-fallback");
    const bytes = ["<0xE2>", "<0x82>", "<0xAC>", "<0xE2>"].map((token) => fallback.tokenId(token)!);
    expect(fallback.decode(bytes.slice(0, 3))).toBe("€");
    expect(fallback.decode(bytes)).toBe("\ufffd\ufffd\ufffd\ufffd");
  });

  test("reads an id without a token as no text, as Python does, and refuses what is no id", async () => {
    const tokenizer = await tokenizerNamed("qwen3");
    expect(tokenizer.vocabSize).toBe(151_669); // the model has 151,936 rows
    expect(tokenizer.decode([64, 151_935, 65])).toBe("ab");
    expect(() => tokenizer.decode([-1])).toThrow("token id is -1, expected an integer from 0 to 151668");
    expect(() => tokenizer.decode([1.5])).toThrow("token id is 1.5");
  });
});

describe("characters by their age", () => {
  const codePoints = Array.from({ length: 0x110000 }, (_, c) => c).filter((c) => c < 0xd800 || c >= 0xe000);

  test("every code point is of the classes that Oniguruma gives it", async () => {
    const facts = await readFixture("unicode.json");
    const classes = Object.keys(facts).filter((name) => name.startsWith("\\"));
    expect(classes.length).toBe(12);
    const seen = codePoints.map((c) => [c, asPatternsSeeIt(String.fromCodePoint(c))] as const);
    for (const name of classes) {
      const pattern = new RegExp(name === "\\s" ? "\\p{White_Space}" : name, "u");
      const members = seen.filter(([, text]) => pattern.test(text)).map(([c]) => c);
      expect([name, sha256(members.join(",")).toString("hex")]).toEqual([name, facts[name]]);
    }
  });

  test.each<NormalForm>(["NFC", "NFD", "NFKC", "NFKD"])(
    "%s of every code point among marks is Rust's",
    async (form) => {
      const digest = createHash("sha256");
      for (const c of codePoints) {
        const character = String.fromCodePoint(c);
        digest.update(normalForm(`${character}a\u0345${character}\u0334`, form));
      }
      expect(digest.digest("hex")).toBe((await readFixture("unicode.json"))[form]);
    },
  );
});

describe("readTokenizer", () => {
  test("reads Qwen3's folder: special ids, files word for word, and a token's id", async () => {
    const tokenizer = await readTokenizer(QWEN3);
    const [endOfText, start, end] = [151_643, 151_644, 151_645];
    expect(tokenizer).toMatchObject({
      bosId: null,
      padId: endOfText,
      eosIds: [end],
      stopIds: [end, endOfText],
      prefixIds: [],
    });
    expect(tokenizer.tokenId("<|im_start|>")).toBe(start);
    expect(tokenizer.tokenId("<think>")).toBe(151_667);
    expect(tokenizer.tokenId("Ġthe")).toBe(279);
    expect(tokenizer.tokenId("no such token")).toBeNull();
    expect(tokenizer.files["tokenizer.json"]).toBe(await readFile(join(QWEN3, "tokenizer.json"), "utf8"));
    expect(tokenizer.chatTemplate?.source).toContain("<|im_start|>");
  });

  test("adds nothing to a text, but knows what the model expects before it", async () => {
    const tokenizer = await readTokenizer(BYTE_FALLBACK);
    expect(tokenizer.prefixIds).toEqual([tokenizer.tokenId("<s>")]);
    expect([...tokenizer.encode("")]).toEqual([]);
    expect(tokenizer).toMatchObject({ bosId: 1, eosIds: [2], padId: 2 });
  });

  test("takes special tokens from special_tokens_map.json and generation_config.json where the config has none", async () => {
    const folder = join(scratch, "maps");
    await cp(BYTE_LEVEL, folder, { recursive: true });
    await writeFile(join(folder, "tokenizer_config.json"), "{}");
    await writeFile(
      join(folder, "special_tokens_map.json"),
      JSON.stringify({ bos_token: { content: "<|im_start|>" } }),
    );
    await writeFile(join(folder, "generation_config.json"), JSON.stringify({ eos_token_id: [2, 0], pad_token_id: 5 }));
    expect(await readTokenizer(folder)).toMatchObject({ bosId: 1, eosIds: [2, 0], padId: 5, stopIds: [2, 0, 5] });
  });

  test("takes added tokens from tokenizer_config.json too", async () => {
    const folder = join(scratch, "added");
    await cp(BYTE_LEVEL, folder, { recursive: true });
    const config = await JSON.parse(await readFile(join(folder, "tokenizer_config.json"), "utf8"));
    const added_tokens_decoder = { 2100: { content: "<new>", special: false, normalized: false } };
    await writeFile(join(folder, "tokenizer_config.json"), JSON.stringify({ ...config, added_tokens_decoder }));
    const tokenizer = await readTokenizer(folder);
    expect([...tokenizer.encode("<new><new>")]).toEqual([2100, 2100]);
    expect(tokenizer.vocabSize).toBe(2101);
  });

  test.each([
    ["another model", { model: { type: "Unigram", vocab: [["a", 0]] } }, "model.type"],
    ["another pre-tokenizer", { pre_tokenizer: { type: "UnicodeScripts" } }, "pre_tokenizer"],
    ["another normalizer", { normalizer: { type: "Precompiled" } }, "normalizer"],
    ["another decoder", { decoder: { type: "CTC" } }, "decoder"],
    [
      "a merge into nothing",
      { model: { merges: [["a", "<|im_end|>"]] } },
      'the merge ["a","<|im_end|>"] makes no token',
    ],
    ["a prefix of subwords", { model: { continuing_subword_prefix: "##" } }, "continuing_subword_prefix"],
    [
      "a possessive quantifier",
      { pre_tokenizer: { type: "Split", pattern: { Regex: "\\p{L}++|." }, behavior: "Isolated" } },
      "has an atomic group or a possessive quantifier",
    ],
    [
      "a pattern that cannot be read",
      { pre_tokenizer: { type: "Split", pattern: { Regex: "(a" }, behavior: "Isolated" } },
      "the pattern (a cannot be translated",
    ],
  ])("refuses %s by name", async (_, change, message) => {
    const folder = join(scratch, "refused");
    await cp(BYTE_LEVEL, folder, { recursive: true });
    const json = JSON.parse(await readFile(join(folder, "tokenizer.json"), "utf8"));
    const model = { ...json.model, ...("model" in change ? change.model : {}) };
    await writeFile(join(folder, "tokenizer.json"), JSON.stringify({ ...json, ...change, model }));
    const error = await readTokenizer(folder).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "E_TOKENIZER", hint: expect.stringContaining("supported are BPE") });
    expect((error as Error).message).toContain(message);
  });

  test("refuses text that a vocabulary without bytes and without <unk> has no token for, instead of leaving it out", async () => {
    const plain = { folder: "byte-level", changes: { pre_tokenizer: null } }; // so a space is a space, not a Ġ
    const tokenizer = await tokenizerOf(plain);
    expect(() => tokenizer.encode("a b")).toThrow('the vocabulary has no token for a character of "a b"');
  });

  test("takes half a character for U+FFFD, as text that is written down", async () => {
    const tokenizer = await tokenizerNamed("llama-3");
    expect(tokenizer.encode("a\ud83d b")).toEqual(tokenizer.encode("a\ufffd b"));
  });
});
