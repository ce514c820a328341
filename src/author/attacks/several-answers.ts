/** Several answers, of which one is right: whoever may name all candidates need not know which one it is. */
import type { Attack, AttackInput, Family } from "../attack.ts";
import { fill, holdsProgram, inFormat } from "../slot.ts";

const FEW = 9;

/** A completion whose formatted answer is replaced by several, each in its own format. */
function formatted({ slot }: AttackInput, answers: readonly string[], between: string): string {
  return slot.before + answers.map((answer) => inFormat(slot, answer)).join(between) + slot.after;
}

/** Both orders of a wrong and the right answer, for each way of writing two. */
function bothOrders({ slot, wrong, answer }: AttackInput, between: readonly string[]): string[] {
  const other = wrong[0];
  if (other === undefined || holdsProgram(slot)) return [];
  return between.flatMap((word) => [other + word + answer, answer + word + other].map((text) => fill(slot, text)));
}

function twice(name: string, why: string, between: string): Attack {
  const texts = (input: AttackInput) => {
    const other = input.wrong[0];
    if (other === undefined) return [];
    return [formatted(input, [other, input.answer], between), formatted(input, [input.answer, other], between)];
  };
  return { name, why, accepts: "one", texts };
}

export const SEVERAL_ANSWERS: Family = {
  name: "several-answers",
  summary: "many boxes, all candidates, chains: one of the answers is right",
  attacks: [
    twice("two answers side by side", "Any of several formatted answers is taken, wherever it stands.", " "),
    twice("two answers with words between", "Any of several formatted answers is taken.", "\n\nWait, or else: "),
    {
      name: "ten answers, the right one anywhere",
      why: "Any of many formatted answers is taken.",
      accepts: "one",
      texts: (input) => {
        const { wrong, answer } = input;
        if (wrong.length === 0) return [];
        const many = Array.from({ length: FEW }, (_, i) => wrong[i % wrong.length] as string);
        return [0, 4, FEW].map((at) => formatted(input, many.toSpliced(at, 0, answer), "\n"));
      },
    },
    {
      name: "candidates in one answer",
      why: "A list of candidates is taken if the right one is among them.",
      accepts: "none",
      texts: (input) => bothOrders(input, [" or ", ", ", " ", "; ", " and "]),
    },
    {
      name: "chain of equations",
      why: "A chain is taken by one of its members, though they are not equal.",
      accepts: "none",
      texts: (input) => [
        ...bothOrders(input, ["=", " = "]),
        ...(input.wrong.length === 0 || holdsProgram(input.slot) ? [] : [fill(input.slot, `1=2=3=${input.answer}`)]),
      ],
    },
    {
      name: "the answers of many rows in one",
      why: "Every answer that occurs is named, and the right one is among them.",
      accepts: "none",
      texts: ({ slot, answer, others, wrong }) => {
        const all = [...new Set([...others.slice(0, 20).map((other) => other.answer), ...wrong, answer])];
        return all.length < 3 || holdsProgram(slot)
          ? []
          : [", ", " ", "\n"].map((between) => fill(slot, all.join(between)));
      },
    },
    {
      name: "a bare answer beside the formatted one",
      why: "The right answer counts without its format, although another one is formatted.",
      accepts: "one",
      texts: ({ slot, answer, wrong }) => {
        const other = wrong[0];
        return other === undefined ? [] : [`${fill(slot, other)}\n${answer}`, `${answer}\n${fill(slot, other)}`];
      },
    },
  ],
};
