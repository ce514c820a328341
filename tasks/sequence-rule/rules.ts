/**
 * Families of rules for sequences of whole numbers. Each can draw a sequence, and say how a given one goes on by its rule.
 *
 * Mathematically any number can follow. A sequence is a fair question here only if all the families that explain its terms
 * agree on the next one: `explanations` gives what each of them says.
 */
import type { Rng } from "rlvr/task";

/** How a family reads a sequence: its next term, and why. */
export interface Explanation {
  readonly next: number;
  readonly why: string;
}

interface Family {
  /** `size` is 1 for small parameters, larger for larger ones. */
  readonly draw: (rng: Rng, size: number, count: number) => number[];
  /** Null where the terms do not follow the family's rule, or do not fix it. All parameters are whole numbers. */
  readonly explain: (terms: readonly number[]) => Explanation | null;
}

const differences = (terms: readonly number[]) => terms.slice(1).map((term, i) => term - (terms[i] as number));
const allEqual = (values: readonly number[]) => values.every((value) => value === values[0]);
const last = (terms: readonly number[]) => terms.at(-1) as number;
const signed = (value: number) => (value < 0 ? `(${value})` : String(value));

/** A whole number in ±1..±largest. */
const nonZero = (rng: Rng, largest: number) => rng.integer(1, largest) * (rng.next() < 0.3 ? -1 : 1);

/** The first terms, and then what `next` makes of those before. */
function continued(first: readonly number[], count: number, next: (terms: readonly number[]) => number): number[] {
  const terms = [...first];
  while (terms.length < count) terms.push(next(terms));
  return terms;
}

/** Polynomials: the differences of order `order` are all the same. */
function polynomial(order: number): Family {
  return {
    draw: (rng, size, count) => {
      const heads = Array.from({ length: order }, () => rng.integer(-9 * size, 20 * size));
      // the first term of each row of differences, the last row being constant
      const rows = [...heads, nonZero(rng, order === 1 ? 20 * size : 4 * size)];
      return Array.from({ length: count }, () => {
        const term = rows[0] as number;
        for (let i = 0; i < order; i++) rows[i] = (rows[i] as number) + (rows[i + 1] as number);
        return term;
      });
    },
    explain: (terms) => {
      const rows = [terms];
      for (let i = 0; i < order; i++) rows.push(differences(rows.at(-1) as readonly number[]));
      const constant = rows.at(-1) as readonly number[];
      if (constant.length < 2 || !allEqual(constant)) return null;
      const why = rows.slice(1).map((row) => `differences ${row.join(", ")}`);
      let step = last(constant);
      const sums = rows
        .slice(0, -1)
        .reverse()
        .map((row) => {
          const sum = `${last(row)}+${signed(step)}=${last(row) + step}`;
          step += last(row);
          return sum;
        });
      return { next: step, why: [...why, ...sums].join("; ") };
    },
  };
}

const geometric: Family = {
  draw: (rng, size, count) => {
    const ratio = rng.pick([2, 3, -2, ...(size > 1 ? [4, 5, -3] : [])]);
    return continued([nonZero(rng, 30 * size)], count, (terms) => last(terms) * ratio);
  },
  explain: (terms) => {
    const ratio = (terms[1] as number) / (terms[0] as number);
    if (!Number.isInteger(ratio) || !terms.every((term, i) => i === 0 || term === (terms[i - 1] as number) * ratio))
      return null;
    return {
      next: last(terms) * ratio,
      why: `each is the one before times ${ratio}; ${last(terms)}*${signed(ratio)}=${last(terms) * ratio}`,
    };
  },
};

const alternatingSteps: Family = {
  draw: (rng, size, count) => {
    const steps = [nonZero(rng, 15 * size), nonZero(rng, 15 * size)];
    return continued(
      [rng.integer(-20 * size, 50 * size)],
      count,
      (terms) => last(terms) + (steps[(terms.length - 1) % 2] as number),
    );
  },
  explain: (terms) => {
    const steps = differences(terms);
    if (!steps.every((step, i) => i < 2 || step === steps[i - 2])) return null;
    const step = steps.at(-2) as number;
    return {
      next: last(terms) + step,
      why: `differences ${steps.join(", ")}; ${last(terms)}+${signed(step)}=${last(terms) + step}`,
    };
  },
};

const affine: Family = {
  draw: (rng, size, count) => {
    const factor = rng.pick(size > 1 ? [2, 3, 4, -2] : [2, 3]);
    const added = nonZero(rng, 9 * size);
    return continued([rng.integer(-5 * size, 9 * size)], count, (terms) => last(terms) * factor + added);
  },
  explain: (terms) => {
    const [a, b, c] = terms as [number, number, number];
    const factor = (c - b) / (b - a);
    const added = b - a * factor;
    if (
      !Number.isInteger(factor) ||
      !terms.every((term, i) => i === 0 || term === (terms[i - 1] as number) * factor + added)
    )
      return null;
    const next = last(terms) * factor + added;
    return {
      next,
      why: `each is the one before times ${factor} plus ${signed(added)}; ${last(terms)}*${signed(factor)}+${signed(added)}=${next}`,
    };
  },
};

