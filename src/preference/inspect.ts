/**
 * What is wrong with preference data: records that teach nothing, labels that contradict each other, annotators far from
 * the rest (careless, or poisoning), a length that is being rewarded, prompts that leak into another split.
 */
import { cohenKappa, krippendorffAlpha } from "./agreement.ts";
import { type AttributeWeights, toComparisons } from "./convert.ts";
import { nearDuplicates } from "./near-duplicates.ts";
import { type Comparison, type PreferenceRecord, plainText } from "./records.ts";
import { collectVotes, type VotedPair } from "./votes.ts";

export interface LocatedRecord {
  readonly record: PreferenceRecord;
  /** File and line, for messages. */
  readonly where: string;
}

export interface PreferenceFinding {
  readonly severity: "error" | "warning";
  readonly where: string;
  readonly message: string;
}

export interface AnnotatorReport {
  readonly annotator: string;
  readonly comparisons: number;
  /** On pairs that others judged too. */
  readonly shared: number;
  /** With the majority of the others, ties left out; NaN where nothing is shared. */
  readonly agreement: number;
  /** Cohen's κ with that majority. */
  readonly kappa: number;
  /** Far from the others: more than chance explains. */
  readonly isOutlier: boolean;
}

export interface LengthReport {
  /** Pairs whose completions differ in length. */
  readonly pairs: number;
  /** Share of these in which the longer one was chosen. */
  readonly longerChosen: number;
  readonly isBiased: boolean;
}

export interface PreferenceReport {
  readonly records: number;
  readonly kinds: Readonly<Record<string, number>>;
  /** Comparisons that the records hold, rankings and ratings taken apart. */
  readonly comparisons: number;
  /** Krippendorff's α over pairs with several votes; null where there are none. */
  readonly alpha: number | null;
  readonly annotators: readonly AnnotatorReport[];
  readonly length: LengthReport;
  readonly findings: readonly PreferenceFinding[];
}

export interface InspectOptions {
  /** Prompts of another split: those that are nearly the same are reported. */
  readonly against?: readonly { readonly prompt: string; readonly where: string }[];
  readonly attributes?: AttributeWeights;
}

/** Standard errors beyond which a share is no accident: one false alarm in 740. */
const FAR = 3;
/** Shares of the longer completion outside of which length explains too much to ignore. */
const LENGTH_SHARES = [0.4, 0.6] as const;
/** Shared judgments below which an annotator is not judged. */
const FEWEST_SHARED = 5;
const RESEMBLANCE = 0.8;

interface Located {
  readonly comparison: Comparison;
  readonly where: string;
}

export function inspectPreferences(
  records: readonly LocatedRecord[],
  { against = [], attributes }: InspectOptions = {},
): PreferenceReport {
  const located = records.flatMap(({ record, where }) =>
    toComparisons(record, attributes).map((comparison): Located => ({ comparison, where })),
  );
  const pairs = collectVotes(located.map(({ comparison }) => comparison));
  const annotators = annotatorReports(pairs);
  const length = lengthReport(located.map(({ comparison }) => comparison));
  const units = pairs
    .filter(({ votes }) => votes.length > 1)
    .map(({ votes }) => votes.map((vote) => Number(vote.forFirst)));
  return {
    records: records.length,
    kinds: countsOf(records.map(({ record }) => record.kind)),
    comparisons: located.length,
    alpha: units.length === 0 ? null : krippendorffAlpha(units),
    annotators,
    length,
    findings: [
      ...records.flatMap(emptyTexts),
      ...located.flatMap(equalSides),
      ...repeatedLabels(located),
      ...annotators.filter(({ isOutlier }) => isOutlier).map(outlierFinding),
      ...(length.isBiased ? [lengthFinding(length)] : []),
      ...leaks(records, against),
    ],
  };
}

function countsOf(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, list]) => [name, list.length]));
}

function emptyTexts({ record, where }: LocatedRecord): PreferenceFinding[] {
  const texts = Object.entries(record).flatMap(([field, value]) => {
    if (field === "completions")
      return (value as Comparison["chosen"][]).map((text, i) => [`completions[${i}]`, text] as const);
    return ["prompt", "chosen", "rejected", "completion"].includes(field)
      ? [[field, value as Comparison["chosen"]] as const]
      : [];
  });
  return texts
    .filter(([, text]) => (typeof text === "string" ? text : text.map(({ content }) => content).join("")).trim() === "")
    .map(([field]) => ({ severity: "error", where, message: `${field} is empty` }));
}

function equalSides({ comparison: { chosen, rejected }, where }: Located): PreferenceFinding[] {
  if (plainText(chosen) !== plainText(rejected)) return [];
  return [{ severity: "error", where, message: "chosen and rejected are the same" }];
}

