/** Problems: numbers. */
import type { WrittenProblem } from "rlvr/verifiers";

export const NUMBERS: readonly WrittenProblem[] = [
  {
    id: "roman-numeral",
    kind: "calls",
    signature: "romanNumeral(number)",
    statement: "The Roman numeral of a whole number from 1 to 3999.",
    examples: [
      [[4], "IV"],
      [[1994], "MCMXCIV"],
    ],
    hidden: [
      [[1], "I"],
      [[9], "IX"],
      [[40], "XL"],
      [[90], "XC"],
      [[400], "CD"],
      [[900], "CM"],
      [[3999], "MMMCMXCIX"],
      [[2024], "MMXXIV"],
      [[58], "LVIII"],
    ],
    solution: `
function romanNumeral(number) {
  const symbols = [
    ["M", 1000], ["CM", 900], ["D", 500], ["CD", 400], ["C", 100], ["XC", 90],
    ["L", 50], ["XL", 40], ["X", 10], ["IX", 9], ["V", 5], ["IV", 4], ["I", 1],
  ];
  let [text, rest] = ["", number];
  for (const [symbol, value] of symbols) {
    while (rest >= value) {
      text += symbol;
      rest -= value;
    }
  }
  return text;
}
`,
    wrong: `
function romanNumeral(number) {
  let [text, rest] = ["", number];
  for (const [symbol, value] of [["M", 1000], ["D", 500], ["C", 100], ["L", 50], ["X", 10], ["V", 5], ["IV", 4], ["I", 1]]) {
    while (rest >= value) {
      text += symbol;
      rest -= value;
    }
  }
  return text;
}
`,
  },
  {
    id: "in-base",
    kind: "calls",
    signature: "inBase(number, base)",
    statement:
      "A whole number written in a base from 2 to 36, with digits 0-9 and A-Z, a minus sign before negative numbers.",
    examples: [
      [[255, 16], "FF"],
      [[-5, 2], "-101"],
    ],
    hidden: [
      [[0, 7], "0"],
      [[35, 36], "Z"],
      [[1000000, 10], "1000000"],
      [[-255, 16], "-FF"],
      [[8, 8], "10"],
      [[123456789, 36], "21I3V9"],
      [[7, 3], "21"],
    ],
    solution: `
function inBase(number, base) {
  return number.toString(base).toUpperCase();
}
`,
    wrong: `
function inBase(number, base) {
  let [text, rest] = ["", number];
  while (rest > 0) {
    text = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest % base] + text;
    rest = Math.floor(rest / base);
  }
  return text;
}
`,
  },
  {
    id: "prime-factors",
    kind: "calls",
    signature: "primeFactors(number)",
    statement: "The prime factors of a whole number of at least 1, smallest first, each as often as it divides.",
    examples: [
      [[12], [2, 2, 3]],
      [[13], [13]],
    ],
    hidden: [
      [[1], []],
      [[2], [2]],
      [[49], [7, 7]],
      [[97], [97]],
      [[1024], [2, 2, 2, 2, 2, 2, 2, 2, 2, 2]],
      [[9699690], [2, 3, 5, 7, 11, 13, 17, 19]],
      [[999983], [999983]],
      [[1000001], [101, 9901]],
    ],
    solution: `
function primeFactors(number) {
  const factors = [];
  let rest = number;
  for (let factor = 2; factor * factor <= rest; factor++) {
    while (rest % factor === 0) {
      factors.push(factor);
      rest /= factor;
    }
  }
  if (rest > 1) factors.push(rest);
  return factors;
}
`,
    wrong: `
function primeFactors(number) {
  const factors = [];
  let rest = number;
  for (let factor = 2; factor * factor <= number; factor++) {
    while (rest % factor === 0) {
      factors.push(factor);
      rest /= factor;
    }
  }
  return factors;
}
`,
  },
  {
    id: "big-factorial",
    kind: "calls",
    signature: "bigFactorial(number)",
    statement: "The factorial of a whole number from 0 to 200 with all its digits, as a text.",
    examples: [
      [[5], "120"],
      [[20], "2432902008176640000"],
    ],
    hidden: [
      [[0], "1"],
      [[1], "1"],
      [[18], "6402373705728000"],
      [[23], "25852016738884976640000"],
      [[25], "15511210043330985984000000"],
      [[30], "265252859812191058636308480000000"],
      [[52], "80658175170943878571660636856403766975289505440883277824000000000000"],
      [
        [100],
        "93326215443944152681699238856266700490715968264381621468592963895217599993229915608941463976156518286253697920827223758251185210916864000000000000000000000000",
      ],
    ],
    solution: `
function bigFactorial(number) {
  let product = 1n;
  for (let factor = 2n; factor <= BigInt(number); factor++) product *= factor;
  return String(product);
}
`,
    wrong: `
function bigFactorial(number) {
  let product = 1;
  for (let factor = 2; factor <= number; factor++) product *= factor;
  return String(product);
}
`,
  },
  {
    id: "mean-and-median",
    kind: "calls",
    signature: "meanAndMedian(values)",
    statement:
      "A list of the mean and the median of a list of at least one number. The median of an even number of values is the mean of the two in the middle.",
    comparator: "floats",
    examples: [
      [[[1, 2, 3]], [2, 2]],
      [[[4, 1]], [2.5, 2.5]],
    ],
    hidden: [
      [[[7]], [7, 7]],
      [[[10, 9, 1]], [6.666666666666667, 9]],
      [[[0.1, 0.2, 0.3]], [0.20000000000000004, 0.2]],
      [[[-1, -2, -3, -4]], [-2.5, -2.5]],
      [[[100, 2, 30]], [44, 30]],
      [[[1, 1, 1, 10]], [3.25, 1]],
      [[[2.5, 11, 3.5, 4]], [5.25, 3.75]],
    ],
    solution: `
function meanAndMedian(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length / 2;
  const median = (sorted[Math.ceil(middle) - 1] + sorted[Math.floor(middle)]) / 2;
  return [values.reduce((sum, value) => sum + value, 0) / values.length, median];
}
`,
    wrong: `
function meanAndMedian(values) {
  const sorted = values.toSorted();
  const middle = Math.floor(sorted.length / 2);
  return [values.reduce((sum, value) => sum + value, 0) / values.length, sorted[middle]];
}
`,
  },
];
