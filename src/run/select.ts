/**
 * Best-of-k and weighted votes with a process reward model. The n samples of a problem are cut into blocks of k, and each
 * block makes one choice: as many independent choices as the samples allow, and no sample is used twice.
 */
import { bestOf, SOLUTION_SCORES, type SolutionScoreName, weightedVote } from "../prm/index.ts";
import { type EvaluatedProblem, isCorrect, type TaskRow } from "./evaluate.ts";
import type { Prm } from "./prm-model.ts";
import { mean } from "./statistics.ts";
import type { Stepper } from "./steps.ts";

/** A sampled solution with its score. */
export interface Candidate {
  readonly answer: string | null;
  readonly correct: boolean;
  readonly score: number;
}

/** Scores of the steps of all samples. [problems][samples][S] */
export async function scoreSamples(
  problems: readonly EvaluatedProblem[],
  prm: Prm,
  stepper: Stepper,
): Promise<number[][][]> {
  const solutions = await Promise.all(
    problems.flatMap(({ promptId, promptTokens, row, samples }) =>
      samples.map(async ({ ids }, i) => {
        const { ends } = await stepper.split(ids, row as TaskRow);
        return { id: `${promptId}/${i}`, prompt: promptTokens, completion: ids, ends };
      }),
    ),
  );
  const scores = (await prm.score(solutions)).values();
  return problems.map(({ samples }) => samples.map(() => scores.next().value as number[]));
}

/** The samples of each problem with their scores. [problems][samples] */
export function candidates(
  problems: readonly EvaluatedProblem[],
  stepScores: readonly (readonly (readonly number[])[])[],
  score: SolutionScoreName,
): Candidate[][] {
  return problems.map(({ samples }, p) =>
    samples.map((sample, i) => ({
      answer: sample.verdict.status === "graded" ? sample.verdict.answer : null,
      correct: isCorrect(sample),
      score: SOLUTION_SCORES[score](stepScores[p]![i]!),
    })),
  );
}

/** Share of blocks of k whose best-scored sample is right. */
export function bestAtK(samples: readonly Candidate[], k: number): number {
  return overBlocks(samples, k, (block) => {
    const best = block[bestOf(block.map(({ score }) => score))];
    return best?.correct ? 1 : 0;
  });
}

/** Share of blocks of k whose answer of the highest total score is right. */
export function voteAtK(samples: readonly Candidate[], k: number): number {
  return overBlocks(samples, k, (block) => {
    const { answer } = weightedVote(
      block.map((one) => one.answer),
      block.map(({ score }) => score),
    );
    const voters = block.filter((one) => answer !== null && one.answer === answer);
    // one answer, two verdicts: the layout around it may differ
    return voters.length === 0 ? 0 : mean(voters.map(({ correct }) => (correct ? 1 : 0)));
  });
}

function overBlocks(samples: readonly Candidate[], k: number, of: (block: readonly Candidate[]) => number): number {
  const blocks = Math.floor(samples.length / k);
  return mean(Array.from({ length: blocks }, (_, b) => of(samples.slice(b * k, (b + 1) * k))));
}
