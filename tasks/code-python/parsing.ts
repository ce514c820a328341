/** Problems: parsing. */
import type { WrittenProblem } from "rlvr/verifiers";

export const PARSING: readonly WrittenProblem[] = [
  {
    id: "postfix",
    kind: "calls",
    signature: "postfix(expression)",
    statement:
      "The value of a postfix expression of whole numbers and + - * // with spaces between, where // rounds down. There is no division by zero.",
    examples: [
      [["3 4 +"], 7],
      [["5 1 2 + 4 * + 3 -"], 14],
    ],
    hidden: [
      [["7"], 7],
      [["8 3 //"], 2],
      [["-7 2 //"], -4],
      [["2 3 4 * +"], 14],
      [["10 2 3 - -"], 11],
      [["1 2 3 4 + + +"], 10],
      [["6 2 // 3 *"], 9],
    ],
    solution: `
def postfix(expression):
    stack = []
    for token in expression.split():
        if token in ("+", "-", "*", "//"):
            right = stack.pop()
            left = stack.pop()
            stack.append({"+": left + right, "-": left - right, "*": left * right}[token] if token != "//" else left // right)
        else:
            stack.append(int(token))
    return stack[0]
`,
    wrong: `
def postfix(expression):
    stack = []
    for token in expression.split():
        if token in ("+", "-", "*", "//"):
            right = stack.pop()
            left = stack.pop()
            stack.append(int(eval(f"{left} {token[0]} {right}")))
        else:
            stack.append(int(token))
    return stack[0]
`,
  },
  {
    id: "duration",
    kind: "calls",
    signature: "seconds(duration)",
    statement:
      "The seconds of a duration such as `1h30m5s`: numbers with one of the units d, h, m, s, in this order, each unit at most once. None for any other text, the empty one too.",
    examples: [
      [["1h30m5s"], 5405],
      [["90"], null],
    ],
    hidden: [
      [["5s"], 5],
      [[""], null],
      [["1d"], 86400],
      [["5s1h"], null],
      [["1m1m"], null],
      [["0h0m"], 0],
      [["100h"], 360000],
      [["h"], null],
      [["1d2h3m4s"], 93784],
    ],
    solution: String.raw`
import re


def seconds(duration):
    match = re.fullmatch(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?", duration)
    if not duration or match is None:
        return None
    return sum(int(n or 0) * unit for n, unit in zip(match.groups(), (86400, 3600, 60, 1)))
`,
    wrong: String.raw`
import re


def seconds(duration):
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    parts = re.findall(r"(\d+)([dhms])", duration)
    return sum(int(n) * units[unit] for n, unit in parts) if parts else None
`,
  },
  {
    id: "ini-file",
    kind: "calls",
    signature: "parse_ini(text)",
    statement:
      "The contents of an INI text: a dict of sections, each a dict of texts. `[name]` begins a section, `key = value` stands in it, spaces around all parts do not count. Empty lines and lines that begin with `;` are left out, keys before the first section too. Sections and keys that come again add to or replace what was there.",
    examples: [
      [["[a]\nx = 1\n"], { a: { x: "1" } }],
      [["; nothing\n"], {}],
    ],
    hidden: [
      [[""], {}],
      [["x=1\n[s]\ny = 2"], { s: { y: "2" } }],
      [["[a]\n[b]\nk = v = w"], { a: {}, b: { k: "v = w" } }],
      [["[a]\nx=1\n[b]\n[a]\nx=2\ny=3"], { a: { x: "2", y: "3" }, b: {} }],
      [["  [ padded ]  \n  k=  v  "], { padded: { k: "v" } }],
      [["[a]\n;x=1\n\ny="], { a: { y: "" } }],
      [["[one]\na=1\nb=2\n[two]\na=3"], { one: { a: "1", b: "2" }, two: { a: "3" } }],
    ],
    solution: `
def parse_ini(text):
    sections = {}
    current = None
    for line in map(str.strip, text.splitlines()):
        if not line or line.startswith(";"):
            continue
        if line.startswith("["):
            current = sections.setdefault(line[1:-1].strip(), {})
        elif current is not None:
            key, _, value = line.partition("=")
            current[key.strip()] = value.strip()
    return sections
`,
    wrong: `
def parse_ini(text):
    sections = {}
    current = {}
    for line in text.splitlines():
        if line.startswith("["):
            current = sections[line[1:-1]] = {}
        elif "=" in line and not line.startswith(";"):
            key, value = line.split("=", 1)
            current[key.strip()] = value.strip()
    return sections
`,
  },
];
