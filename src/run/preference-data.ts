/** Preference files: read with everything that is wrong in them, and encoded for a model. */
import { existsSync } from "node:fs";
import { RlvrError } from "../errors.ts";
import { encodePrompt, type Model } from "../policy/index.ts";
import {
  annotatorTrust,
  type Comparison,
  collectVotes,
  type LocatedRecord,
  type PreferenceFinding,
  parsePreference,
  plainText,
  softLabels,
  type Text,
  type TokenExample,
  type TokenPair,
  type TokenRanking,
  toComparisons,
  toRanking,
  toUnpaired,
} from "../preference/index.ts";
import { readDataset } from "../rollout/dataset.ts";
import { readLines } from "../rollout/lines.ts";

export interface PreferenceFile {
  readonly records: readonly LocatedRecord[];
  /** Lines that are no JSON or fit no layout. */
  readonly faults: readonly PreferenceFinding[];
}

/**
 * The records of a .jsonl, .json or .parquet file, and the lines that are none.
 * @throws {RlvrError} E_TASK_DATA for a file that is missing, or cannot be read as what its ending says
 */
export async function readPreferences(path: string): Promise<PreferenceFile> {
  if (!existsSync(path)) throw new RlvrError("E_TASK_DATA", `there is no file ${path}, expected preferences`);
  const records: LocatedRecord[] = [];
  const faults: PreferenceFinding[] = [];
  for await (const { value, where, fault } of rowsOf(path)) {
    const parsed = fault === undefined ? parsePreference(value) : { fault };
    if ("record" in parsed) records.push({ record: parsed.record, where });
    else faults.push({ severity: "error", where, message: parsed.fault });
  }
  return { records, faults };
}

interface RawRow {
  readonly value: unknown;
  readonly where: string;
  readonly fault?: string;
}

/** Lines of JSONL one by one, so that a bad one does not hide those behind it. */
async function* rowsOf(path: string): AsyncGenerator<RawRow> {
  if (!path.toLowerCase().endsWith(".jsonl")) {
    let number = 0;
    for await (const value of readDataset(path)) yield { value, where: `row ${++number} of ${path}` };
    return;
  }
  for await (const { text, number } of readLines(path)) {
    if (text.trim() === "") continue;
    const where = `${path}:${number}`;
    try {
      yield { value: JSON.parse(text), where };
    } catch {
      yield { value: null, where, fault: `is not JSON: ${JSON.stringify(text.slice(0, 60))}` };
    }
  }
}

/** Most faults that an error lists. */
const LISTED = 5;

/** How several votes on the same two completions become labels. */
export const LABELS = ["as-given", "votes", "trust"] as const;
export type Labels = (typeof LABELS)[number];

/**
 * All comparisons that a file holds; rankings and ratings give theirs.
 * @param labels as-given: one pair for each; votes: the share of votes as soft label; trust: weighed by how often each
 *   annotator is right
 * @throws {RlvrError} E_TASK_DATA that names the lines which are wrong, or for a file without comparisons
 */
export async function readTokenPairs(path: string, model: Model, labels: Labels): Promise<TokenPair[]> {
  const records = await readAll(path);
  const comparisons = records.flatMap(({ record, where }) =>
    toComparisons(record).map((comparison, k): [string, Comparison] => [`${where}#${k}`, comparison]),
  );
  const labeled = labels === "as-given" ? comparisons : voted(path, comparisons, labels);
  return encodeAll(path, labeled, ([id, { prompt, chosen, rejected, margin, target, weight }]) => {
    const { completions, ...encoded } = encodeTexts(model, prompt, [chosen, rejected]);
    return {
      ...{ id, ...encoded, chosen: completions[0]!, rejected: completions[1]! },
      ...(margin === undefined ? {} : { margin }),
      ...(target === undefined ? {} : { target }),
      ...(weight === undefined ? {} : { weight }),
    };
  });
}

function voted(path: string, comparisons: readonly [string, Comparison][], labels: Labels): [string, Comparison][] {
  const pairs = collectVotes(comparisons.map(([, comparison]) => comparison));
  const soft = labels === "trust" ? softLabels(pairs, annotatorTrust(pairs)) : softLabels(pairs);
  return soft.map((comparison, i) => [`pair ${i + 1} of ${path}`, comparison]);
}

