/** Other writings of a right completion that mean the same: whoever refuses them calls right answers wrong. */
import { parseNumber } from "../verifiers/index.ts";
import type { Right } from "./right.ts";
import { fill, hasFormat, holdsProgram } from "./slot.ts";

export interface Rewrite {
  readonly name: string;
  /** Only for tasks that say that an answer is one number, however it is written. */
  readonly numbersOnly?: boolean;
  /** Null where the writing does not apply. */
  readonly rewrite: (right: Right) => string | null;
}

function ofNumber(name: string, make: (answer: string) => string | null): Rewrite {
  const rewrite = ({ slot }: Right) => {
    if (parseNumber(slot.answer) === null) return null;
    const made = make(slot.answer);
    return made === null ? null : fill(slot, made);
  };
  return { name, numbersOnly: true, rewrite };
}

const isWhole = (answer: string) => /^-?\d+$/.test(answer);

export const REWRITES: readonly Rewrite[] = [
  { name: "a line break at the end", rewrite: ({ solution }) => `${solution}\n` },
  { name: "a line break at the beginning", rewrite: ({ solution }) => `\n${solution}` },
  { name: "spaces at the end", rewrite: ({ solution }) => `${solution}  ` },
  { name: "line ends of Windows", rewrite: ({ solution }) => `${solution.replaceAll(/\r?\n/g, "\r\n")}\r\n` },
  { name: "a no-break space at the end", rewrite: ({ solution }) => `${solution}\u00a0` },
  {
    name: "spaces around the answer",
    rewrite: ({ slot }) => (!hasFormat(slot) || holdsProgram(slot) ? null : fill(slot, ` ${slot.answer} `)),
  },
  {
    name: "line breaks around the answer",
    rewrite: ({ slot }) => (/^<.*>$/.test(slot.open) ? fill(slot, `\n${slot.answer}\n`) : null),
  },
  ofNumber("a decimal point and a zero", (answer) => (isWhole(answer) ? `${answer}.0` : null)),
  ofNumber("a fraction", (answer) => (isWhole(answer) ? `${2n * BigInt(answer)}/2` : null)),
  ofNumber("an exponent", (answer) => (isWhole(answer) ? `${answer}e0` : null)),
  ofNumber("a plus sign", (answer) => (/^\d/.test(answer) ? `+${answer}` : null)),
  ofNumber("commas between thousands", (answer) =>
    /^-?\d{4,}$/.test(answer) ? answer.replaceAll(/\B(?=(\d{3})+$)/g, ",") : null,
  ),
  ofNumber("a typographic minus", (answer) => (answer.startsWith("-") ? answer.replace("-", "−") : null)),
];
