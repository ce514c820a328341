/** Problems: dynamic. */
import type { WrittenProblem } from "rlvr/verifiers";

export const DYNAMIC: readonly WrittenProblem[] = [
  {
    id: "fewest-coins",
    kind: "calls",
    signature: "fewestCoins(coins, amount)",
    statement: "The fewest coins that add up to `amount`, each kind as often as needed; -1 where it cannot be paid.",
    examples: [
      [[[1, 2, 5], 11], 3],
      [[[2], 3], -1],
    ],
    hidden: [
      [[[1], 0], 0],
      [[[1, 3, 4], 6], 2],
      [[[7, 10], 14], 2],
      [[[5, 10], 3], -1],
      [[[1, 5, 10, 25], 63], 6],
      [[[9, 6, 1], 12], 2],
      [[[186, 419, 83, 408], 6249], 20],
    ],
    solution: `
function fewestCoins(coins, amount) {
  const fewest = [0];
  for (let sum = 1; sum <= amount; sum++) {
    fewest[sum] = Math.min(...coins.map((coin) => (coin <= sum ? fewest[sum - coin] + 1 : Infinity)));
  }
  return fewest[amount] === Infinity ? -1 : fewest[amount];
}
`,
    wrong: `
function fewestCoins(coins, amount) {
  let [count, rest] = [0, amount];
  for (const coin of coins.toSorted((a, b) => b - a)) {
    count += Math.floor(rest / coin);
    rest %= coin;
  }
  return rest === 0 ? count : -1;
}
`,
  },
  {
    id: "longest-rise",
    kind: "calls",
    signature: "longestRise(values)",
    statement: "The length of the longest strictly rising subsequence of `values`; its items need not be neighbors.",
    examples: [
      [[[10, 9, 2, 5, 3, 7]], 3],
      [[[1, 1]], 1],
    ],
    hidden: [
      [[[]], 0],
      [[[5]], 1],
      [[[1, 2, 3, 4]], 4],
      [[[4, 3, 2, 1]], 1],
      [[[0, 8, 4, 12, 2, 10, 6, 14, 1, 9]], 4],
      [[[7, 7, 7, 7]], 1],
      [[[1, 3, 2, 4, 3, 5]], 4],
      [[[-3, -2, -5, 0, -1]], 3],
    ],
    solution: `
function longestRise(values) {
  const lengths = [];
  for (const [i, value] of values.entries()) {
    lengths[i] = 1 + Math.max(0, ...lengths.filter((_, j) => values[j] < value));
  }
  return Math.max(0, ...lengths);
}
`,
    wrong: `
function longestRise(values) {
  let [best, length] = [0, 0];
  for (const [i, value] of values.entries()) {
    length = i > 0 && values[i - 1] < value ? length + 1 : 1;
    best = Math.max(best, length);
  }
  return best;
}
`,
  },
  {
    id: "edit-distance",
    kind: "calls",
    signature: "editDistance(left, right)",
    statement: "The fewest insertions, deletions and replacements of one character that turn `left` into `right`.",
    examples: [
      [["kitten", "sitting"], 3],
      [["", "abc"], 3],
    ],
    hidden: [
      [["", ""], 0],
      [["same", "same"], 0],
      [["flaw", "lawn"], 2],
      [["intention", "execution"], 5],
      [["abc", ""], 3],
      [["abcdef", "azced"], 3],
      [["ab", "ba"], 2],
      [["aaaa", "bb"], 4],
    ],
    solution: `
function editDistance(left, right) {
  let above = Array.from({ length: right.length + 1 }, (_, i) => i);
  for (let i = 1; i <= left.length; i++) {
    const row = [i];
    for (let j = 1; j <= right.length; j++) {
      const replaced = above[j - 1] + (left[i - 1] === right[j - 1] ? 0 : 1);
      row[j] = Math.min(replaced, above[j] + 1, row[j - 1] + 1);
    }
    above = row;
  }
  return above[right.length];
}
`,
    wrong: `
function editDistance(left, right) {
  let distance = Math.abs(left.length - right.length);
  for (let i = 0; i < Math.min(left.length, right.length); i++) if (left[i] !== right[i]) distance++;
  return distance;
}
`,
  },
  {
    id: "knapsack",
    kind: "calls",
    signature: "knapsack(items, capacity)",
    statement:
      "The greatest total value of items `[weight, value]`, each taken at most once, with a total weight of at most `capacity`.",
    examples: [
      [
        [
          [
            [1, 1],
            [3, 4],
            [4, 5],
          ],
          7,
        ],
        9,
      ],
      [[[], 5], 0],
    ],
    hidden: [
      [[[[5, 10]], 4], 0],
      [
        [
          [
            [2, 3],
            [3, 4],
            [4, 5],
            [5, 6],
          ],
          5,
        ],
        7,
      ],
      [[[[1, 1]], 3], 1],
      [
        [
          [
            [6, 30],
            [3, 14],
            [4, 16],
            [2, 9],
          ],
          10,
        ],
        46,
      ],
      [
        [
          [
            [10, 60],
            [20, 100],
            [30, 120],
          ],
          50,
        ],
        220,
      ],
      [
        [
          [
            [4, 7],
            [4, 7],
            [5, 10],
          ],
          8,
        ],
        14,
      ],
      [
        [
          [
            [0, 3],
            [1, 1],
          ],
          0,
        ],
        3,
      ],
    ],
    solution: `
function knapsack(items, capacity) {
  const best = new Array(capacity + 1).fill(0);
  for (const [weight, value] of items) {
    for (let room = capacity; room >= weight; room--) best[room] = Math.max(best[room], best[room - weight] + value);
  }
  return best[capacity];
}
`,
    wrong: `
function knapsack(items, capacity) {
  const best = new Array(capacity + 1).fill(0);
  for (const [weight, value] of items) {
    for (let room = weight; room <= capacity; room++) best[room] = Math.max(best[room], best[room - weight] + value);
  }
  return best[capacity];
}
`,
  },
];
