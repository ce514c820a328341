/**
 * What each method makes of a batch: the sequences that it reads, and its loss as a function of their numbers. The loop in
 * train.ts is the same for all.
 */
import { RlvrError } from "../errors.ts";
import { type BradleyTerryOptions, bradleyTerryLoss } from "./bradley-terry.ts";
import { sequenceOf, type TokenExample, type TokenPair, type TokenRanking } from "./items.ts";
import { type KtoOptions, ktoLoss, ktoReferencePoint } from "./kto-loss.ts";
import { type CompletionLogProb, meanOverPairs, type PairLoss } from "./pair-loss.ts";
import type { RankingLoss } from "./ranking-loss.ts";
import { type RrhfOptions, rrhfLoss } from "./rrhf-loss.ts";
import { completionLogProb, lastScore, type Reading, type Sequence, type SequenceLoss } from "./two-pass.ts";

export interface Method<Item> {
  readonly reading: Reading;
  /** Whether the loss reads the sequences' numbers under a reference policy too. */
  readonly needsReference: boolean;
  readonly sequences: (items: readonly Item[]) => Sequence[];
  /**
   * @param numbers of the sequences, in their order
   * @param reference the same under the reference policy; zeros where the method needs none
   */
  readonly objective: (
    items: readonly Item[],
    numbers: readonly number[],
    reference: readonly number[],
  ) => SequenceLoss;
}

const pairSequences = (items: readonly TokenPair[]): Sequence[] =>
  items.flatMap(({ id, prompt, chosen, rejected }) => [
    sequenceOf(`${id}/chosen`, prompt, chosen),
    sequenceOf(`${id}/rejected`, prompt, rejected),
  ]);

/** DPO and its relatives: any loss of one pair, averaged. Honors targets and weights. */
export function pairMethod(loss: PairLoss, needsReference: boolean): Method<TokenPair> {
  return {
    ...{ reading: completionLogProb, needsReference, sequences: pairSequences },
    objective: (items, numbers, references) => {
      const side = (i: number, { length }: Int32Array): CompletionLogProb => {
        return { sum: numbers[i]!, reference: references[i]!, length };
      };
      const pairs = items.map(({ chosen, rejected }, i) => {
        return { chosen: side(2 * i, chosen), rejected: side(2 * i + 1, rejected) };
      });
      return meanOverPairs(loss, pairs, items);
    },
  };
}

/** The mismatched sequences for z: each prompt with the completion of the next example, as TRL pairs them. */
export function ktoMethod(options: KtoOptions): Method<TokenExample> {
  return {
    ...{ reading: completionLogProb, needsReference: true },
    sequences: (items) => {
      if (items.length < 2) {
        throw new RlvrError("E_CONFIG", "a batch has 1 example, expected at least 2 for KTO's estimate of the KL");
      }
      const own = items.map(({ id, prompt, completion }) => sequenceOf(id, prompt, completion));
      const mismatched = items.map(({ id, prompt }, i) => {
        const other = items[(i + 1) % items.length]!;
        return sequenceOf(`${id} × ${other.id}`, prompt, other.completion);
      });
      return [...own, ...mismatched];
    },
    objective: (items, numbers, references) => {
      const B = items.length;
      const all = numbers.map((sum, i) => ({ sum, reference: references[i]! }));
      const z = ktoReferencePoint(all.slice(B));
      const examples = items.map(({ desirable }, i) => ({ ...all[i]!, desirable }));
      const { loss, gradients, metrics } = ktoLoss(examples, z, options);
      return { loss, metrics, gradients: [...gradients, ...items.map(() => 0)] };
    },
  };
}

const rankingSequences = (items: readonly TokenRanking[]): Sequence[] =>
  items.flatMap(({ id, prompt, completions }) =>
    completions.map((completion, k) => sequenceOf(`${id}/${k}`, prompt, completion)),
  );

/** The mean over rankings of what `loss` says of each one's numbers. */
function overRankings(
  items: readonly TokenRanking[],
  numbers: readonly number[],
  loss: (item: TokenRanking, numbers: readonly number[]) => SequenceLoss,
): SequenceLoss {
  const results: SequenceLoss[] = [];
  let at = 0;
  for (const item of items) {
    const K = item.completions.length;
    results.push(loss(item, numbers.slice(at, at + K)));
    at += K;
  }
  const n = items.length;
  const names = new Set(results.flatMap(({ metrics }) => Object.keys(metrics)));
  const mean = (name: string) => {
    const values = results.flatMap(({ metrics }) => metrics[name] ?? []);
    return values.reduce((sum, x) => sum + x / values.length, 0);
  };
  return {
    loss: results.reduce((sum, result) => sum + result.loss / n, 0),
    gradients: results.flatMap(({ gradients }) => gradients.map((g) => g / n)),
    metrics: Object.fromEntries([...names].map((name) => [name, mean(name)])),
  };
}

/** RRHF reads nothing of the rewards but their order, which is that of the ranks. */
export function rrhfMethod(options: RrhfOptions): Method<TokenRanking> {
  return {
    ...{ reading: completionLogProb, needsReference: false, sequences: rankingSequences },
    objective: (items, numbers) =>
      overRankings(items, numbers, ({ completions, ranks }, sums) => {
        const candidates = sums.map((sum, k) => ({ sum, length: completions[k]!.length, reward: -ranks[k]! }));
        const { loss, gradients, metrics } = rrhfLoss(candidates, options);
        return { loss, gradients, metrics };
      }),
  };
}

/** A reward model on comparisons. Honors targets, weights and margins. */
export function rewardPairMethod(options: BradleyTerryOptions = {}): Method<TokenPair> {
  return {
    ...{ reading: lastScore, needsReference: false, sequences: pairSequences },
    objective: (items, numbers) => {
      const pairs = items.map((item, i) => ({
        ...labelOf(item),
        chosen: numbers[2 * i]!,
        rejected: numbers[2 * i + 1]!,
      }));
      return bradleyTerryLoss(pairs, options);
    },
  };
}

function labelOf({ margin = 0, target = 1, weight = 1 }: TokenPair) {
  return { margin, target, weight };
}

/** A reward model on rankings, each of them one element of the batch. */
export function rewardRankingMethod(loss: RankingLoss): Method<TokenRanking> {
  return {
    ...{ reading: lastScore, needsReference: false, sequences: rankingSequences },
    objective: (items, numbers) => overRankings(items, numbers, ({ ranks }, scores) => loss(scores, ranks)),
  };
}
