/**
 * Rewards for the tags of a layout alone, whatever they hold. Bonuses for `gated`: by itself a format reward teaches tags.
 */
import { countTag } from "./answer-tag.ts";
import { gradedShare } from "./text/graded-share.ts";
import { type Graded, graded } from "./verdict.ts";

const FOUR_TAGS = ["<think>", "</think>", "<answer>", "</answer>"] as const;

/**
 * 0.25 for each of `<think>`, `</think>`, `<answer>`, `</answer>` that occurs exactly once, in any order: dense where
 * `layout` is all or nothing. As in open-r1, but without its line breaks.
 */
export function tagCount(completion: string): Graded {
  const once = FOUR_TAGS.filter((tag) => countTag(completion, tag) === 1);
  return gradedShare(0.25 * once.length, null, `once each: ${once.join(" ") || "none of the four tags"}`);
}

export interface ThinkPairOptions {
  /** Who writes `<think>`: the model (default), or the prompt that the completion continues. */
  readonly opened?: "by-model" | "by-prompt";
}

/**
 * 1 for reasoning in a single think pair at the beginning and something shown after it, else 0.
 *
 * Accepted: `<think>a</think>4` · with `opened: "by-prompt"` also `a</think>4`.
 * Refused: `4` · `<think>a</think>` · `so <think>a</think>4` · `<think>a</think>4<think>b</think>`.
 */
export function thinkPair(options: ThinkPairOptions = {}): (completion: string) => Graded {
  const { opened = "by-model" } = options;
  return (completion) => {
    const text = `${opened === "by-prompt" ? "<think>" : ""}${completion.trim()}`;
    for (const tag of ["<think>", "</think>"]) {
      const count = countTag(text, tag);
      const implied = opened === "by-prompt" && tag === "<think>" ? 1 : 0;
      if (count !== 1) return graded(0, "incorrect", null, `${count - implied} ${tag}, expected ${1 - implied}`);
    }
    if (!text.startsWith("<think>")) return graded(0, "incorrect", null, "text before <think>");
    const shown = text.slice(text.indexOf("</think>") + "</think>".length).trim();
    return shown === ""
      ? graded(0, "incorrect", null, "nothing is shown after </think>")
      : graded(1, "correct", shown, "one think pair");
  };
}
