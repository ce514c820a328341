/**
 * The answer between `<answer>` and `</answer>`, found by linear scans: no regular expression that can backtrack.
 *
 * Only what follows the last `</think>` counts, so an answer inside the reasoning is none; where `<think>` stays open,
 * nothing counts. The rest must hold exactly one pair of tags: several answers are no answer.
 */

/** What an extractor found in a completion, or why it found nothing. */
export type Extracted =
  | { readonly found: true; readonly answer: string }
  | { readonly found: false; readonly reason: string };

/** Finds the answer in a completion. Never throws, whatever the text. */
export type Extract = (completion: string) => Extracted;

/** The trimmed text of the one answer tag after the reasoning. */
export const answerTag: Extract = (completion) => {
  const text = afterThink(completion);
  if (text === null) return { found: false, reason: "<think> is never closed" };

  const [opened, closed] = [countTag(text, "<answer>"), countTag(text, "</answer>")];
  if (opened !== 1 || closed !== 1) {
    return {
      found: false,
      reason: `${opened} <answer> and ${closed} </answer> after the reasoning, expected one of each`,
    };
  }
  const start = text.indexOf("<answer>") + "<answer>".length;
  const end = text.indexOf("</answer>");
  if (end < start) return { found: false, reason: "</answer> comes before <answer>" };
  const answer = text.slice(start, end).trim();
  return answer === "" ? { found: false, reason: "the answer is empty" } : { found: true, answer };
};

/** The text after the last `</think>`, all of it where nobody thinks, null where the last `<think>` stays open. */
export function afterThink(completion: string): string | null {
  const closed = completion.lastIndexOf("</think>");
  if (completion.lastIndexOf("<think>") > closed) return null;
  return closed === -1 ? completion : completion.slice(closed + "</think>".length);
}

/** How often a tag occurs. */
export function countTag(text: string, tag: string): number {
  let count = 0;
  for (let at = text.indexOf(tag); at !== -1; at = text.indexOf(tag, at + tag.length)) count++;
  return count;
}
