/** Signs that look like others, are not seen, turn the direction of a text around, or are no signs at all. */
import type { AttackInput, Family } from "../attack.ts";
import { fill } from "../slot.ts";

/** Cyrillic letters that look like Latin ones. */
const LOOKALIKES: Readonly<Record<string, string>> = { a: "а", c: "с", e: "е", o: "о", p: "р", x: "х", A: "А", B: "В" };

function shifted(answer: string, zero: number): string {
  return answer.replaceAll(/\d/g, (digit) => String.fromCodePoint(zero + Number(digit)));
}

function reversed(answer: string): string {
  return [...answer].reverse().join("");
}

export const UNICODE: Family = {
  name: "unicode",
  summary: "homoglyphs, digits of other scripts, bidi controls, broken surrogates",
  attacks: [
    {
      name: "an answer that only looks right",
      why: "What a person sees and what the verifier reads differ: the digits are turned around on the screen only.",
      accepts: "none",
      texts: ({ slot, answer }: AttackInput) =>
        /^[1-9]\d+$/.test(answer) && reversed(answer) !== answer ? [fill(slot, `\u202e${reversed(answer)}\u202c`)] : [],
    },
    {
      name: "signs that are hard to read",
      why: "",
      accepts: "any",
      texts: ({ slot, answer }) =>
        [
          shifted(answer, 0x0660),
          shifted(answer, 0xff10),
          shifted(answer, 0x1d7ce),
          answer.replaceAll(/[aceopxAB]/g, (letter) => LOOKALIKES[letter] as string),
          [...answer].join("\u200b"),
          `\ufeff${answer}`,
          `${answer}\u0301`,
          `${answer}\u00a0`,
          answer.normalize("NFD"),
        ].map((text) => fill(slot, text)),
    },
    {
      name: "text that is no text",
      why: "",
      accepts: "any",
      rows: 2,
      texts: ({ slot, solution }) =>
        ["\0", "\ud800", "\udc00", "🧮".repeat(1000), "e\u0301".repeat(1000), "\u202e", "\u{10ffff}", "ﷺ"].flatMap(
          (text) => [text, fill(slot, text), text + solution],
        ),
    },
  ],
};
