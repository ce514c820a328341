/** Answers of another kind that a comparison may take for the right one. */
import type { Family } from "../attack.ts";
import { fill } from "../slot.ts";

export const TYPES: Family = {
  name: "types",
  summary: "sets, pairs and numerals of another base in the place of a number",
  attacks: [
    {
      name: "the right number twice, as a set, list or pair",
      why: "A collection is taken for its one member.",
      accepts: "none",
      texts: ({ slot, answer }) =>
        /^-?\d+$/.test(answer)
          ? [`[${answer},${answer}]`, `(${answer},${answer})`, `${answer},${answer}`, `${answer} ${answer}`].map(
              (text) => fill(slot, text),
            )
          : [],
    },
    {
      name: "the same digits in base 5",
      why: "The base of a numeral is ignored: 204 in base 5 is 54.",
      accepts: "none",
      texts: ({ slot, answer }) =>
        /^[1-4][0-4]+$/.test(answer) ? [fill(slot, `${answer}_5`), fill(slot, `${answer}_{5}`)] : [],
    },
    {
      name: "values of a program",
      why: "",
      accepts: "any",
      texts: ({ slot, answer }) =>
        [`${answer}n`, `"${answer}"`, `{"answer": ${answer}}`, `[${answer}]`, `${answer};`, "0x1F", "1e3"].map((text) =>
          fill(slot, text),
        ),
    },
  ],
};
