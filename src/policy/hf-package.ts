/**
 * What is used of @huggingface/tokenizers, loaded when a tokenizer needs it. Its own declarations name their files without
 * extensions, so TypeScript finds none of these in them.
 */
interface Package {
  /** Byte-pair merges. `_call` gives the tokens of one text. */
  readonly BPE: new (
    model: object,
  ) => { _call(texts: readonly string[]): string[] };
  /** Translates a pattern of Oniguruma's dialect. */
  readonly SplitPreTokenizer: new (
    split: object,
  ) => { readonly pattern: RegExp | null };
}

export type MergesClass = Package["BPE"];
export type PatternClass = Package["SplitPreTokenizer"];

export async function tokenizersPackage(): Promise<Package> {
  return (await import("@huggingface/tokenizers")) as unknown as Package;
}
