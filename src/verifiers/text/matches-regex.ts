/**
 * The answer matches a pattern of the author, in linear time on any text.
 *
 * Accepted for `\d{4}-\d{2}`: `2024-05`. Refused: `in 2024-05` (the whole must match, by default) · `2024-5` · an empty text.
 *
 * `match: "anywhere"` pays for a text that holds a match beside anything else: a completion that lists every possible
 * answer is then right. Use it for what may stand anywhere, never for the answer to a question.
 */
import type { Extract } from "../answer-tag.ts";
import { type Graded, graded } from "../verdict.ts";
import { linearRegex } from "./linear-regex.ts";
import { shownText } from "./shown-text.ts";

export interface RegexOptions {
  /** Of i, m, s and u, for a pattern that is a string. */
  readonly flags?: string;
  /** All that is shown after the reasoning, by default. */
  readonly extract?: Extract;
  readonly match?: "whole" | "anywhere";
}

/** 1 where the answer matches, else 0. Throws E_VERIFIER, when made, for a pattern or flag that RE2 does not know. */
export function matchesRegex(pattern: string | RegExp, options: RegexOptions = {}): (completion: string) => Graded {
  const { flags = "", extract = shownText, match = "whole" } = options;
  const regex = linearRegex(pattern, flags);
  const test = match === "whole" ? regex.testWhole : regex.test;
  return (completion) => {
    const extracted = extract(completion);
    if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
    const { answer } = extracted;
    if (answer.length > regex.maxLength) {
      return graded(0, "incorrect", answer, `over ${regex.maxLength} characters: not searched`);
    }
    return test(answer)
      ? graded(1, "correct", answer, `matches /${regex.source}/`)
      : graded(0, "incorrect", answer, `does not match /${regex.source}/`);
  };
}
