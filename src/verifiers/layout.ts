/**
 * The layout of R1-Zero (DeepSeek-R1, https://arxiv.org/abs/2501.12948, table 1): `<think>…</think><answer>…</answer>`.
 *
 * Each of the four tags occurs exactly once, in this order, and nothing but white space stands outside the two pairs.
 * The reasoning may be empty, the answer may not.
 *
 * Accepted: `<think>2+2=4</think><answer>4</answer>` · `<think></think> <answer>4</answer>` · a line break around the pairs.
 * Refused: `<answer>4</answer>` · `<think>a</think><answer>4</answer> done` · `<think>a<think></think><answer>4</answer>`.
 */
import { countTag, type Extract } from "./answer-tag.ts";
import { type Graded, graded } from "./verdict.ts";

/** A completion in the layout, split into its two parts, or what is wrong with it. */
export type Layout =
  | { readonly ok: true; readonly think: string; readonly answer: string }
  | { readonly ok: false; readonly reason: string };

const TAGS = ["<think>", "</think>", "<answer>", "</answer>"] as const;

/** Splits a completion. Linear in its length; never throws. */
export function parseLayout(completion: string): Layout {
  const text = completion.trim();
  for (const tag of TAGS) {
    const count = countTag(text, tag);
    if (count !== 1) return { ok: false, reason: `${count} ${tag}, expected one` };
  }
  const [think, thinkEnd, answer, answerEnd] = TAGS.map((tag) => text.indexOf(tag)) as [number, number, number, number];
  if (!(think < thinkEnd && thinkEnd < answer && answer < answerEnd)) {
    return { ok: false, reason: `the tags are not in the order ${TAGS.join(" ")}` };
  }
  if (think > 0) return { ok: false, reason: "text before <think>" };
  if (text.slice(thinkEnd + TAGS[1].length, answer).trim() !== "") {
    return { ok: false, reason: "text between </think> and <answer>" };
  }
  if (answerEnd + TAGS[3].length < text.length) return { ok: false, reason: "text after </answer>" };

  const inside = text.slice(answer + TAGS[2].length, answerEnd).trim();
  if (inside === "") return { ok: false, reason: "the answer is empty" };
  return { ok: true, think: text.slice(think + TAGS[0].length, thinkEnd).trim(), answer: inside };
}

/** The answer of a completion that has the layout; an answer outside it is none. */
export const layoutAnswer: Extract = (completion) => {
  const parsed = parseLayout(completion);
  return parsed.ok ? { found: true, answer: parsed.answer } : { found: false, reason: parsed.reason };
};

/** Rewards the layout alone, right answer or not: 1 or 0. As a part of `weighted` or `gated`, or by itself. */
export function layout(completion: string): Graded {
  const parsed = parseLayout(completion);
  return parsed.ok
    ? graded(1, "correct", parsed.answer, "the R1-Zero layout")
    : graded(0, "incorrect", null, parsed.reason);
}
