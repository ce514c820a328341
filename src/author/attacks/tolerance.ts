/** Numbers that are nearly right, or right but for their unit. */
import { surelyDiffer } from "../answers.ts";
import type { AttackInput, Family } from "../attack.ts";
import { fill } from "../slot.ts";

/** Decimal text of a number within ±10^15, without exponent; null for anything else. */
function plainNumber(answer: string): number | null {
  const value = /^-?\d{1,15}(?:\.\d{1,6})?$/.test(answer) ? Number(answer) : null;
  return value !== null && Math.abs(value) < 1e15 ? value : null;
}

function decimals(value: number, digits: number): string {
  return value.toFixed(digits).replace(/\.?0+$/, "");
}

/** Texts of numbers that differ from the right one by more than the task means to accept, and than its decimals show. */
function numbers(make: (value: number, isWhole: boolean) => readonly string[]) {
  return ({ slot, answer, tolerance }: AttackInput): string[] => {
    const value = plainNumber(answer);
    if (value === null) return [];
    const places = answer.split(".")[1]?.length ?? 0;
    const isShown = (text: string) => places === 0 || Math.abs(Number(text) - value) >= 10 ** -places;
    return make(value, places === 0)
      .filter((text) => surelyDiffer(text, answer, tolerance) && isShown(text))
      .map((text) => fill(slot, text));
  };
}

export const TOLERANCE: Family = {
  name: "tolerance",
  summary: "numbers that are nearly right",
  attacks: [
    {
      name: "a relative error of one in a hundred",
      why: "Answers need only be near: 10000 and 10100 are the same.",
      accepts: "none",
      texts: numbers((v) => [decimals(v * 1.01, 6), decimals(v * 0.99, 6)]),
    },
    {
      name: "a relative error of one in ten thousand",
      why: "Answers need only be near: 10000 and 10001 are the same.",
      accepts: "none",
      texts: numbers((v, whole) => (whole ? [decimals(v * 1.0001, 8), decimals(v * 0.9999, 8)] : [])),
    },
    {
      name: "a whole number with a remainder",
      why: "Answers are rounded before they are compared.",
      accepts: "none",
      texts: numbers((v, whole) => (whole ? [`${v}.4`, `${v}.001`, `${v}.0000004`] : [])),
    },
    {
      name: "a tiny number for zero",
      why: "All small numbers are the same.",
      accepts: "none",
      texts: numbers((v) => (v === 0 ? ["0.0000004", "1e-12", "-0.001"] : [])),
    },
    {
      name: "a hundred times as much",
      why: "A percentage and the number without its sign are the same, so either may be guessed.",
      accepts: "none",
      texts: numbers((v) => (v === 0 ? [] : [decimals(v * 100, 6), decimals(v / 100, 8)])),
    },
  ],
};
