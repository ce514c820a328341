/** Problems: programs. */
import type { WrittenProblem } from "rlvr/verifiers";

export const PROGRAMS: readonly WrittenProblem[] = [
  {
    id: "reverse-lines",
    kind: "program",

    statement:
      "Print the lines of the input in reverse order, each with its words in reverse order and single spaces between them.",
    examples: [
      ["a b\nc d\n", "d c\nb a\n"],
      ["one\n", "one\n"],
    ],
    hidden: [
      ["x\n\ny\n", "y\n\nx\n"],
      ["  two   words \n", "words two\n"],
      ["1 2 3\n4 5\n6\n", "6\n5 4\n3 2 1\n"],
      ["same same\nsame\n", "same\nsame same\n"],
      ["last line without break", "break without line last\n"],
      ["p q r s\n\n", "\ns r q p\n"],
      ["tab\tbed words\nend\n", "end\nwords bed tab\n"],
    ],
    solution: `
import sys

for line in reversed(sys.stdin.read().splitlines()):
    print(" ".join(reversed(line.split())))
`,
    wrong: String.raw`
import sys

for line in reversed(sys.stdin.read().split("\n")[:-1]):
    print(line[::-1])
`,
  },
  {
    id: "grades",
    kind: "program",

    statement:
      "Each line of the input holds a name and one or more marks, separated by spaces. Print each name, in alphabetical order, with the mean of all its marks to two decimals, as `name: mean`. A name may come several times.",
    examples: [
      ["bob 1 2\nann 3\n", "ann: 3.00\nbob: 1.50\n"],
      ["x 1\n", "x: 1.00\n"],
    ],
    hidden: [
      ["a 1\na 2\n", "a: 1.50\n"],
      ["zoe 5 5 5\nyan 4 5\nzoe 1\n", "yan: 4.50\nzoe: 4.00\n"],
      ["m 10\nl 0\n", "l: 0.00\nm: 10.00\n"],
      ["k 1 2 2\n", "k: 1.67\n"],
      ["b 3\na 3\nb 4\na 5\n", "a: 4.00\nb: 3.50\n"],
      ["one 100\n", "one: 100.00\n"],
      ["q 1\np 2 2 2 3\nq 2\n", "p: 2.25\nq: 1.50\n"],
    ],
    solution: `
import sys

marks = {}
for line in sys.stdin:
    name, *rest = line.split()
    marks.setdefault(name, []).extend(map(int, rest))
for name in sorted(marks):
    print(f"{name}: {sum(marks[name]) / len(marks[name]):.2f}")
`,
    wrong: `
import sys

for line in sorted(sys.stdin):
    name, *rest = line.split()
    print(f"{name}: {sum(map(int, rest)) / len(rest):.2f}")
`,
  },
  {
    id: "robot",
    kind: "program",

    statement:
      "A robot stands at 0 0 and looks north. The input is one line of commands: `L` and `R` turn it by a quarter, `F` followed by a whole number moves it so far ahead (`F3`). Print its place at the end as `x y`, east and north being positive.",
    examples: [
      ["F2RF3\n", "3 2\n"],
      ["L\n", "0 0\n"],
    ],
    hidden: [
      ["\n", "0 0\n"],
      ["F10\n", "0 10\n"],
      ["RF1RF1RF1RF1\n", "0 0\n"],
      ["LLF5\n", "0 -5\n"],
      ["F1LF2LF3LF4\n", "2 -2\n"],
      ["F12RF3\n", "3 12\n"],
      ["RRRF7F3\n", "-10 0\n"],
    ],
    solution: String.raw`
import re

x = y = 0
east, north = 0, 1
for command, steps in re.findall(r"([LRF])(\d*)", input()):
    if command == "L":
        east, north = -north, east
    elif command == "R":
        east, north = north, -east
    else:
        x += east * int(steps)
        y += north * int(steps)
print(x, y)
`,
    wrong: `
x = y = 0
east, north = 0, 1
for command in input():
    if command == "L":
        east, north = -north, east
    elif command == "R":
        east, north = north, -east
    elif command.isdigit():
        x += east * int(command)
        y += north * int(command)
print(x, y)
`,
  },
  {
    id: "bank",
    kind: "program",

    statement:
      "The first line of the input holds the number of accounts, which are numbered from 1 and empty. Each further line is a transfer `FROM TO AMOUNT`, where account 0 is the world outside, which always has enough. A transfer that an account cannot pay in full is refused and counted. Print the accounts' balances on one line with spaces between them, and the number of refused transfers on the next.",
    examples: [
      ["2\n0 1 10\n1 2 4\n", "6 4\n0\n"],
      ["1\n", "0\n0\n"],
    ],
    hidden: [
      ["1\n1 0 5\n", "0\n1\n"],
      ["3\n0 1 5\n1 2 5\n2 3 6\n2 3 5\n", "0 0 5\n1\n"],
      ["2\n0 1 3\n1 1 2\n1 0 3\n", "0 0\n0\n"],
      ["2\n0 2 7\n2 0 7\n2 0 1\n", "0 0\n1\n"],
      ["4\n0 1 1\n0 2 2\n0 3 3\n0 4 4\n4 1 4\n", "5 2 3 0\n0\n"],
      ["2\n1 2 0\n", "0 0\n0\n"],
      ["2\n0 1 10\n1 2 11\n1 2 10\n2 1 1\n", "1 9\n1\n"],
    ],
    solution: `
import sys

first, *rest = sys.stdin.read().splitlines()
balances = [0] * (int(first) + 1)
refused = 0
for line in rest:
    source, target, amount = map(int, line.split())
    if source and balances[source] < amount:
        refused += 1
        continue
    balances[source] -= amount
    balances[target] += amount
print(*balances[1:])
print(refused)
`,
    wrong: `
import sys

first, *rest = sys.stdin.read().splitlines()
balances = [0] * (int(first) + 1)
refused = 0
for line in rest:
    source, target, amount = map(int, line.split())
    balances[source] -= amount
    balances[target] += amount
    if source and balances[source] < 0:
        refused += 1
print(*balances[1:])
print(refused)
`,
  },
];
