/** Problems: lists. */
import type { WrittenProblem } from "rlvr/verifiers";

export const LISTS: readonly WrittenProblem[] = [
  {
    id: "rotate-list",
    kind: "calls",
    signature: "rotate(items, steps)",
    statement: "`items` moved `steps` places to the right, around the end; to the left where `steps` is negative.",
    examples: [
      [
        [[1, 2, 3, 4], 1],
        [4, 1, 2, 3],
      ],
      [
        [[1, 2], -1],
        [2, 1],
      ],
    ],
    hidden: [
      [[[], 3], []],
      [[[1], 10], [1]],
      [
        [[1, 2, 3], 3],
        [1, 2, 3],
      ],
      [
        [[1, 2, 3], 4],
        [3, 1, 2],
      ],
      [
        [[1, 2, 3], -5],
        [3, 1, 2],
      ],
      [
        [["a", "b", "c", "d"], 2],
        ["c", "d", "a", "b"],
      ],
      [
        [[0, 0, 1], 100],
        [1, 0, 0],
      ],
    ],
    solution: `
def rotate(items, steps):
    if not items:
        return []
    cut = -steps % len(items)
    return items[cut:] + items[:cut]
`,
    wrong: `
def rotate(items, steps):
    return items[-steps:] + items[:-steps]
`,
  },
  {
    id: "product-of-others",
    kind: "calls",
    signature: "product_of_others(values)",
    statement: "For each position, the product of all values but the one that stands there.",
    examples: [
      [[[1, 2, 3, 4]], [24, 12, 8, 6]],
      [[[5, 7]], [7, 5]],
    ],
    hidden: [
      [[[9]], [1]],
      [[[0, 2, 3]], [6, 0, 0]],
      [[[0, 0, 5]], [0, 0, 0]],
      [[[-1, 1, -1]], [-1, 1, -1]],
      [[[2, 2, 2, 2]], [8, 8, 8, 8]],
      [[[10, 3, 5, 6, 2]], [180, 600, 360, 300, 900]],
      [[[0, 4]], [4, 0]],
    ],
    solution: `
def product_of_others(values):
    products = []
    for skipped in range(len(values)):
        product = 1
        for i, value in enumerate(values):
            if i != skipped:
                product *= value
        products.append(product)
    return products
`,
    wrong: `
def product_of_others(values):
    total = 1
    for value in values:
        total *= value
    return [total // value if value else 0 for value in values]
`,
  },
  {
    id: "longest-sum-run",
    kind: "calls",
    signature: "best_run(values)",
    statement: "The greatest sum of a run of neighbors in a list of at least one number. A run has at least one item.",
    examples: [
      [[[-2, 1, -3, 4, -1, 2, 1, -5, 4]], 6],
      [[[3]], 3],
    ],
    hidden: [
      [[[-1]], -1],
      [[[-3, -1, -2]], -1],
      [[[1, 2, 3]], 6],
      [[[0, 0]], 0],
      [[[5, -9, 6]], 6],
      [[[8, -1, -1, 8]], 14],
      [[[-5, 4, -1, 4, -5]], 7],
    ],
    solution: `
def best_run(values):
    best = ending = values[0]
    for value in values[1:]:
        ending = max(value, ending + value)
        best = max(best, ending)
    return best
`,
    wrong: `
def best_run(values):
    best = ending = 0
    for value in values:
        ending = max(0, ending + value)
        best = max(best, ending)
    return best
`,
  },
  {
    id: "majority",
    kind: "calls",
    signature: "majority(values)",
    statement: "The value that makes up more than half of `values`, or None.",
    examples: [
      [[[1, 2, 1]], 1],
      [[[1, 2]], null],
    ],
    hidden: [
      [[[]], null],
      [[[7]], 7],
      [[[3, 3, 4, 2, 4, 4, 2, 4, 4]], 4],
      [[["a", "b", "a", "b"]], null],
      [[[1, 1, 2, 2, 3]], null],
      [[[5, 5, 5, 1, 2]], 5],
      [[[2, 1, 1, 3, 3]], null],
    ],
    solution: `
def majority(values):
    for value in set(values):
        if 2 * values.count(value) > len(values):
            return value
    return None
`,
    wrong: `
def majority(values):
    return max(values, key=values.count) if values else None
`,
  },
  {
    id: "zigzag-merge",
    kind: "calls",
    signature: "weave(lists)",
    statement:
      "The items of several lists taken in turn: the first of each, then the second of each, and so on. Lists that have ended are passed over.",
    examples: [
      [[[[1, 2, 3], [4], [5, 6]]], [1, 4, 5, 2, 6, 3]],
      [[[]], []],
    ],
    hidden: [
      [[[[]]], []],
      [[[[1, 2]]], [1, 2]],
      [[[[], [1], []]], [1]],
      [
        [
          [
            [1, 4],
            [2, 5],
            [3, 6],
          ],
        ],
        [1, 2, 3, 4, 5, 6],
      ],
      [[[["a"], ["b", "c", "d"]]], ["a", "b", "c", "d"]],
      [[[[null], [0, 0]]], [null, 0, 0]],
      [[[[1, 2, 3, 4], [9]]], [1, 9, 2, 3, 4]],
    ],
    solution: `
def weave(lists):
    longest = max(map(len, lists), default=0)
    return [one[i] for i in range(longest) for one in lists if i < len(one)]
`,
    wrong: `
def weave(lists):
    return [item for items in zip(*lists) for item in items]
`,
  },
  {
    id: "top-scores",
    kind: "calls",
    signature: "top_scores(scores, count)",
    statement:
      "The names of the `count` best of `scores`, a list of `[name, score]`: highest score first, names of equal scores in alphabetical order.",
    examples: [
      [
        [
          [
            ["ann", 5],
            ["bob", 9],
            ["cy", 5],
          ],
          2,
        ],
        ["bob", "ann"],
      ],
      [[[], 3], []],
    ],
    hidden: [
      [
        [
          [
            ["z", 1],
            ["a", 1],
          ],
          5,
        ],
        ["a", "z"],
      ],
      [
        [
          [
            ["b", 2],
            ["a", 1],
          ],
          0,
        ],
        [],
      ],
      [
        [
          [
            ["x", -1],
            ["y", -2],
          ],
          1,
        ],
        ["x"],
      ],
      [
        [
          [
            ["d", 3],
            ["c", 3],
            ["b", 3],
            ["a", 4],
          ],
          3,
        ],
        ["a", "b", "c"],
      ],
      [
        [
          [
            ["m", 10],
            ["n", 9.5],
            ["o", 10],
          ],
          3,
        ],
        ["m", "o", "n"],
      ],
      [[[["q", 0]], 1], ["q"]],
      [
        [
          [
            ["t", 2],
            ["s", 2],
            ["r", 7],
          ],
          2,
        ],
        ["r", "s"],
      ],
    ],
    solution: `
def top_scores(scores, count):
    return [name for name, _ in sorted(scores, key=lambda one: (-one[1], one[0]))[:count]]
`,
    wrong: `
def top_scores(scores, count):
    return [name for name, _ in sorted(scores, key=lambda one: one[1], reverse=True)[:count]]
`,
  },
];
