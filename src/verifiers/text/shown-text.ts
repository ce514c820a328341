/** Everything that a completion shows after its reasoning, as the answer. */
import { afterThink, type Extract } from "../answer-tag.ts";

/** The trimmed text after the last `</think>`; none where `<think>` stays open or nothing follows. */
export const shownText: Extract = (completion) => {
  const shown = afterThink(completion);
  if (shown === null) return { found: false, reason: "<think> is never closed" };
  const answer = shown.trim();
  return answer === "" ? { found: false, reason: "nothing is shown" } : { found: true, answer };
};
