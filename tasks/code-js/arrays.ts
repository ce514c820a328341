/** Problems: arrays. */
import type { WrittenProblem } from "rlvr/verifiers";

export const ARRAYS: readonly WrittenProblem[] = [
  {
    id: "merge-intervals",
    kind: "calls",
    signature: "mergeIntervals(intervals)",
    statement: "Closed intervals `[start, end]` in any order, merged where they overlap or touch, sorted by start.",
    examples: [
      [
        [
          [
            [1, 3],
            [2, 6],
            [8, 10],
          ],
        ],
        [
          [1, 6],
          [8, 10],
        ],
      ],
      [
        [
          [
            [1, 2],
            [2, 3],
          ],
        ],
        [[1, 3]],
      ],
    ],
    hidden: [
      [[[]], []],
      [[[[5, 5]]], [[5, 5]]],
      [
        [
          [
            [4, 6],
            [1, 2],
          ],
        ],
        [
          [1, 2],
          [4, 6],
        ],
      ],
      [
        [
          [
            [1, 10],
            [2, 3],
            [4, 5],
          ],
        ],
        [[1, 10]],
      ],
      [
        [
          [
            [1, 4],
            [0, 0],
            [0, 2],
          ],
        ],
        [[0, 4]],
      ],
      [
        [
          [
            [-5, -1],
            [-1, 0],
            [3, 4],
          ],
        ],
        [
          [-5, 0],
          [3, 4],
        ],
      ],
      [
        [
          [
            [10, 12],
            [1, 2],
            [9, 11],
            [2, 4],
          ],
        ],
        [
          [1, 4],
          [9, 12],
        ],
      ],
    ],
    solution: `
function mergeIntervals(intervals) {
  const merged = [];
  for (const [start, end] of intervals.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}
`,
    wrong: `
function mergeIntervals(intervals) {
  const merged = [];
  for (const [start, end] of intervals.toSorted()) {
    const last = merged.at(-1);
    if (last !== undefined && start <= last[1]) last[1] = end;
    else merged.push([start, end]);
  }
  return merged;
}
`,
  },
  {
    id: "window-maximums",
    kind: "calls",
    signature: "windowMaximums(values, width)",
    statement:
      "The maximum of every `width` neighbors in `values`, from left to right. A window wider than the list gives an empty list.",
    examples: [
      [
        [[1, 3, -1, -3, 5], 3],
        [3, 3, 5],
      ],
      [[[4], 1], [4]],
    ],
    hidden: [
      [[[], 2], []],
      [[[1, 2], 3], []],
      [
        [[-5, -2, -9], 2],
        [-2, -2],
      ],
      [
        [[5, 4, 3, 2, 1], 2],
        [5, 4, 3, 2],
      ],
      [[[1, 1, 1], 3], [1]],
      [
        [[2, 7, 3, 8, 1, 9, 0, 4], 4],
        [8, 8, 9, 9, 9],
      ],
      [
        [[1, 2, 3, 4], 1],
        [1, 2, 3, 4],
      ],
    ],
    solution: `
function windowMaximums(values, width) {
  const maximums = [];
  for (let start = 0; start + width <= values.length; start++) {
    maximums.push(Math.max(...values.slice(start, start + width)));
  }
  return maximums;
}
`,
    wrong: `
function windowMaximums(values, width) {
  const maximums = [];
  for (let start = 0; start + width <= values.length; start++) {
    maximums.push(values.slice(start, start + width).reduce((a, b) => Math.max(a, b), 0));
  }
  return maximums;
}
`,
  },
  {
    id: "pairs-with-sum",
    kind: "calls",
    signature: "pairsWithSum(values, sum)",
    statement: "How many pairs of positions i < j have `values[i] + values[j]` equal to `sum`.",
    examples: [
      [[[1, 2, 3, 4], 5], 2],
      [[[2, 2, 2], 4], 3],
    ],
    hidden: [
      [[[], 0], 0],
      [[[1], 2], 0],
      [[[0, 0, 0, 0], 0], 6],
      [[[5, -5, 5, -5], 0], 4],
      [[[1, 2, 3], 100], 0],
      [[[3, 3, 3, 1, 5], 6], 4],
      [[[10, -2, 8, 6, 0, 4], 8], 2],
    ],
    solution: `
function pairsWithSum(values, sum) {
  const seen = new Map();
  let pairs = 0;
  for (const value of values) {
    pairs += seen.get(sum - value) ?? 0;
    seen.set(value, (seen.get(value) ?? 0) + 1);
  }
  return pairs;
}
`,
    wrong: `
function pairsWithSum(values, sum) {
  const all = new Set(values);
  return [...all].filter((value) => all.has(sum - value) && value < sum - value).length;
}
`,
  },
  {
    id: "flatten-to",
    kind: "calls",
    signature: "flattenTo(list, depth)",
    statement:
      "`list` with nested lists opened up to `depth` levels deep. Depth 0 changes nothing; a negative depth opens all levels.",
    examples: [
      [
        [[1, [2, [3]]], 1],
        [1, 2, [3]],
      ],
      [
        [[1, [2, [3]]], -1],
        [1, 2, 3],
      ],
    ],
    hidden: [
      [[[], 3], []],
      [[[[[[1]]]], 2], [[1]]],
      [
        [[1, [2]], 0],
        [1, [2]],
      ],
      [
        [
          [
            [1, [2]],
            [[3], 4],
          ],
          1,
        ],
        [1, [2], [3], 4],
      ],
      [
        [[["a", ["b"]], []], -1],
        ["a", "b"],
      ],
      [
        [[[], [[]], [[[]]]], 1],
        [[], [[]]],
      ],
      [[[[[[[[7]]]]]], -1], [7]],
    ],
    solution: `
function flattenTo(list, depth) {
  return list.flat(depth < 0 ? Number.POSITIVE_INFINITY : depth);
}
`,
    wrong: `
function flattenTo(list, depth) {
  return list.flat(depth);
}
`,
  },
];
