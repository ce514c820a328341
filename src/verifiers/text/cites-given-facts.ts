/**
 * The share of a text's claims that cite a given fact by its id, with wrong ids and false quotations counted against it.
 *
 *   reward = max(−1, (supported − false) / max(Σ weights, minClaims)),  in [−1, 1];  0 for a text without claims
 *
 * A sentence is a claim where it has three words or cites. Its weight is 1 for each 40 words begun: a chain of clauses with
 * one id is not one claim. A sentence said before is no claim again.
 *
 * A claim is *false* where it cites an id that is not given, or quotes words that no fact it cites has verbatim. It is
 * *supported* where it is not false, has three words, cites 1 to `maxIds` ids, shares a word of four letters or a number
 * with each fact cited, and is no copy. A copy has more than half of its words in runs of eight words, or in whole shorter
 * facts, as they stand in a fact: reciting all facts with their ids pays nothing. Everything else is merely unsupported.
 *
 * It does not read: a claim may cite a fact, share a word with it and contradict it. A bonus for `gated`, or beside a judge.
 */
import { RlvrError } from "../../errors.ts";
import type { Extract } from "../answer-tag.ts";
import { type Graded, graded } from "../verdict.ts";
import { type CitedSentence, citedSentences, collapseSpace } from "./cited-sentences.ts";
import { checkNumberOption } from "./number-option.ts";
import { shownText } from "./shown-text.ts";
import { wordTokens } from "./tokenize.ts";

export interface FactsRow {
  /** id → text. Ids are letters, digits, `_`, `.` and `-`. 1 to 1000 facts, at most 200,000 characters together. */
  readonly facts: Readonly<Record<string, string>>;
}

export interface CitationOptions {
  /** Ids a sentence may cite; 3 by default. */
  readonly maxIds?: number;
  /** A text with fewer claims is scored as if it had so many; 1 by default. */
  readonly minClaims?: number;
  /** All that is shown after the reasoning, by default. */
  readonly extract?: Extract;
}

const MIN_WORDS = 3;
const WORDS_PER_CLAIM = 40;
const COPIED_RUN = 8; // words; shorter runs in common are what the language shares
const MAX_COPIED = 0.5;
const MAX_QUOTES = 5; // a sentence; more is a collage
const MAX_TEXT = 20_000; // UTF-16 units
const MAX_FACTS = 1000;
const MAX_FACT_TEXT = 200_000; // UTF-16 units together

/** The reward above; a text over 20,000 characters gets −1. Throws E_TASK_DATA where the row has no facts to cite. */
export function citesGivenFacts(options: CitationOptions = {}): (completion: string, row: FactsRow) => Graded {
  const { maxIds = 3, minClaims = 1, extract = shownText } = options;
  checkNumberOption("maxIds", maxIds, { min: 1, whole: true });
  checkNumberOption("minClaims", minClaims, { min: 1, whole: true });
  return (completion, row) => {
    const facts = readFacts(row);
    const extracted = extract(completion);
    if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
    const { answer } = extracted;
    if (answer.length > MAX_TEXT) return graded(-1, "incorrect", answer, `over ${MAX_TEXT} characters: not read`);

    const claims = distinctClaims(citedSentences(answer, (id) => facts.texts.has(id)));
    if (claims.length === 0) return graded(0, "incorrect", answer, "no claims");
    const judged = claims.map((claim) => judge(claim, facts, maxIds));
    const supported = judged.filter((verdict) => verdict === null).length;
    const wrong = judged.filter((verdict) => verdict?.isFalse).length;
    const total = claims.reduce((sum, { words }) => sum + Math.max(1, Math.ceil(words.length / WORDS_PER_CLAIM)), 0);
    const reward = Math.max(-1, (supported - wrong) / Math.max(total, minClaims));
    const first = judged.find((verdict) => verdict !== null);
    const reason = `${supported} of ${claims.length} claims supported, ${wrong} false${first === undefined ? "" : `; first: ${first.reason}`}`;
    const outcome = reward === 1 ? "correct" : reward > 0 ? "partial" : "incorrect";
    return graded(reward, outcome, answer, reason, { claims: claims.length, supported, false_claims: wrong });
  };
}

interface Facts {
  readonly texts: ReadonlyMap<string, string>;
  readonly words: ReadonlyMap<string, ReadonlySet<string>>;
  /** Runs of eight words of the facts, and whole facts of three to seven. */
  readonly runs: ReadonlySet<string>;
}

