/** Ways to cut a text into the tokens that overlap measures compare. The choice changes every score, so it is explicit. */

/** Pure and total. */
export type Tokenize = (text: string) => string[];

/** Runs of letters, marks and digits, in lower case; punctuation is dropped. As ROUGE's scorer does, beyond ASCII. */
export const wordTokens: Tokenize = (text) => text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? [];

/** What stands between white space, as it is. */
export const spaceTokens: Tokenize = (text) => text.match(/\S+/g) ?? [];

/** Code points other than white space: for scripts that write no spaces. */
export const characterTokens: Tokenize = (text) => [...text.replaceAll(/\s+/g, "")];

/** Longer token lists are not scored: counting n-grams of a million tokens takes seconds. */
export const MAX_TOKENS = 100_000;
