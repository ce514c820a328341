/** The right answer as a part of something else. */
import type { AttackInput, Family } from "../attack.ts";
import { fill } from "../slot.ts";

const LOREM = "It might be this or that, as far as one can say without having looked. ".repeat(20);

function padded(...make: readonly ((answer: string) => string)[]): (input: AttackInput) => string[] {
  return ({ slot, answer }) => make.map((one) => fill(slot, one(answer)));
}

export const PADDING: Family = {
  name: "padding",
  summary: "the right answer denied, or inside a longer text",
  attacks: [
    {
      name: "the right answer with a denial",
      why: "Whatever contains the right answer is taken for it, a denial too.",
      accepts: "none",
      texts: padded(
        (a) => `${a} or not`,
        (a) => `not ${a}`,
        (a) => `anything but ${a}`,
        (a) => `${a} is wrong`,
      ),
    },
    {
      name: "the right answer inside a longer one",
      why: "An answer that contains the right one, as a part of a longer number or word, is taken for it.",
      accepts: "none",
      texts: ({ slot, answer }) =>
        /^[\p{L}\d]+$/u.test(answer) && !/^0+$/.test(answer)
          ? [`${answer}${answer}`, `x${answer}x`, `${answer}7`, `7${answer}`].map((text) => fill(slot, text))
          : [],
    },
    {
      name: "the right answer in a long text",
      why: "A long text is right if the answer occurs in it.",
      accepts: "none",
      texts: padded((a) => `${LOREM}${a}. ${LOREM}`),
    },
  ],
};
