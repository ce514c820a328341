/** Problems: recursion. */
import type { WrittenProblem } from "rlvr/verifiers";

export const RECURSION: readonly WrittenProblem[] = [
  {
    id: "permutations",
    kind: "calls",
    signature: "permutations(items)",
    statement:
      "All orders of a list of different small whole numbers, in lexicographic order by their positions in `items`.",
    examples: [
      [
        [[1, 2, 3]],
        [
          [1, 2, 3],
          [1, 3, 2],
          [2, 1, 3],
          [2, 3, 1],
          [3, 1, 2],
          [3, 2, 1],
        ],
      ],
      [[[5]], [[5]]],
    ],
    hidden: [
      [[[]], [[]]],
      [
        [[2, 1]],
        [
          [2, 1],
          [1, 2],
        ],
      ],
      [
        [[3, 1, 2]],
        [
          [3, 1, 2],
          [3, 2, 1],
          [1, 3, 2],
          [1, 2, 3],
          [2, 3, 1],
          [2, 1, 3],
        ],
      ],
      [
        [[0, -1]],
        [
          [0, -1],
          [-1, 0],
        ],
      ],
      [[[7]], [[7]]],
      [
        [[3, 2, 1]],
        [
          [3, 2, 1],
          [3, 1, 2],
          [2, 3, 1],
          [2, 1, 3],
          [1, 3, 2],
          [1, 2, 3],
        ],
      ],
      [
        [[2, 3, 1]],
        [
          [2, 3, 1],
          [2, 1, 3],
          [3, 2, 1],
          [3, 1, 2],
          [1, 2, 3],
          [1, 3, 2],
        ],
      ],
    ],
    solution: `
function permutations(items) {
  if (items.length === 0) return [[]];
  return items.flatMap((first, i) => permutations(items.toSpliced(i, 1)).map((rest) => [first, ...rest]));
}
`,
    wrong: `
function permutations(items) {
  if (items.length === 0) return [];
  if (items.length === 1) return [items];
  return items.flatMap((first, i) => permutations(items.toSpliced(i, 1)).map((rest) => [first, ...rest])).sort();
}
`,
  },
  {
    id: "hanoi-move",
    kind: "calls",
    signature: "hanoiMove(disks, number)",
    statement:
      "The move of that number, counted from 1, in the shortest way to bring a tower of `disks` disks from peg 1 to peg 3 by way of peg 2, as `[from, to]`; null where there is no such move.",
    examples: [
      [
        [1, 1],
        [1, 3],
      ],
      [
        [2, 3],
        [2, 3],
      ],
    ],
    hidden: [
      [
        [2, 1],
        [1, 2],
      ],
      [
        [3, 4],
        [1, 3],
      ],
      [
        [3, 7],
        [1, 3],
      ],
      [[3, 8], null],
      [
        [5, 16],
        [1, 3],
      ],
      [
        [6, 10],
        [2, 1],
      ],
      [[0, 1], null],
      [
        [10, 1000],
        [2, 1],
      ],
    ],
    solution: `
function hanoiMove(disks, number) {
  const moves = (count, from, to) => {
    if (count === 0) return [];
    const other = 6 - from - to;
    return [...moves(count - 1, from, other), [from, to], ...moves(count - 1, other, to)];
  };
  return moves(disks, 1, 3)[number - 1] ?? null;
}
`,
    wrong: `
function hanoiMove(disks, number) {
  const moves = (count, from, to) => {
    if (count <= 1) return [[from, to]];
    const other = 6 - from - to;
    return [...moves(count - 1, from, other), [from, to], ...moves(count - 1, to, other)];
  };
  return moves(disks, 1, 3)[number - 1] ?? null;
}
`,
  },
  {
    id: "subset-sums",
    kind: "calls",
    signature: "subsetSums(values, sum)",
    statement:
      "How many subsets of the positions of `values` have items that add up to `sum`. The empty subset adds up to 0.",
    examples: [
      [[[1, 2, 3], 3], 2],
      [[[], 0], 1],
    ],
    hidden: [
      [[[], 1], 0],
      [[[0, 0], 0], 4],
      [[[5, -5, 10], 10], 2],
      [[[1, 1, 1, 1], 2], 6],
      [[[2, 4, 6], 5], 0],
      [[[3, 1, 4, 1, 5, 9, 2, 6], 10], 12],
      [[[-1, -2, 3], 0], 2],
    ],
    solution: `
function subsetSums(values, sum) {
  if (values.length === 0) return sum === 0 ? 1 : 0;
  const [first, ...rest] = values;
  return subsetSums(rest, sum) + subsetSums(rest, sum - first);
}
`,
    wrong: `
function subsetSums(values, sum) {
  if (sum === 0) return 1;
  if (sum < 0 || values.length === 0) return 0;
  const [first, ...rest] = values;
  return subsetSums(rest, sum) + subsetSums(rest, sum - first);
}
`,
  },
  {
    id: "queens",
    kind: "calls",
    signature: "queens(size)",
    statement: "In how many ways `size` queens stand on a board of `size` times `size` so that none attacks another.",
    examples: [
      [[4], 2],
      [[1], 1],
    ],
    hidden: [
      [[0], 1],
      [[2], 0],
      [[3], 0],
      [[5], 10],
      [[6], 4],
      [[7], 40],
      [[8], 92],
    ],
    solution: `
function queens(size, row = 0, taken = []) {
  if (row === size) return 1;
  let ways = 0;
  for (let column = 0; column < size; column++) {
    const free = taken.every((other, above) => other !== column && Math.abs(other - column) !== row - above);
    if (free) ways += queens(size, row + 1, [...taken, column]);
  }
  return ways;
}
`,
    wrong: `
function queens(size, row = 0, taken = []) {
  if (row === size) return 1;
  let ways = 0;
  for (let column = 0; column < size; column++) {
    const free = !taken.includes(column) && Math.abs((taken.at(-1) ?? column + 2) - column) !== 1;
    if (free) ways += queens(size, row + 1, [...taken, column]);
  }
  return ways;
}
`,
  },
];