/** The same two completions judged twice by one annotator, or by nobody in particular: the same way, or the other way round. */
function repeatedLabels(located: readonly Located[]): PreferenceFinding[] {
  const seen = new Map<string, { where: string; chosen: string }>();
  return located.flatMap(({ comparison, where }): PreferenceFinding[] => {
    const { prompt, annotator } = comparison;
    const [chosen, rejected] = [plainText(comparison.chosen), plainText(comparison.rejected)];
    if (chosen === rejected) return [];
    const key = JSON.stringify([plainText(prompt), ...[chosen, rejected].sort(), annotator ?? null]);
    const before = seen.get(key);
    if (before === undefined) {
      seen.set(key, { where, chosen });
      return [];
    }
    const by = annotator === undefined ? "" : ` by ${JSON.stringify(annotator)}`;
    return before.chosen === chosen
      ? [{ severity: "warning", where, message: `repeats ${before.where}${by}` }]
      : [
          {
            severity: "error",
            where,
            message: `contradicts ${before.where}${by}: the same pair with the labels swapped`,
          },
        ];
  });
}

function annotatorReports(pairs: readonly VotedPair[]): AnnotatorReport[] {
  const names = [...new Set(pairs.flatMap(({ votes }) => votes.flatMap(({ annotator }) => annotator ?? [])))];
  const judged = names.map((annotator) => {
    const own: boolean[] = [];
    const majority: boolean[] = [];
    let comparisons = 0;
    for (const { votes } of pairs) {
      const others = votes.filter((vote) => vote.annotator !== annotator);
      const lead = others.reduce((sum, { forFirst }) => sum + (forFirst ? 1 : -1), 0);
      for (const vote of votes) {
        if (vote.annotator !== annotator) continue;
        comparisons++;
        if (lead === 0) continue; // nobody else, or a tie
        own.push(vote.forFirst);
        majority.push(lead > 0);
      }
    }
    const right = own.filter((label, i) => label === majority[i]).length;
    return {
      annotator,
      comparisons,
      shared: own.length,
      right,
      kappa: own.length > 0 ? cohenKappa(own, majority) : Number.NaN,
    };
  });
  const all = { right: sum(judged.map(({ right }) => right)), shared: sum(judged.map(({ shared }) => shared)) };
  return judged.map(({ annotator, comparisons, shared, right, kappa }) => {
    // against the others together: one who is always wrong would lower a mean that holds the own votes too
    const usual = (all.right - right) / Math.max(1, all.shared - shared);
    const error = Math.sqrt((usual * (1 - usual)) / shared) + 1 / (2 * shared);
    const isOutlier = shared >= FEWEST_SHARED && all.shared > shared && right / shared < usual - FAR * error;
    return { annotator, comparisons, shared, agreement: right / shared, kappa, isOutlier };
  });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, x) => total + x, 0);
}

function outlierFinding({ annotator, agreement, shared }: AnnotatorReport): PreferenceFinding {
  const share = `${(100 * agreement).toFixed(0)} % of ${shared} shared pairs`;
  const wrong = agreement < 0.5 ? ": the labels may be swapped, or meant to harm" : "";
  return {
    severity: "warning",
    where: `annotator ${annotator}`,
    message: `agrees with the others on ${share}${wrong}`,
  };
}

function lengthReport(comparisons: readonly Comparison[]): LengthReport {
  const differences = comparisons
    .map(({ chosen, rejected }) => plainText(chosen).length - plainText(rejected).length)
    .filter((difference) => difference !== 0);
  const pairs = differences.length;
  const longerChosen = differences.filter((difference) => difference > 0).length / pairs;
  const isFar = Math.abs(longerChosen - 0.5) > (FAR * 0.5) / Math.sqrt(pairs);
  return {
    pairs,
    longerChosen,
    isBiased: isFar && (longerChosen < LENGTH_SHARES[0] || longerChosen > LENGTH_SHARES[1]),
  };
}

function lengthFinding({ pairs, longerChosen }: LengthReport): PreferenceFinding {
  const which = longerChosen > 0.5 ? "longer" : "shorter";
  const share = (100 * Math.max(longerChosen, 1 - longerChosen)).toFixed(0);
  const message = `the ${which} completion is chosen in ${share} % of ${pairs} pairs: a reward model will learn length`;
  return { severity: "warning", where: "all records", message };
}

function leaks(
  records: readonly LocatedRecord[],
  against: NonNullable<InspectOptions["against"]>,
): PreferenceFinding[] {
  const prompts = records.map(({ record }) => plainText(record.prompt));
  const found = nearDuplicates(
    prompts,
    against.map(({ prompt }) => prompt),
    RESEMBLANCE,
  );
  return found.map(({ of, in: other, resemblance }) => ({
    severity: "warning",
    where: records[of]!.where,
    message:
      resemblance === 1
        ? `has the prompt of ${against[other]!.where}`
        : `has nearly the prompt of ${against[other]!.where} (resemblance ${resemblance.toFixed(2)})`,
  }));
}
