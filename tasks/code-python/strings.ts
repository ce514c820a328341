/** Problems: strings. */
import type { WrittenProblem } from "rlvr/verifiers";

export const STRINGS: readonly WrittenProblem[] = [
  {
    id: "vowel-swap",
    kind: "calls",
    signature: "swap_vowels(text)",
    statement: "`text` with its vowels (aeiou in either case) in reverse order; everything else stays where it is.",
    examples: [
      [["hello"], "holle"],
      [["a b c"], "a b c"],
    ],
    hidden: [
      [[""], ""],
      [["AeI"], "IeA"],
      [["xyz"], "xyz"],
      [["programming"], "prigrammong"],
      [["Ooze"], "eozO"],
      [["aaa"], "aaa"],
      [["queue up"], "queue up"],
    ],
    solution: `
def swap_vowels(text):
    vowels = [c for c in text if c in "aeiouAEIOU"]
    return "".join(vowels.pop() if c in "aeiouAEIOU" else c for c in text)
`,
    wrong: `
def swap_vowels(text):
    vowels = [c for c in text if c in "aeiou"]
    return "".join(vowels.pop() if c in "aeiou" else c for c in text)
`,
  },
  {
    id: "snake-case",
    kind: "calls",
    signature: "snake_case(name)",
    statement:
      "A camel-case name in snake case: every capital letter becomes a small one, with an underscore before it unless it is the first character. In a run of capitals only the first has the underscore, and the last too where a small letter follows it.",
    examples: [
      [["camelCase"], "camel_case"],
      [["parseHTMLText"], "parse_html_text"],
    ],
    hidden: [
      [[""], ""],
      [["Simple"], "simple"],
      [["aB"], "a_b"],
      [["HTTP"], "http"],
      [["getURL"], "get_url"],
      [["XMLParser"], "xml_parser"],
      [["already"], "already"],
      [["aBCd"], "a_b_cd"],
      [["ABCd"], "ab_cd"],
    ],
    solution: String.raw`
import re


def snake_case(name):
    name = re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", name)
    return re.sub(r"([a-z])([A-Z])", r"\1_\2", name).lower()
`,
    wrong: `
def snake_case(name):
    return "".join("_" + c.lower() if c.isupper() and i else c.lower() for i, c in enumerate(name))
`,
  },
  {
    id: "expand-runs",
    kind: "calls",
    signature: "expand(text)",
    statement:
      "The text that a run-length form stands for: a number before a character says how often it is repeated, no number means once. `3a2bc` stands for `aaabbc`.",
    examples: [
      [["3a2bc"], "aaabbc"],
      [["xyz"], "xyz"],
    ],
    hidden: [
      [[""], ""],
      [["10z"], "zzzzzzzzzz"],
      [["0a1b"], "b"],
      [["2 3!"], "  !!!"],
      [["a12bc"], "abbbbbbbbbbbbc"],
      [["1a1b1c"], "abc"],
      [["3a0b2c"], "aaacc"],
    ],
    solution: String.raw`
import re


def expand(text):
    return "".join(c * int(n or 1) for n, c in re.findall(r"(\d*)(\D)", text))
`,
    wrong: `
def expand(text):
    result = ""
    count = 1
    for c in text:
        if c.isdigit():
            count = int(c)
        else:
            result += c * count
            count = 1
    return result
`,
  },
  {
    id: "common-prefix",
    kind: "calls",
    signature: "common_prefix(words)",
    statement: "The longest text that all words begin with; the empty text for an empty list.",
    examples: [
      [[["flower", "flow", "flight"]], "fl"],
      [[["a", "b"]], ""],
    ],
    hidden: [
      [[[]], ""],
      [[["alone"]], "alone"],
      [[["same", "same"]], "same"],
      [[["", "x"]], ""],
      [[["inter", "internet", "interval"]], "inter"],
      [[["ab", "abc", "a"]], "a"],
      [[["xa", "ya", "xa"]], ""],
      [[["aab", "aac", "abb"]], "a"],
    ],
    solution: `
def common_prefix(words):
    if not words:
        return ""
    first, last = min(words), max(words)
    length = 0
    while length < min(len(first), len(last)) and first[length] == last[length]:
        length += 1
    return first[:length]
`,
    wrong: `
def common_prefix(words):
    prefix = ""
    for letters in zip(*words):
        if len(set(letters)) == 1:
            prefix += letters[0]
    return prefix
`,
  },
  {
    id: "wrap-words",
    kind: "calls",
    signature: "wrap(text, width)",
    statement:
      "The words of `text` filled into lines of at most `width` characters, with one space between words, as a list. A longer word has a line of its own.",
    examples: [
      [
        ["the quick brown fox", 10],
        ["the quick", "brown fox"],
      ],
      [["a", 5], ["a"]],
    ],
    hidden: [
      [["", 3], []],
      [["aa bb", 5], ["aa bb"]],
      [
        ["aa bb", 4],
        ["aa", "bb"],
      ],
      [
        ["extraordinary day", 5],
        ["extraordinary", "day"],
      ],
      [
        ["  spaced   out  ", 8],
        ["spaced", "out"],
      ],
      [
        ["one two three four five", 9],
        ["one two", "three", "four five"],
      ],
      [
        ["x yy zzz", 1],
        ["x", "yy", "zzz"],
      ],
    ],
    solution: `
def wrap(text, width):
    lines = []
    for word in text.split():
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines
`,
    wrong: `
def wrap(text, width):
    lines = []
    for word in text.split():
        if lines and len(lines[-1]) + len(word) <= width:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines
`,
  },
  {
    id: "isbn-check",
    kind: "calls",
    signature: "is_isbn(text)",
    statement:
      "Whether `text` is an ISBN of ten characters: nine digits and a digit or `X` (worth 10), with hyphens anywhere between. The sum of ten times the first, nine times the second, … and once the last is divisible by 11.",
    examples: [
      [["0-306-40615-2"], true],
      [["123"], false],
    ],
    hidden: [
      [["080442957X"], true],
      [["0804429570"], false],
      [["0-8044-2957-X"], true],
      [["X804429570"], false],
      [["0306406153"], false],
      [[""], false],
      [["99921-58-10-7"], true],
      [["03064061522"], false],
    ],
    solution: `
def is_isbn(text):
    digits = text.replace("-", "")
    if len(digits) != 10 or not digits[:9].isdigit() or digits[9] not in "0123456789X":
        return False
    values = [10 if c == "X" else int(c) for c in digits]
    return sum((10 - i) * value for i, value in enumerate(values)) % 11 == 0
`,
    wrong: `
def is_isbn(text):
    digits = [int(c) for c in text if c.isdigit()]
    return len(digits) == 10 and sum((10 - i) * d for i, d in enumerate(digits)) % 11 == 0
`,
  },
];
