/** Answers that are wrong and look like right ones: the rate at which they are accepted is measured on every row. */
import { surelyDiffer } from "../answers.ts";
import type { AttackInput, Family } from "../attack.ts";
import { fill } from "../slot.ts";

const OTHERS = 4;

/** Some other rows, whose answers surely differ from this one's, or may not. */
function otherRows({ others, answer, tolerance, rng }: AttackInput, sure: boolean) {
  const fitting = others.filter(
    (other) => surelyDiffer(other.answer, answer, tolerance) === sure && other.answer !== answer,
  );
  return Array.from({ length: Math.min(OTHERS, fitting.length) }, () => rng.pick(fitting));
}

export const WRONG_ANSWERS: Family = {
  name: "wrong-answers",
  summary: "changed right answers, and those of other rows",
  attacks: [
    {
      name: "a changed answer",
      why: "An answer of another value is accepted.",
      accepts: "none",
      counts: true,
      texts: ({ slot, changed }) => changed.filter(({ sure }) => sure).map(({ text }) => fill(slot, text)),
    },
    {
      name: "an answer that was changed a little",
      why: "A changed answer is accepted. It may be right as well: look at it.",
      accepts: "none",
      counts: true,
      doubtful: true,
      texts: ({ slot, changed }) => changed.filter(({ sure }) => !sure).map(({ text }) => fill(slot, text)),
    },
    {
      name: "the answer of another row",
      why: "The answer to another row is accepted.",
      accepts: "none",
      counts: true,
      texts: (input) => otherRows(input, true).flatMap(({ solution, answer }) => [solution, fill(input.slot, answer)]),
    },
    {
      name: "the answer of another row, in other words",
      why: "The answer to another row is accepted. It may be right here as well: look at it.",
      accepts: "none",
      counts: true,
      doubtful: true,
      texts: (input) => otherRows(input, false).flatMap(({ solution, answer }) => [solution, fill(input.slot, answer)]),
    },
  ],
};
