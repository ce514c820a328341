/**
 * Which of two answers is better, by a language model: the label that preference learning needs.
 *
 * Each principle is asked twice, with the answers in either order (see `preference.ts`). Where the two orders prefer
 * different answers, the judge looked at the place rather than at the answer: that is counted as a tie.
 */
import { z } from "zod";
import { RlvrError } from "../../errors.ts";
import { AnswerFile } from "../answer-file.ts";
import { afterThink } from "../answer-tag.ts";
import { CACHE_CAPACITY, ContentCache } from "../content-cache.ts";
import { contentKey } from "../content-key.ts";
import type { NotGraded, VerifyContext } from "../verdict.ts";
import type { ChatReply, TokenLogProb } from "./chat.ts";
import { boundaryFor, delimit, delimiterRule, type Section } from "./delimit.ts";
import { askUntilRead, parseReply } from "./judge-reply.ts";
import { formatFields, type JudgeSettings, judgeOf } from "./judge-settings.ts";
import { clampPreference, debiasedPreference, ensemblePreference, softPreference } from "./preference.ts";

export const Preference = z.strictObject({
  status: z.literal("graded"),
  preference: z.number().min(0).max(1).describe("how likely the first answer is the better one"),
  tie: z.number().min(0).max(1).describe("share of the principles on which the two orders prefer different answers"),
  reason: z.string(),
});
export type Preference = z.infer<typeof Preference>;

/** Compares two answers to one question. Swapping them gives 1 − preference. */
export type Compare = (
  question: string,
  first: string,
  second: string,
  context?: VerifyContext,
) => Promise<Preference | NotGraded>;

export interface LlmCompareOptions extends JudgeSettings {
  /** What makes an answer the better one; several are asked one by one and averaged. */
  readonly principles: readonly string[];
  /**
   * letter: the judge says A or B, and its log-probs make a soft label where the server returns them.
   * reasoned: it reasons first and may call a tie; its label is 0, ½ or 1 before clamping. "letter" by default.
   */
  readonly answer?: "letter" | "reasoned";
  /** Bounds of a label, against judges that are too sure: [.4, .6] in Constitutional AI for reasoned ones. None by default. */
  readonly clamp?: readonly [low: number, high: number];
}

const Reasoned = z.strictObject({ reasoning: z.string(), better: z.enum(["A", "B", "tie"]) });
const TOP_LOG_PROBS = 20; // as many as the protocol allows

/** @throws {RlvrError} E_CONFIG without a principle, or for settings of the server that are wrong */
export function llmCompare(options: LlmCompareOptions): Compare {
  const { principles, answer: mode = "letter", clamp = [0, 1], cache = {} } = options;
  if (principles.length === 0) throw new RlvrError("E_CONFIG", "llmCompare has no principle, expected at least one");
  const judge = judgeOf(options);
  const fields =
    mode === "letter"
      ? { logprobs: true, top_logprobs: TOP_LOG_PROBS }
      : formatFields(judge.format, "comparison", z.toJSONSchema(Reasoned));
  const read = mode === "letter" ? readLetter : readReasoned;

  const { server, chat, seed, tries, format } = judge;

  /** p(A), clamped. */
  async function pOfA(principle: string, [question, a, b]: Texts, signal: AbortSignal) {
    const boundary = boundaryFor(seed, [principle, question, a, b]);
    const sections: Section[] = [
      ["QUESTION", question],
      ["ANSWER A", a],
      ["ANSWER B", b],
    ];
    return askUntilRead(
      { server, settings: chat, tries, signal },
      { system: systemMessage(principle, mode, boundary), user: delimit(sections, boundary), seed, fields },
      (reply) => {
        const p = read(reply);
        return p === null ? null : clampPreference(p, clamp);
      },
    );
  }

  async function ask([question, first, second]: Texts, signal: AbortSignal): Promise<Preference | NotGraded> {
    const perPrinciple: number[] = [];
    let disagreements = 0;
    for (const principle of principles) {
      const [straight, swapped] = await Promise.all([
        pOfA(principle, [question, first, second], signal),
        pOfA(principle, [question, second, first], signal),
      ]);
      if (straight.status === "not-graded") return straight;
      if (swapped.status === "not-graded") return swapped;
      perPrinciple.push(debiasedPreference(straight.value, swapped.value));
      if ((straight.value - 0.5) * (swapped.value - 0.5) > 0) disagreements++; // the same place, so not the same answer
    }
    return {
      status: "graded",
      preference: ensemblePreference(perPrinciple),
      tie: disagreements / principles.length,
      reason: `the two orders disagree on ${disagreements} of ${principles.length} principles`,
    };
  }

  const version = contentKey(["llm-compare 1", server.name, chat, seed, tries, format, principles, mode, clamp]);
  const known = new ContentCache<Preference | NotGraded>({
    capacity: cache.capacity ?? CACHE_CAPACITY,
    keeps: ({ status }) => status === "graded",
    file: cache.store === undefined ? undefined : new AnswerFile<Preference | NotGraded>(cache.store, Preference),
  });
  const shown = (question: string, completion: string): { answer: string; objection: string | null } => {
    const found = judge.extract(completion);
    if (!found.found) return { answer: "", objection: found.reason };
    return { answer: found.answer, objection: judge.screen(found.answer, { question, reference: null }) };
  };
  return async (question, first, second, context) => {
    const [a, b] = [shown(question, first), shown(question, second)];
    if (a.objection !== null || b.objection !== null) return preferenceByRule(a.objection, b.objection);
    const texts = [question, a.answer, b.answer] as const;
    return known.get(contentKey([version, ...texts]), (signal) => ask(texts, signal), context?.signal);
  };
}

type Texts = readonly [question: string, first: string, second: string];

/** An answer that is refused by rule loses against one that is not. */
function preferenceByRule(first: string | null, second: string | null): Preference {
  const preference = first === null ? 1 : second === null ? 0 : 0.5;
  const reasons = [first && `the first: ${first}`, second && `the second: ${second}`];
  return { status: "graded", preference, tie: 0, reason: reasons.filter((reason) => reason !== null).join("; ") };
}

/** p(A) from the log-probs of the token that says the letter, else from the letter alone. */
function readLetter({ text, tokens }: ChatReply): number | null {
  const letter = afterThink(text)?.trim();
  if (letter !== "A" && letter !== "B") return null;
  const said = tokens.findLast(({ token }) => token.trim() === letter);
  const [a, b] = [logProbOf("A", said?.top), logProbOf("B", said?.top)];
  if (a === Number.NEGATIVE_INFINITY && b === Number.NEGATIVE_INFINITY) return letter === "A" ? 1 : 0;
  return softPreference(a, b);
}

/** Log of the summed probabilities of the tokens that say this letter, with a space or without. */
function logProbOf(letter: string, top: readonly TokenLogProb[] = []): number {
  const own = top.filter(({ token }) => token.trim() === letter);
  return Math.log(own.reduce((sum, { logprob }) => sum + Math.exp(logprob), 0));
}

function readReasoned({ text }: ChatReply): number | null {
  const reply = parseReply(text, Reasoned);
  return reply && { A: 1, tie: 0.5, B: 0 }[reply.better];
}

function systemMessage(principle: string, mode: "letter" | "reasoned", boundary: string): string {
  const shape =
    mode === "letter"
      ? "Reply with one letter and nothing else: A or B."
      : 'Reply with one JSON object and nothing else: {"reasoning": "why, in a few sentences", "better": "A", "B" or "tie"}.';
  return ["You say which of two answers is better, by this principle:", principle, delimiterRule(boundary), shape].join(
    "\n\n",
  );
}
