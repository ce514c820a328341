/**
 * How much of a text is written in a language: the share of its words, after DeepSeek-R1, https://arxiv.org/abs/2501.12948,
 * §2.3.2 ("the proportion of target language words"), which leaves open how a word's language is found. Here:
 *
 * A word is a run of letters; in scripts without spaces (Han, kana, Thai) each letter is one. Words in a script that one
 * language of the table has are its words. Elsewhere a stretch of at most 20 words, up to a sentence's end, is decided as a
 * whole: by the language with most function words, or, for Chinese and Japanese, by its kana. Words of undecided stretches
 * are shared out as the decided ones of their script are; where none is decided, they count for the target.
 *
 * Languages outside the table count for one that has their script: Persian for Arabic, Polish as undecided Latin.
 */
import { FUNCTION_WORDS } from "./function-words.ts";

type Script = keyof typeof SCRIPTS;

// scx: a letter that several scripts use belongs to each of them, such as the long-vowel mark of kana
const SCRIPTS = {
  latin: /^\p{scx=Latin}/u,
  cyrillic: /^\p{scx=Cyrillic}/u,
  han: /^[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}]/u,
  hangul: /^\p{scx=Hangul}/u,
  arabic: /^\p{scx=Arabic}/u,
  hebrew: /^\p{scx=Hebrew}/u,
  greek: /^\p{scx=Greek}/u,
  devanagari: /^\p{scx=Devanagari}/u,
  thai: /^\p{scx=Thai}/u,
} as const;

/** ISO 639-1 code → script. */
export const LANGUAGES = {
  en: "latin",
  de: "latin",
  fr: "latin",
  es: "latin",
  it: "latin",
  pt: "latin",
  nl: "latin",
  ru: "cyrillic",
  uk: "cyrillic",
  zh: "han",
  ja: "han",
  ko: "hangul",
  ar: "arabic",
  he: "hebrew",
  el: "greek",
  hi: "devanagari",
  th: "thai",
} as const satisfies Record<string, Script>;

export type Language = keyof typeof LANGUAGES;

export interface LanguageShare {
  /** In [0, 1]; null for a text without words. */
  readonly share: number | null;
  readonly words: number;
}

const STRETCH_END = /[.!?;:…。！？；：\n]/u;
const STRETCH_WORDS = 20;
const UNSPACED = /^[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Thai}]$/u;
const KANA = /^[\p{Script=Hiragana}\p{Script=Katakana}]/u;
const MIN_KANA = 0.1; // Japanese prose has about half; quoted Chinese none

/** Linear in the length of the text; never throws. */
export function languageShare(text: string, language: Language): LanguageShare {
  const tally: Tally = { words: 0, decided: new Map(), undecided: new Map() };
  let stretch = new Map<Script, string[]>();
  let length = 0;
  for (const token of tokensOf(text)) {
    if (STRETCH_END.test(token) || length === STRETCH_WORDS) {
      decideAll(stretch, tally);
      stretch = new Map();
      length = 0;
    }
    const script = scriptOf(token);
    if (script === null) continue;
    if (script !== "none") {
      const words = stretch.get(script);
      if (words === undefined) stretch.set(script, [token]);
      else words.push(token);
    }
    tally.words++;
    length++;
  }
  decideAll(stretch, tally);
  return { share: tally.words === 0 ? null : targetWords(tally, language) / tally.words, words: tally.words };
}

interface Tally {
  words: number;
  readonly decided: Map<Language, number>;
  readonly undecided: Map<Script, number>;
}

function targetWords({ decided, undecided }: Tally, language: Language): number {
  const script = LANGUAGES[language];
  const target = decided.get(language) ?? 0;
  let ofScript = 0;
  for (const [other, words] of decided) if (LANGUAGES[other] === script) ofScript += words;
  return target + (undecided.get(script) ?? 0) * (ofScript === 0 ? 1 : target / ofScript);
}

/** Words, letters of scripts without spaces, and ends of stretches. */
function* tokensOf(text: string): Generator<string> {
  for (const [run] of text.matchAll(/[\p{L}\p{M}]+|[.!?;:…。！？；：\n]/gu)) {
    let word = "";
    for (const letter of run) {
      if (!UNSPACED.test(letter)) {
        word += letter;
        continue;
      }
      if (word !== "") yield word;
      word = "";
      yield letter;
    }
    if (word !== "") yield word;
  }
}

/** "none" for letters of a script outside the table, null for what is no word. */
function scriptOf(token: string): Script | "none" | null {
  if (!/^\p{L}/u.test(token)) return null;
  return PATTERNS.find(([, pattern]) => pattern.test(token))?.[0] ?? "none";
}

const PATTERNS = Object.entries(SCRIPTS) as [Script, RegExp][];

function decideAll(stretch: ReadonlyMap<Script, readonly string[]>, { decided, undecided }: Tally): void {
  for (const [script, words] of stretch) {
    const language = decide(script, words);
    if (language === null) undecided.set(script, (undecided.get(script) ?? 0) + words.length);
    else decided.set(language, (decided.get(language) ?? 0) + words.length);
  }
}

const ONLY_LANGUAGE: ReadonlyMap<Script, Language> = (() => {
  const languages = Object.entries(LANGUAGES) as [Language, Script][];
  const alone = languages.filter(([, script]) => languages.filter(([, other]) => other === script).length === 1);
  return new Map(alone.map(([language, script]) => [script, language]));
})();

function decide(script: Script, words: readonly string[]): Language | null {
  const only = ONLY_LANGUAGE.get(script);
  if (only !== undefined) return only;
  if (script === "han") {
    const kana = words.filter((letter) => KANA.test(letter)).length;
    return kana >= MIN_KANA * words.length ? "ja" : "zh";
  }
  const hits = new Map<Language, number>();
  for (const word of words) {
    for (const language of FUNCTION_WORDS.get(word.toLowerCase()) ?? []) {
      if (LANGUAGES[language] === script) hits.set(language, (hits.get(language) ?? 0) + 1);
    }
  }
  const [first, second] = [...hits].sort(([, a], [, b]) => b - a);
  return first === undefined || first[1] === second?.[1] ? null : first[0];
}
