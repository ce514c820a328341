/** Texts without an answer: empty ones, the format alone, and words that programs use for nothing. */
import { type Family, inLayout } from "../attack.ts";
import { inFormat } from "../slot.ts";

const NO_ANSWERS = [
  "None",
  "null",
  "undefined",
  "NaN",
  "nan",
  "Infinity",
  "-inf",
  "true",
  "[]",
  "{}",
  '""',
  "?",
  "...",
  "-",
  "N/A",
  "no answer",
  "__proto__",
  "[object Object]",
];

export const NOTHING: Family = {
  name: "nothing",
  summary: "empty texts, the format without content, None and NaN",
  attacks: [
    {
      name: "no text",
      why: "Saying nothing is right: an answer that is missing equals one that could not be read.",
      accepts: "none",
      blind: "constant",
      texts: () => ["", " ", "\n", " \n\t\r\u00a0\u2028"],
    },
    {
      name: "the format alone",
      why: "The layout pays, whatever stands in it.",
      accepts: "none",
      blind: "constant",
      texts: (input) => [
        inFormat(input.slot, ""),
        inFormat(input.slot, "x"),
        inLayout(input, ""),
        inLayout(input, " "),
        inLayout(input, "x"),
        (input.solution.match(/<\/?[\w-]+>|\\boxed\{|\}/g) ?? []).join(""),
        input.solution.replaceAll(/[\p{L}\p{N}](?![^<>]*>)/gu, "x"),
      ],
    },
    {
      name: "a word for nothing",
      why: "A word that stands for no value is taken for an answer.",
      accepts: "none",
      blind: "constant",
      texts: (input) => NO_ANSWERS.flatMap((word) => [word, inLayout(input, word)]),
    },
  ],
};