/** Times a factor and plus a number in turn, beginning with either. */
const timesPlus: Family = {
  draw: (rng, size, count) => {
    const factor = rng.pick([2, 3, ...(size > 1 ? [-2] : [])]);
    const added = nonZero(rng, 9 * size);
    const first = rng.integer(0, 1);
    return continued([rng.integer(1, 9 * size)], count, (terms) =>
      (terms.length - 1) % 2 === first ? last(terms) * factor : last(terms) + added,
    );
  },
  explain: (terms) => {
    for (const first of [0, 1]) {
      // 0 times anything is 0: the factor shows where the term is another
      const shown = terms.findIndex((term, i) => i % 2 === first && i + 1 < terms.length && term !== 0);
      const factor = shown === -1 ? Number.NaN : (terms[shown + 1] as number) / (terms[shown] as number);
      const added = (terms[2 - first] as number) - (terms[1 - first] as number);
      const follow = (index: number) => {
        const before = terms[index - 1] as number;
        return (index - 1) % 2 === first ? before * factor : before + added;
      };
      if (!Number.isInteger(factor) || !terms.every((term, i) => i === 0 || term === follow(i))) continue;
      const next = follow(terms.length);
      return { next, why: `times ${factor} and plus ${signed(added)} in turn; next ${next}` };
    }
    return null;
  },
};

/** Each term is the sum of the `order` terms before it. */
function sumOf(order: number): Family {
  const sum = (terms: readonly number[]) => terms.slice(-order).reduce((total, term) => total + term, 0);
  return {
    draw: (rng, size, count) => {
      const first = Array.from({ length: order }, () => rng.integer(-4 * size, 9 * size));
      return continued(first, count, sum);
    },
    explain: (terms) => {
      if (!terms.every((term, i) => i < order || term === sum(terms.slice(0, i)))) return null;
      const why = `each is the sum of the ${order} before; ${terms.slice(-order).map(signed).join("+")}=${sum(terms)}`;
      return { next: sum(terms), why };
    },
  };
}

/** a times the last plus b times the one before it. */
const secondOrder: Family = {
  draw: (rng, size, count) => {
    const [a, b] = [rng.pick([1, 2, 3, -1]), rng.pick([1, 2, -1, -2, 3])];
    const first = [rng.integer(-3 * size, 6 * size), rng.integer(-3 * size, 6 * size)];
    return continued(first, count, (terms) => a * last(terms) + b * (terms.at(-2) as number));
  },
  explain: (terms) => {
    const [s, t, u, v] = terms as [number, number, number, number];
    // u = a·t + b·s, v = a·u + b·t
    const determinant = t * t - s * u;
    const [a, b] = [(u * t - s * v) / determinant, (t * v - u * u) / determinant];
    if (!Number.isInteger(a) || !Number.isInteger(b)) return null;
    const follow = (index: number) => a * (terms[index - 1] as number) + b * (terms[index - 2] as number);
    if (!terms.every((term, i) => i < 2 || term === follow(i))) return null;
    const next = follow(terms.length);
    const why = `each is ${a} times the one before plus ${signed(b)} times the one before that; ${a}*${signed(last(terms))}+${signed(b)}*${signed(terms.at(-2) as number)}=${next}`;
    return { next, why };
  },
};

/** Two sequences with equal steps of their own, in turn. */
const interleaved: Family = {
  draw: (rng, size, count) => {
    const starts = [rng.integer(-9 * size, 30 * size), rng.integer(-9 * size, 30 * size)];
    const steps = [nonZero(rng, 9 * size), nonZero(rng, 9 * size)];
    return Array.from(
      { length: count },
      (_, i) => (starts[i % 2] as number) + Math.floor(i / 2) * (steps[i % 2] as number),
    );
  },
  explain: (terms) => {
    const steps = terms.slice(2).map((term, i) => term - (terms[i] as number));
    if (!steps.every((step, i) => i < 2 || step === steps[i - 2])) return null;
    const [before, step] = [terms.at(-2) as number, steps.at(-2) as number];
    const why = `every other term: steps ${steps.at(-2)} and ${steps.at(-1)} in turn; ${before}+${signed(step)}=${before + step}`;
    return { next: before + step, why };
  },
};

/** From simple to less simple. */
export const FAMILIES = {
  arithmetic: polynomial(1),
  geometric,
  "alternating-steps": alternatingSteps,
  quadratic: polynomial(2),
  affine,
  "sum-of-two": sumOf(2),
  interleaved,
  "times-plus": timesPlus,
  "second-order": secondOrder,
  "sum-of-three": sumOf(3),
  cubic: polynomial(3),
} as const satisfies Record<string, Family>;

export type FamilyName = keyof typeof FAMILIES;

/** What each family that fits the terms says of the next one, the simplest first. */
export function explanations(terms: readonly number[]): Explanation[] {
  return Object.values(FAMILIES).flatMap(({ explain }) => explain(terms) ?? []);
}