/** Good and bad completions: unpaired rows, or the sides of comparisons. `middle` parts ratings. */
export async function readTokenExamples(path: string, model: Model, middle: number): Promise<TokenExample[]> {
  const examples = (await readAll(path)).flatMap(({ record, where }) =>
    toUnpaired(record, middle).map((example, k) => [`${where}#${k}`, example] as const),
  );
  return encodeAll(path, examples, ([id, { prompt, completion, desirable }]) => {
    const { completions, ...encoded } = encodeTexts(model, prompt, [completion]);
    return { id, ...encoded, completion: completions[0]!, desirable };
  });
}

/** Rankings: as they are, from ratings, or of the two sides of a comparison. */
export async function readTokenRankings(path: string, model: Model): Promise<TokenRanking[]> {
  const rankings = (await readAll(path)).flatMap(({ record, where }) => {
    const ranking = toRanking(record);
    return ranking === null ? [] : [[where, ranking] as const];
  });
  return encodeAll(path, rankings, ([id, { prompt, completions, ranks }]) => {
    return { id, ...encodeTexts(model, prompt, completions), ranks };
  });
}

async function readAll(path: string): Promise<readonly LocatedRecord[]> {
  const { records, faults } = await readPreferences(path);
  if (faults.length === 0) return records;
  refuse(faults.map(({ where, message }) => `${where} ${message}`));
}

function refuse(faults: readonly string[]): never {
  const more = faults.length > LISTED ? `\n  and ${faults.length - LISTED} more` : "";
  throw new RlvrError("E_TASK_DATA", `${faults.slice(0, LISTED).join("\n  ")}${more}`, {
    hint: "rlvr prefs check <file> lists everything that is wrong",
  });
}

function encodeAll<Item extends readonly [string, unknown], Encoded>(
  path: string,
  items: readonly Item[],
  encode: (item: Item) => Encoded,
): Encoded[] {
  const faults: string[] = [];
  const encoded = items.flatMap((item) => {
    try {
      return [encode(item)];
    } catch (error) {
      if (!(error instanceof RlvrError)) throw error;
      faults.push(`${item[0]}: ${error.message}`);
      return [];
    }
  });
  if (faults.length > 0) refuse(faults);
  if (encoded.length > 0) return encoded;
  throw new RlvrError("E_TASK_DATA", `${path} has nothing that this loss can use, expected at least one row of it`, {
    hint: "comparisons for pairs, label true/false for kto, ranks or ratings for rankings; rlvr prefs check shows its kinds",
  });
}

/** Prompt and completions, each completion with the end-of-sequence id. */
function encodeTexts(model: Model, prompt: Text, completions: readonly Text[]) {
  const { tokenizer, config } = model;
  const eosId = tokenizer.eosIds[0];
  if (eosId === undefined) throw new RlvrError("E_TOKENIZER", "the tokenizer has no end-of-sequence id");
  const encoded = {
    prompt: encodePrompt(model, prompt),
    completions: completions.map((text) => Int32Array.of(...tokenizer.encode(contentOf(text)), eosId)),
  };
  const length = encoded.prompt.length + Math.max(...encoded.completions.map((tokens) => tokens.length));
  if (length <= config.maxPositions) return encoded;
  throw new RlvrError(
    "E_TASK_DATA",
    `has ${length} tokens, expected at most ${config.maxPositions}, the model's positions`,
  );
}

function contentOf(completion: Text): string {
  if (typeof completion === "string") return completion;
  const [only, ...more] = completion;
  if (only !== undefined && more.length === 0) return only.content;
  throw new RlvrError("E_TASK_DATA", `a completion has ${completion.length} messages, expected the assistant's one`);
}

/** Prompts of a file, for comparing splits. */
export function promptsOf({ records }: PreferenceFile): { prompt: string; where: string }[] {
  return records.map(({ record, where }) => ({ prompt: plainText(record.prompt), where }));
}
