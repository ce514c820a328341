/** Problems: asserts. */
import type { WrittenProblem } from "rlvr/verifiers";

export const ASSERTS: readonly WrittenProblem[] = [
  {
    id: "join-words",
    kind: "asserts",
    signature: "join(words), split(text)",
    entries: ["join", "split"],
    statement:
      "Two functions: `join` makes one text of a list of texts, and `split` makes the same list of it again, for every list of texts. How is up to you.",
    examples: [
      `
words = ["a","b"]
assert isinstance(join(words), str)
assert split(join(words)) == words
`,
    ],
    hidden: [
      `
words = []
assert isinstance(join(words), str)
assert split(join(words)) == words
`,
      `
words = [""]
assert isinstance(join(words), str)
assert split(join(words)) == words
`,
      `
words = ["",""]
assert isinstance(join(words), str)
assert split(join(words)) == words
`,
      `
words = [",",";","|"]
assert isinstance(join(words), str)
assert split(join(words)) == words
`,
      String.raw`
words = ["a,b","c\\","\\,"]
assert isinstance(join(words), str)
assert split(join(words)) == words
`,
      `
words = ["1:a","2","10:"]
assert isinstance(join(words), str)
assert split(join(words)) == words
`,
      String.raw`
words = ["line\nbreak","tab\t"," "]
assert isinstance(join(words), str)
assert split(join(words)) == words
`,
    ],
    solution: `
def join(words):
    return "".join(f"{len(word)}:{word}" for word in words)


def split(text):
    words = []
    while text:
        length, _, rest = text.partition(":")
        words.append(rest[: int(length)])
        text = rest[int(length) :]
    return words
`,
    wrong: `
def join(words):
    return ",".join(words)


def split(text):
    return text.split(",")
`,
  },
  {
    id: "fair-parts",
    kind: "asserts",
    signature: "fair_parts(values)",
    entries: ["fair_parts"],
    statement:
      "Two lists of equal sums that together hold each item of `values`, whole numbers of at least 0, exactly once; None where there are none. Any such pair is right.",
    examples: [
      `
values = [1,2,3]
left, right = fair_parts(values)
assert sorted(left + right) == sorted(values)
assert sum(left) == sum(right)
`,
      "assert fair_parts([1]) is None",
    ],
    hidden: [
      `
values = []
left, right = fair_parts(values)
assert sorted(left + right) == sorted(values)
assert sum(left) == sum(right)
`,
      `
values = [0]
left, right = fair_parts(values)
assert sorted(left + right) == sorted(values)
assert sum(left) == sum(right)
`,
      `
values = [5,5]
left, right = fair_parts(values)
assert sorted(left + right) == sorted(values)
assert sum(left) == sum(right)
`,
      `
values = [3,1,1,2,2,1]
left, right = fair_parts(values)
assert sorted(left + right) == sorted(values)
assert sum(left) == sum(right)
`,
      "assert fair_parts([1, 2, 5]) is None",
      `
values = [4,5,6,7,8]
left, right = fair_parts(values)
assert sorted(left + right) == sorted(values)
assert sum(left) == sum(right)
`,
      "assert fair_parts([2, 2, 2]) is None",
      `
values = [10,1,9,2,8,3,7,4]
left, right = fair_parts(values)
assert sorted(left + right) == sorted(values)
assert sum(left) == sum(right)
`,
    ],
    solution: `
def fair_parts(values):
    def search(i, left, right):
        if i == len(values):
            return [left, right] if sum(left) == sum(right) else None
        return search(i + 1, left + [values[i]], right) or search(i + 1, left, right + [values[i]])

    return search(0, [], [])
`,
    wrong: `
def fair_parts(values):
    left, right = [], []
    for value in sorted(values, reverse=True):
        (left if sum(left) <= sum(right) else right).append(value)
    return [left, right] if sum(left) == sum(right) else None
`,
  },
];
