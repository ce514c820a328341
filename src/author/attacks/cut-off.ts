/** Reasoning without an answer: a verifier that falls back to some number pays for what was never finished. */
import type { Family } from "../attack.ts";
import { hasFormat } from "../slot.ts";

export const CUT_OFF: Family = {
  name: "cut-off",
  summary: "reasoning that ends before the answer, in the right number",
  attacks: [
    {
      name: "cut before the answer",
      why: "A completion that was cut off before its answer is right, by something in its reasoning.",
      accepts: "none",
      texts: ({ slot }) => (hasFormat(slot) ? [slot.before, slot.before + slot.open] : [slot.before]),
    },
    {
      name: "the right number without its format",
      why: "Without a formatted answer the last (or first) number counts, so an unfinished text may be right.",
      accepts: "none",
      texts: ({ slot, answer, wrong }) => {
        if (!hasFormat(slot)) return [];
        const tried = wrong.slice(0, 3).join(", ");
        return [
          `Let me see. It is not ${tried}, so next I would try ${answer}`,
          `${answer} is what I would try first. Then ${tried}. But I have not checked any of`,
        ];
      },
    },
    {
      name: "many numbers",
      why: "In a text full of numbers the right one is found, wherever it stands.",
      accepts: "one",
      texts: ({ answer, wrong }) => {
        if (wrong.length === 0) return [];
        return [0, Math.ceil(wrong.length / 2), wrong.length].map((at) => wrong.toSpliced(at, 0, answer).join(" "));
      },
    },
    {
      name: "any part of a right completion",
      why: "",
      accepts: "any",
      texts: ({ solution }) => [
        ...Array.from({ length: 12 }, (_, i) => solution.slice(0, Math.floor((solution.length * i) / 12))),
        solution + solution,
        [...solution].reverse().join(""),
        solution.toUpperCase(),
        solution.replaceAll("<", "&lt;"),
      ],
    },
  ],
};
