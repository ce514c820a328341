/**
 * A language model as a verifier, by a rubric.
 *
 * What is graded is shown to it as delimited material (`delimit.ts`), after texts without an answer were refused by rule
 * (`screen.ts`): those get the lowest reward without a request. A judge that fails, refuses or replies with something else
 * than a verdict is not graded. Use a model other than the policy; a verdict is as good as that model.
 */
import { z } from "zod";
import { RlvrError } from "../../errors.ts";
import { cached } from "../cached.ts";
import { contentKey } from "../content-key.ts";
import { graded, type Verifier } from "../verdict.ts";
import { boundaryFor, delimit, delimiterRule, type Section } from "./delimit.ts";
import { askUntilRead, parseReply } from "./judge-reply.ts";
import { formatFields, type JudgeSettings, judgeOf } from "./judge-settings.ts";
import type { Asked } from "./screen.ts";

export interface Scale {
  /** The worst and the best score that the judge may give. */
  readonly low: number;
  readonly high: number;
  /** Scores from here on are correct; others above `low` are partial. `high` by default. */
  readonly pass?: number;
  /** Rewards of the worst and the best score, linear between: [0, 1] by default. RLAIF's direct form has [−1, 1]. */
  readonly reward?: readonly [low: number, high: number];
}

export interface LlmJudgeOptions<Row> extends JudgeSettings {
  /** What a good answer is, in the words that the judge gets. */
  readonly rubric: string;
  readonly scale: Scale;
  /** What the completion answers. */
  readonly question: (row: Row) => string;
  /** A right answer to compare with, where the row has one. */
  readonly reference?: (row: Row) => string | null;
}

/** @throws {RlvrError} E_CONFIG for a scale that is none, or settings of the server that are wrong */
export function llmJudge<Row>(options: LlmJudgeOptions<Row>): Verifier<Row> {
  const { rubric, scale, question, reference = () => null, cache } = options;
  const judge = judgeOf(options);
  const { low, high, pass = high, reward: [worst, best] = [0, 1] } = scale;
  if (![low, high, pass, worst, best].every(Number.isFinite) || !(low < pass && pass <= high)) {
    throw new RlvrError("E_CONFIG", `the scale is ${JSON.stringify(scale)}, expected finite low < pass ≤ high`);
  }
  const Reply = z.strictObject({ reasoning: z.string(), score: z.number().min(low).max(high) });
  const fields = formatFields(judge.format, "verdict", z.toJSONSchema(Reply));
  const { server, chat, seed, tries, format } = judge;

  const ask: Verifier<Asked> = async (answer, asked, context) => {
    const sections: Section[] = [
      ["QUESTION", asked.question],
      ...(asked.reference === null ? [] : [["REFERENCE ANSWER", asked.reference] as const]),
      ["ANSWER TO GRADE", answer],
    ];
    const boundary = boundaryFor(seed, [rubric, sections]);
    const reply = await askUntilRead(
      { server, settings: chat, tries, signal: context?.signal },
      { system: systemMessage(rubric, scale, boundary), user: delimit(sections, boundary), seed, fields },
      ({ text }) => parseReply(text, Reply),
    );
    if (reply.status === "not-graded") return reply;
    const { score, reasoning } = reply.value;
    const outcome = score >= pass ? "correct" : score > low ? "partial" : "incorrect";
    const reward = worst + ((score - low) / (high - low)) * (best - worst);
    return graded(reward, outcome, answer, reasoning, { score, screened: 0 });
  };
  const version = contentKey({ by: "llm-judge 1", at: server.name, chat, seed, tries, format, rubric, scale });
  const askOnce = cached(ask, { version, ...cache });

  const refused = (outcome: "incorrect" | "unparsed", answer: string | null, reason: string) =>
    graded(worst, outcome, answer, reason, { score: low, screened: 1 });
  return (completion, row, context) => {
    const found = judge.extract(completion);
    if (!found.found) return refused("unparsed", null, found.reason);
    const asked = { question: question(row), reference: reference(row) };
    const objection = judge.screen(found.answer, asked);
    return objection === null ? askOnce(found.answer, asked, context) : refused("incorrect", found.answer, objection);
  };
}

function systemMessage(rubric: string, { low, high }: Scale, boundary: string): string {
  return [
    "You grade one answer by this rubric:",
    rubric,
    delimiterRule(boundary),
    `Reply with one JSON object and nothing else: {"reasoning": "why, in one or two sentences", "score": a number from ${low} (worst) to ${high} (best)}.`,
  ].join("\n\n");
}
