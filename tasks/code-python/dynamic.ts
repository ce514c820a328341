/** Problems: dynamic. */
import type { WrittenProblem } from "rlvr/verifiers";

export const DYNAMIC: readonly WrittenProblem[] = [
  {
    id: "stairs",
    kind: "calls",
    signature: "climb(steps, strides)",
    statement:
      "In how many ways `steps` stairs can be climbed with the strides of a list of different whole numbers of at least 1; the order of the strides matters.",
    examples: [
      [[3, [1, 2]], 3],
      [[0, [1]], 1],
    ],
    hidden: [
      [[5, [1, 2]], 8],
      [[4, [2]], 1],
      [[5, [2]], 0],
      [[10, [1, 3, 5]], 47],
      [[7, []], 0],
      [[20, [1, 2, 3]], 121415],
      [[50, [1, 2]], 20365011074],
    ],
    solution: `
def climb(steps, strides):
    ways = [1]
    for at in range(1, steps + 1):
        ways.append(sum(ways[at - stride] for stride in strides if stride <= at))
    return ways[steps]
`,
    wrong: `
def climb(steps, strides):
    ways = [1] + [0] * steps
    for stride in strides:
        for at in range(stride, steps + 1):
            ways[at] += ways[at - stride]
    return ways[steps]
`,
  },
  {
    id: "longest-shared",
    kind: "calls",
    signature: "longest_shared(left, right)",
    statement:
      "The length of the longest text whose characters stand in both texts in the same order, not always side by side.",
    examples: [
      [["abcde", "ace"], 3],
      [["abc", "xyz"], 0],
    ],
    hidden: [
      [["", "a"], 0],
      [["same", "same"], 4],
      [["aggtab", "gxtxayb"], 4],
      [["abab", "baba"], 3],
      [["aaaa", "aa"], 2],
      [["abcdefgh", "hgfedcba"], 1],
      [["xaxbxc", "abc"], 3],
    ],
    solution: `
def longest_shared(left, right):
    row = [0] * (len(right) + 1)
    for a in left:
        above = row
        row = [0]
        for j, b in enumerate(right):
            row.append(above[j] + 1 if a == b else max(above[j + 1], row[j]))
    return row[-1]
`,
    wrong: `
def longest_shared(left, right):
    best = 0
    for i in range(len(left)):
        for j in range(len(right)):
            k = 0
            while i + k < len(left) and j + k < len(right) and left[i + k] == right[j + k]:
                k += 1
            best = max(best, k)
    return best
`,
  },
  {
    id: "word-split",
    kind: "calls",
    signature: "can_split(text, words)",
    statement: "Whether `text` is a sequence of words of the list, each used as often as needed. The empty text is.",
    examples: [
      [["catdog", ["cat", "dog"]], true],
      [["cats", ["cat"]], false],
    ],
    hidden: [
      [["", []], true],
      [["aaaa", ["a"]], true],
      [["catsandog", ["cats", "dog", "sand", "and", "cat"]], false],
      [["abcd", ["a", "abc", "b", "cd"]], true],
      [["aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", ["a", "aa", "aaa", "aaaa"]], false],
      [["pineapple", ["pine", "apple", "pineapp"]], true],
      [["x", []], false],
    ],
    solution: `
def can_split(text, words):
    reached = [True] + [False] * len(text)
    for end in range(1, len(text) + 1):
        reached[end] = any(text[:end].endswith(word) and reached[end - len(word)] for word in words if word)
    return reached[-1]
`,
    wrong: `
def can_split(text, words):
    while text:
        word = next((word for word in sorted(words, key=len, reverse=True) if text.startswith(word)), None)
        if word is None:
            return False
        text = text[len(word):]
    return True
`,
  },
  {
    id: "burglary",
    kind: "calls",
    signature: "best_loot(values)",
    statement: "The greatest sum of values of which no two stand side by side.",
    examples: [
      [[[2, 7, 9, 3, 1]], 12],
      [[[]], 0],
    ],
    hidden: [
      [[[5]], 5],
      [[[2, 1, 1, 2]], 4],
      [[[10, 1, 1, 10, 1]], 20],
      [[[4, 4, 4, 4]], 8],
      [[[0, 0, 0]], 0],
      [[[1, 20, 3, 4, 50, 6]], 70],
      [[[3, 2, 5, 10, 7]], 15],
    ],
    solution: `
def best_loot(values):
    taken, left = 0, 0
    for value in values:
        taken, left = left + value, max(taken, left)
    return max(taken, left)
`,
    wrong: `
def best_loot(values):
    return max(sum(values[::2]), sum(values[1::2]))
`,
  },
];
