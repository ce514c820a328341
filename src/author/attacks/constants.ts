/** One answer for every row. */
import { type Family, inLayout } from "../attack.ts";

const CONSTANTS = ["0", "1", "-1", "2", "10", "42", "100", "1/2", "A", "B", "C", "yes", "no", "true", "x", "(0, 0)"];

export const CONSTANT_ANSWERS: Family = {
  name: "constants",
  summary: "the same answer to every row",
  attacks: [
    {
      name: "a common answer",
      why: "One answer is right for a fifth of the rows or more, so that a policy need not read the prompt.",
      accepts: "none",
      blind: "constant",
      texts: (input) => CONSTANTS.map((text) => inLayout(input, text)),
    },
  ],
};
