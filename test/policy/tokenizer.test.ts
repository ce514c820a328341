import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCharTokenizer } from "../../src/policy/char-tokenizer.ts";
import { readTokenizer } from "../../src/policy/tokenizer.ts";

/** Made by Hugging Face's tokenizers: test/fixtures/make_tokenizer_fixtures.py. */
const FIXTURE = join(import.meta.dirname, "../fixtures/char-tokenizer");
const fixture = async (name: string) => JSON.parse(await readFile(join(FIXTURE, name), "utf8"));

const TAGS = ["<think>", "</think>", "<answer>", "</answer>"];
const tokenizer = createCharTokenizer("0123456789+= \n<>/thinkaswer😀", TAGS);

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "rlvr-tokenizer-"));
});
afterAll(() => rm(scratch, { recursive: true }));

describe("readTokenizer", () => {
  test("gives 400 strings the ids that Hugging Face gives them, and reads them back", async () => {
    const ours = await readTokenizer(FIXTURE);
    const cases = (await fixture("cases.json")) as [string, number[]][];
    expect(cases.length).toBeGreaterThan(400);
    for (const [text, ids] of cases) {
      expect([...ours.encode(text)], JSON.stringify(text)).toEqual(ids);
      expect(ours.decode(ids)).toBe(text);
    }
  });

  test("takes the special tokens from tokenizer_config.json, and further ends from generation_config.json", async () => {
    const ours = await readTokenizer(FIXTURE);
    const [eos, pad] = [ours.tokenId("<eos>")!, ours.tokenId("<pad>")!];
    expect(ours).toMatchObject({ bosId: null, padId: pad, eosIds: [eos], stopIds: [eos, pad] });

    const folder = join(scratch, "ends");
    await cp(FIXTURE, folder, { recursive: true });
    await writeFile(join(folder, "generation_config.json"), JSON.stringify({ eos_token_id: [3, eos] }));
    const config = { bos_token: { content: "a", lstrip: false }, eos_token: "<eos>" };
    await writeFile(join(folder, "tokenizer_config.json"), JSON.stringify(config));
    const changed = await readTokenizer(folder);
    expect(changed).toMatchObject({ bosId: changed.tokenId("a"), padId: eos, eosIds: [eos, 3], stopIds: [eos, 3] });
  });

  const changed = async (change: object, model: object = {}) => {
    const folder = join(scratch, "changed");
    await cp(FIXTURE, folder, { recursive: true });
    const json = await fixture("tokenizer.json");
    const changed = { ...json, ...change, model: { ...json.model, ...model } };
    await writeFile(join(folder, "tokenizer.json"), JSON.stringify(changed));
    return folder;
  };

  test.each([
    ["ids with a gap", { vocab: { a: 0, b: 7000 } }],
    ["ids given twice", { vocab: { a: 0, b: 0 } }],
  ])("refuses %s", async (_, model) => {
    await expect(readTokenizer(await changed({}, model))).rejects.toMatchObject({
      code: "E_TOKENIZER",
      message: expect.stringContaining("tokens must have the ids 0 to"),
    });
  });

  test("reads other forms as what they are", async () => {
    const merging = await readTokenizer(await changed({}, { merges: [["a", "b"]], vocab: { a: 0, b: 1, ab: 2 } }));
    expect([...merging.encode("abaabb")]).toEqual([2, 0, 2, 1]);
    const composing = await readTokenizer(await changed({ normalizer: { type: "NFC" } }));
    expect([...composing.encode("e\u0301")]).toEqual([composing.tokenId("é")]);
  });

  test("refuses a special token that is not in the vocabulary", async () => {
    const folder = join(scratch, "no-eos");
    await cp(FIXTURE, folder, { recursive: true });
    await writeFile(join(folder, "tokenizer_config.json"), JSON.stringify({ eos_token: "</s>" }));
    await expect(readTokenizer(folder)).rejects.toThrow(
      'eos_token "</s>" of tokenizer_config.json is not in tokenizer.json',
    );
    await writeFile(join(folder, "tokenizer_config.json"), "{}");
    await expect(readTokenizer(folder)).rejects.toThrow("names neither pad_token nor eos_token");
  });
});

describe("createCharTokenizer", () => {
  test("writes the tokenizer.json that Hugging Face writes", async () => {
    const { alphabet, tags } = await fixture("made-of.json");
    const { files } = createCharTokenizer(alphabet, tags);
    const theirs = await fixture("tokenizer.json");
    // theirs has a template that adds nothing
    expect(JSON.parse(files["tokenizer.json"]!)).toEqual({ ...theirs, post_processor: null });
  });

  test("its files give the same tokenizer", async () => {
    for (const [name, text] of Object.entries(tokenizer.files)) await writeFile(join(scratch, name), text);
    const { encode, decode, tokenId, createDecoder, ...facts } = await readTokenizer(scratch);
    expect(tokenizer).toMatchObject(facts);
    expect(encode("<think>1+1\n</think>")).toEqual(tokenizer.encode("<think>1+1\n</think>"));
  });

  test("numbers the alphabet, then the tags, then <eos> and <pad>", () => {
    expect([...tokenizer.encode("0<think>😀<answer")]).toEqual([0, 28, 27, 14, 22, 20, 23, 24, 25, 26]);
    expect(tokenizer).toMatchObject({ vocabSize: 34, eosIds: [32], padId: 33, bosId: null, stopIds: [32, 33] });
    expect(tokenizer.tokenId("</answer>")).toBe(31);
    expect(tokenizer.tokenId("<nothing>")).toBeNull();
  });

  test("refuses a token that comes twice", () => {
    expect(() => createCharTokenizer("aba", [])).toThrow('token "a" comes twice');
    expect(() => createCharTokenizer("ab", ["<pad>"])).toThrow('token "<pad>" comes twice');
    expect(() => createCharTokenizer("ab", [""])).toThrow('token "" is empty');
  });
});

describe("encode", () => {
  test("names an unknown character and its position, counted in characters", () => {
    const encode = () => tokenizer.encode("1😀<think>é");
    expect(encode).toThrow('character "é" (U+00E9) at position 9 is not in the vocabulary');
    expect(encode).toThrow(expect.objectContaining({ code: "E_TOKENIZER" }));
    expect(() => tokenizer.encode("\ud83d")).toThrow("U+D83D"); // half of a character
  });

  test("any text of the alphabet survives the way there and back", () => {
    const pieces = fc.array(fc.constantFrom(...TAGS, "<eos>", "1", " ", "\n", "<", ">", "/", "t", "h", "think", "😀"));
    fc.assert(
      fc.property(pieces, (parts) => {
        const text = parts.join("");
        expect(tokenizer.decode(tokenizer.encode(text))).toBe(text);
      }),
    );
  });
});

describe("decode", () => {
  test("keeps tags and special tokens, token by token as at once", () => {
    const ids = tokenizer.encode("<think>1+1=2😀</think><eos><pad>");
    expect(tokenizer.decode(ids)).toBe("<think>1+1=2😀</think><eos><pad>");
    const decoder = tokenizer.createDecoder();
    const pushed = [...ids].map((id) => decoder.push(id));
    expect(pushed).toEqual(["<think>", "1", "+", "1", "=", "2", "😀", "</think>", "<eos>", "<pad>"]);
    expect(decoder.end()).toBe("");
  });

  test("refuses an id outside the vocabulary", () => {
    expect(() => tokenizer.decode([34])).toThrow("token id is 34, expected an integer from 0 to 33");
    expect(() => tokenizer.createDecoder().push(-1)).toThrow("token id is -1");
  });
});
