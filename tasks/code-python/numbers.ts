/** Problems: numbers. */
import type { WrittenProblem } from "rlvr/verifiers";

export const NUMBERS: readonly WrittenProblem[] = [
  {
    id: "perfect-kind",
    kind: "calls",
    signature: "kind_of(number)",
    statement:
      "`perfect`, `abundant` or `deficient`: whether the sum of the proper divisors of a whole number of at least 1 is equal to, greater or smaller than it.",
    examples: [
      [[6], "perfect"],
      [[12], "abundant"],
    ],
    hidden: [
      [[1], "deficient"],
      [[2], "deficient"],
      [[28], "perfect"],
      [[18], "abundant"],
      [[496], "perfect"],
      [[945], "abundant"],
      [[16], "deficient"],
      [[8128], "perfect"],
    ],
    solution: `
def kind_of(number):
    total = sum(d for d in range(1, number // 2 + 1) if number % d == 0)
    return "perfect" if total == number else "abundant" if total > number else "deficient"
`,
    wrong: `
def kind_of(number):
    total = sum(d for d in range(1, int(number**0.5) + 1) if number % d == 0)
    return "perfect" if total == number else "abundant" if total > number else "deficient"
`,
  },
  {
    id: "egyptian",
    kind: "calls",
    signature: "egyptian(numerator, denominator)",
    statement:
      "The denominators of the greedy Egyptian form of a fraction between 0 and 1: take the largest unit fraction that is not greater, then go on with the rest until nothing is left.",
    examples: [
      [
        [3, 4],
        [2, 4],
      ],
      [[1, 5], [5]],
    ],
    hidden: [
      [
        [2, 3],
        [2, 6],
      ],
      [
        [4, 13],
        [4, 18, 468],
      ],
      [
        [5, 6],
        [2, 3],
      ],
      [
        [7, 15],
        [3, 8, 120],
      ],
      [
        [6, 14],
        [3, 11, 231],
      ],
      [
        [8, 11],
        [2, 5, 37, 4070],
      ],
      [[2, 4], [2]],
    ],
    solution: `
def egyptian(numerator, denominator):
    parts = []
    while numerator:
        part = -(-denominator // numerator)
        parts.append(part)
        numerator, denominator = numerator * part - denominator, denominator * part
    return parts
`,
    wrong: `
def egyptian(numerator, denominator):
    parts = []
    rest = numerator / denominator
    part = 2
    while rest > 1e-3:
        if 1 / part < rest:
            parts.append(part)
            rest -= 1 / part
        part += 1
    return parts
`,
  },
  {
    id: "power-digits",
    kind: "calls",
    signature: "digit_sum_of_power(base, exponent)",
    statement:
      "The sum of the digits of `base` to the power of `exponent`, both whole numbers of at least 0. 0 to the power of 0 is 1.",
    examples: [
      [[2, 10], 7],
      [[10, 3], 1],
    ],
    hidden: [
      [[0, 0], 1],
      [[0, 5], 0],
      [[7, 1], 7],
      [[2, 100], 115],
      [[9, 99], 414],
      [[3, 333], 702],
      [[99, 50], 432],
    ],
    solution: `
def digit_sum_of_power(base, exponent):
    return sum(map(int, str(base**exponent)))
`,
    wrong: `
def digit_sum_of_power(base, exponent):
    return sum(int(c) for c in str(float(base) ** exponent) if c.isdigit())
`,
  },
  {
    id: "clock-angle",
    kind: "calls",
    signature: "clock_angle(hours, minutes)",
    statement:
      "The smaller angle between the hands of a clock, in degrees. Hours go from 0 to 23; the hour hand moves with the minutes.",
    comparator: "floats",
    examples: [
      [[3, 0], 90],
      [[12, 30], 165],
    ],
    hidden: [
      [[0, 0], 0],
      [[6, 0], 180],
      [[9, 45], 22.5],
      [[23, 59], 5.5],
      [[1, 5], 2.5],
      [[15, 15], 7.5],
      [[4, 22], 1],
    ],
    solution: `
def clock_angle(hours, minutes):
    angle = abs(30 * (hours % 12) + minutes / 2 - 6 * minutes)
    return min(angle, 360 - angle)
`,
    wrong: `
def clock_angle(hours, minutes):
    angle = abs(30 * (hours % 12) - 6 * minutes)
    return min(angle, 360 - angle)
`,
  },
  {
    id: "square-root",
    kind: "calls",
    signature: "root(number)",
    statement:
      "The square root of a number of at least 0, without the help of a library. The result may be off by a millionth.",
    comparator: "floats",
    examples: [
      [[4], 2],
      [[9], 3],
    ],
    hidden: [
      [[0], 0],
      [[1], 1],
      [[0.25], 0.5],
      [[10], 3.162277660168379],
      [[123456], 351.363060095964],
      [[0.0001], 0.01],
      [[99.5], 9.974968671630002],
    ],
    solution: `
def root(number):
    low, high = 0.0, max(1.0, number)
    for _ in range(200):
        middle = (low + high) / 2
        if middle * middle <= number:
            low = middle
        else:
            high = middle
    return low
`,
    wrong: `
def root(number):
    low, high = 0.0, number
    for _ in range(200):
        middle = (low + high) / 2
        if middle * middle <= number:
            low = middle
        else:
            high = middle
    return low
`,
  },
];
