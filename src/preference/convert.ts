/** Records of one kind as records of another: comparisons for pairs, unpaired examples for KTO, rankings for K-wise losses. */

import { strictPairs } from "./ranking-loss.ts";
import { likertToPairs, multiAttributeScore, type Scale } from "./ratings.ts";
import type { Ranking, Rating, Unpaired } from "./records.ts";
import { type AttributeRating, type Comparison, type Feedback, type PreferenceRecord, plainText } from "./records.ts";

/** What several attributes count for, and the scale that they were rated on. */
export interface AttributeWeights {
  readonly weights: Readonly<Record<string, number>>;
  readonly scale: Scale;
}

/** What was said in words, as a judgment: 1 = all good, −1 = all bad; null = it says nothing about quality. */
export type ReadFeedback = (record: Feedback) => FeedbackReading | null | Promise<FeedbackReading | null>;

export interface FeedbackReading {
  /** Above 0 it was liked. */
  readonly polarity: number;
  /** What it was about, such as "helpfulness". */
  readonly attribute?: string;
  /** What read it: a rule, or the judge's name. It becomes the source of the record. */
  readonly source: string;
}

const provenance = ({ id, annotator, source }: PreferenceRecord) => ({
  ...(id === undefined ? {} : { id }),
  ...(annotator === undefined ? {} : { annotator }),
  ...(source === undefined ? {} : { source }),
});

/** Strict pairs, margin = difference of the ratings; attributes need weights. Of unpaired records and feedback none. */
export function toComparisons(record: PreferenceRecord, attributes?: AttributeWeights): Comparison[] {
  switch (record.kind) {
    case "comparison":
      return [record];
    case "ranking":
      return strictPairs(record.ranks).map(([better, worse]) => pairOf(record, better, worse));
    case "rating":
      return ratedPairs(record, record.ratings);
    case "attributes":
      return attributes === undefined ? [] : ratedPairs(record, attributeScores(record, attributes));
    case "feedback":
    case "unpaired":
      return [];
    default:
      return record satisfies never;
  }
}

function pairOf(
  record: Ranking | Rating | AttributeRating,
  better: number,
  worse: number,
  margin?: number,
): Comparison {
  const { id, ...from } = provenance(record);
  return {
    kind: "comparison",
    ...from,
    ...(id === undefined ? {} : { id: `${id}/${better}>${worse}` }),
    prompt: record.prompt,
    chosen: record.completions[better]!,
    rejected: record.completions[worse]!,
    ...(margin === undefined ? {} : { margin }),
  };
}

function ratedPairs(record: Rating | AttributeRating, ratings: readonly number[]): Comparison[] {
  return likertToPairs(ratings).map(({ better, worse, margin }) => pairOf(record, better, worse, margin));
}

function attributeScores({ ratings }: AttributeRating, { weights, scale }: AttributeWeights): number[] {
  return ratings.map((rated) => multiAttributeScore(rated, weights, scale));
}

/** One attribute of a record of several, as a record of ratings; null where a completion lacks it. */
export function attributeOf(record: AttributeRating, attribute: string): Rating | null {
  const ratings = record.ratings.map((rated) => rated[attribute]);
  if (!ratings.every((rating) => rating !== undefined)) return null;
  const { prompt, completions } = record;
  return { kind: "rating", ...provenance(record), prompt, completions, ratings };
}

/** Ranks from ratings, ties included; a comparison is a ranking of two. Null of records that order nothing. */
export function toRanking(record: PreferenceRecord, attributes?: AttributeWeights): Ranking | null {
  const ranked = (completions: Ranking["completions"], points: readonly number[]): Ranking => {
    const ranks = points.map((own) => 1 + new Set(points.filter((other) => other > own)).size);
    return { kind: "ranking", ...provenance(record), prompt: record.prompt, completions, ranks };
  };
  switch (record.kind) {
    case "ranking":
      return record;
    case "comparison":
      return ranked([record.chosen, record.rejected], [1, 0]);
    case "rating":
      return ranked(record.completions, record.ratings);
    case "attributes":
      return attributes === undefined ? null : ranked(record.completions, attributeScores(record, attributes));
    case "feedback":
    case "unpaired":
      return null;
    default:
      return record satisfies never;
  }
}

/** Both sides of a comparison; of ratings what lies above and below `middle`; of a ranking its best and its worst. */
export function toUnpaired(record: PreferenceRecord, middle: number): Unpaired[] {
  const example = (completion: Unpaired["completion"], desirable: boolean): Unpaired => {
    const { id, ...from } = provenance(record);
    const own = id === undefined ? {} : { id: `${id}/${desirable ? "good" : "bad"}` };
    return { kind: "unpaired", ...from, ...own, prompt: record.prompt, completion, desirable };
  };
  switch (record.kind) {
    case "unpaired":
      return [record];
    case "comparison":
      return [example(record.chosen, true), example(record.rejected, false)];
    case "ranking": {
      const [best, worst] = [Math.min(...record.ranks), Math.max(...record.ranks)];
      if (best === worst) return [];
      return record.completions.flatMap((completion, k) => {
        const rank = record.ranks[k]!;
        return rank === best || rank === worst ? [example(completion, rank === best)] : [];
      });
    }
    case "rating":
      return record.completions.flatMap((completion, k) => {
        const rating = record.ratings[k]!;
        return rating === middle ? [] : [example(completion, rating > middle)];
      });
    case "attributes":
    case "feedback":
      return [];
    default:
      return record satisfies never;
  }
}

/** Feedback in words as good and bad examples, by a rule or a judge; a polarity of 0 says nothing. */
export async function readFeedback(records: readonly Feedback[], read: ReadFeedback): Promise<Unpaired[]> {
  const examples: Unpaired[] = [];
  for (const record of records) {
    const reading = await read(record);
    if (reading === null || reading.polarity === 0) continue;
    const { prompt, completion } = record;
    const source = reading.attribute === undefined ? reading.source : `${reading.source}: ${reading.attribute}`;
    examples.push({
      ...{ kind: "unpaired", ...provenance(record), source, prompt, completion },
      desirable: reading.polarity > 0,
    });
  }
  return examples;
}

/** Every good completion of a prompt against every bad one of the same prompt. */
export function pairUnpaired(examples: readonly Unpaired[]): Comparison[] {
  const byPrompt = Map.groupBy(examples, ({ prompt }) => plainText(prompt));
  return [...byPrompt.values()].flatMap((group) => {
    const [good, bad] = [group.filter(({ desirable }) => desirable), group.filter(({ desirable }) => !desirable)];
    return good.flatMap(({ prompt, completion: chosen }) =>
      bad.map(({ completion: rejected }): Comparison => ({ kind: "comparison", prompt, chosen, rejected })),
    );
  });
}
