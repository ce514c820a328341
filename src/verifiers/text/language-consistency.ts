/**
 * The share of a completion's words that are written in the wanted language — DeepSeek-R1, https://arxiv.org/abs/2501.12948,
 * §2.3.2, where it keeps a chain of thought from mixing languages. How words are told apart: `language-share.ts`.
 *
 * The whole completion counts, reasoning included. Code, math, addresses and tags are not prose and count for no language;
 * `ignored_share` says how much of the text they are: prose in another language, hidden in a code block, shows there.
 * A bonus for `gated`: it says nothing about the answer.
 */
import { RlvrError } from "../../errors.ts";
import { type Graded, graded } from "../verdict.ts";
import { gradedShare } from "./graded-share.ts";
import { LANGUAGES, type Language, languageShare } from "./language-share.ts";
import { proseOf } from "./prose.ts";

/** Longer texts are judged by their beginning, in UTF-16 units. */
const MAX_JUDGED = 65_536;

/** Reward = the share, in [0, 1]; 0 for a text without a word of prose. Throws E_VERIFIER for an unknown language. */
export function languageConsistency(language: Language): (completion: string) => Graded {
  if (!Object.hasOwn(LANGUAGES, language)) {
    const known = Object.keys(LANGUAGES).join(", ");
    throw new RlvrError("E_VERIFIER", `the language is ${JSON.stringify(language)}, expected one of ${known}`);
  }
  return (completion) => {
    const text = completion.slice(0, MAX_JUDGED);
    const prose = proseOf(text);
    const { share, words } = languageShare(prose, language);
    const metrics = { words, ignored_share: text === "" ? 0 : Math.max(0, 1 - prose.length / text.length) };
    if (share === null) return graded(0, "unparsed", null, "no words of prose", metrics);
    return gradedShare(share, null, `${(100 * share).toFixed(1)} % of ${words} words are ${language}`, metrics);
  };
}