const READ = new WeakMap<FactsRow["facts"], Facts>(); // the facts of a row are read once for its whole group

function readFacts({ facts }: FactsRow): Facts {
  const known = READ.get(facts);
  if (known !== undefined) return known;
  const entries = Object.entries(facts);
  const size = entries.reduce((sum, [, text]) => sum + text.length, 0);
  const fine = entries.every(([id, text]) => /^[\w.-]{1,64}$/.test(id) && text.trim() !== "");
  if (!fine || entries.length < 1 || entries.length > MAX_FACTS || size > MAX_FACT_TEXT) {
    throw new RlvrError(
      "E_TASK_DATA",
      `the row has ${entries.length} facts of ${size} characters, expected 1 to ${MAX_FACTS} of at most ${MAX_FACT_TEXT} together, none blank`,
      {
        hint: "ids are letters, digits, underscores, points and hyphens, at most 64",
      },
    );
  }
  const texts = new Map(entries.map(([id, text]) => [id, collapseSpace(text)]));
  const tokens = new Map(entries.map(([id, text]) => [id, wordTokens(text)]));
  const words = new Map([...tokens].map(([id, list]) => [id, new Set(list.filter(isTelling))]));
  const runs = new Set([...tokens.values()].flatMap((list) => runsOf(list, Math.min(COPIED_RUN, list.length))));
  const read: Facts = { texts, words, runs };
  READ.set(facts, read);
  return read;
}

/** A word that a claim and its fact must share: four letters, or a number. */
function isTelling(word: string): boolean {
  return word.length >= 4 || /\p{N}/u.test(word) || /^\p{scx=Han}/u.test(word);
}

function runsOf(words: readonly string[], length: number): string[] {
  if (length < MIN_WORDS) return [];
  const starts = Math.max(0, words.length - length + 1);
  return Array.from({ length: starts }, (_, i) => words.slice(i, i + length).join(" "));
}

/** Sentences of three words or with a citation, each once; one that is said again with other ids is a claim again. */
function distinctClaims(sentences: readonly CitedSentence[]): CitedSentence[] {
  const claims = new Map<string, CitedSentence>();
  for (const sentence of sentences) {
    if (sentence.words.length < MIN_WORDS && sentence.ids.length === 0) continue;
    const key = `${sentence.words.join(" ")}\n${sentence.ids.join(" ")}`;
    if (!claims.has(key)) claims.set(key, sentence);
  }
  return [...claims.values()];
}

interface Unsupported {
  readonly isFalse: boolean;
  readonly reason: string;
}

/** Null for a supported claim. */
function judge({ words, ids, quotes }: CitedSentence, facts: Facts, maxIds: number): Unsupported | null {
  const unsupported = (reason: string, isFalse = false): Unsupported => ({ isFalse, reason });
  const unknown = ids.find((id) => !facts.texts.has(id));
  if (unknown !== undefined) return unsupported(`cites [${unknown}], which is not given`, true);
  if (ids.length === 0) return unsupported("cites nothing");
  if (quotes.length > MAX_QUOTES || ids.length > maxIds)
    return unsupported(`${ids.length} ids and ${quotes.length} quotations in a sentence`);
  const invented = quotes.find((quote) => !ids.some((id) => facts.texts.get(id)!.includes(quote)));
  if (invented !== undefined)
    return unsupported(`quotes ${JSON.stringify(invented.slice(0, 100))}, which it does not cite`, true);
  if (words.length < MIN_WORDS) return unsupported("cites without a claim");
  const foreign = ids.find((id) => !words.some((word) => facts.words.get(id)!.has(word)));
  if (foreign !== undefined) return unsupported(`shares no word with [${foreign}]`);
  return copiedShare(words, facts.runs) > MAX_COPIED ? unsupported("copies a fact") : null;
}

/** Share of the words that stand in a run of a fact. */
function copiedShare(words: readonly string[], runs: ReadonlySet<string>): number {
  const copied = new Uint8Array(words.length);
  for (let length = MIN_WORDS; length <= COPIED_RUN; length++) {
    for (const [i, run] of runsOf(words, length).entries()) if (runs.has(run)) copied.fill(1, i, i + length);
  }
  return copied.reduce((sum, one) => sum + one, 0) / words.length;
}
