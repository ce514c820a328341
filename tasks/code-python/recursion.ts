/** Problems: recursion. */
import type { WrittenProblem } from "rlvr/verifiers";

export const RECURSION: readonly WrittenProblem[] = [
  {
    id: "power-set",
    kind: "calls",
    signature: "power_set(items)",
    statement:
      "All subsets of a list of different items, each in the order of the list. The order of the subsets does not matter.",
    comparator: "unordered",
    examples: [
      [[[1, 2]], [[], [2], [1], [1, 2]]],
      [[[]], [[]]],
    ],
    hidden: [
      [[["a"]], [[], ["a"]]],
      [[[1, 2, 3]], [[], [3], [2], [2, 3], [1], [1, 3], [1, 2], [1, 2, 3]]],
      [[[3, 2, 1]], [[], [1], [2], [2, 1], [3], [3, 1], [3, 2], [3, 2, 1]]],
      [[[0, -1]], [[], [-1], [0], [0, -1]]],
      [[["x", "y"]], [[], ["y"], ["x"], ["x", "y"]]],
      [[[5, 1, 4]], [[], [4], [1], [1, 4], [5], [5, 4], [5, 1], [5, 1, 4]]],
    ],
    solution: `
def power_set(items):
    if not items:
        return [[]]
    rest = power_set(items[1:])
    return rest + [[items[0], *one] for one in rest]
`,
    wrong: `
def power_set(items):
    if not items:
        return []
    rest = power_set(items[1:])
    return rest + [[items[0]]] + [[items[0], *one] for one in rest]
`,
  },
  {
    id: "tree-depth",
    kind: "calls",
    signature: "depth(tree)",
    statement:
      "The number of levels of a tree. A tree is None or a list `[value, left, right]` of a value and two trees.",
    examples: [
      [[null], 0],
      [[[1, null, [2, null, null]]], 2],
    ],
    hidden: [
      [[[7, null, null]], 1],
      [[[1, [2, [3, null, null], null], null]], 3],
      [[[1, [2, null, null], [3, null, [4, null, null]]]], 3],
      [[["a", null, ["b", ["c", ["d", null, null], null], null]]], 4],
      [[[1, [2, null, null], [3, null, null]]], 2],
      [[[0, [0, [0, null, null], [0, null, null]], [0, null, null]]], 3],
    ],
    solution: `
def depth(tree):
    if tree is None:
        return 0
    _, left, right = tree
    return 1 + max(depth(left), depth(right))
`,
    wrong: `
def depth(tree):
    if tree is None:
        return 0
    _, left, right = tree
    return 1 + (depth(left) if left else depth(right))
`,
  },
  {
    id: "gray-word",
    kind: "calls",
    signature: "gray_word(bits, place)",
    statement:
      "The text at a place, counted from 0, of the reflected Gray code of so many bits. The code of one bit is `0`, `1`; that of more bits is the code of one bit less with 0 before each text, then the same in reverse order with 1 before each.",
    examples: [
      [[1, 1], "1"],
      [[2, 2], "11"],
    ],
    hidden: [
      [[2, 3], "10"],
      [[3, 5], "111"],
      [[4, 8], "1100"],
      [[5, 31], "10000"],
      [[6, 32], "110000"],
      [[7, 100], "1010110"],
      [[10, 777], "1010001101"],
    ],
    solution: `
def gray_word(bits, place):
    if bits == 1:
        return str(place)
    half = 2 ** (bits - 1)
    if place < half:
        return "0" + gray_word(bits - 1, place)
    return "1" + gray_word(bits - 1, 2 * half - 1 - place)
`,
    wrong: `
def gray_word(bits, place):
    return format(place, "0%db" % bits)
`,
  },
  {
    id: "partitions",
    kind: "calls",
    signature: "partitions(number)",
    statement:
      "In how many ways a whole number of at least 0 is a sum of positive whole numbers, their order aside. 0 is the empty sum.",
    examples: [
      [[4], 5],
      [[1], 1],
    ],
    hidden: [
      [[0], 1],
      [[2], 2],
      [[5], 7],
      [[7], 15],
      [[10], 42],
      [[30], 5604],
      [[60], 966467],
    ],
    solution: `
def partitions(number):
    ways = [1] + [0] * number
    for part in range(1, number + 1):
        for total in range(part, number + 1):
            ways[total] += ways[total - part]
    return ways[number]
`,
    wrong: `
def partitions(number):
    ways = [1] + [0] * number
    for total in range(1, number + 1):
        for part in range(1, total + 1):
            ways[total] += ways[total - part]
    return ways[number]
`,
  },
];
