/** Problems: strings. */
import type { WrittenProblem } from "rlvr/verifiers";

export const STRINGS: readonly WrittenProblem[] = [
  {
    id: "caesar-shift",
    kind: "calls",
    signature: "caesarShift(text, shift)",
    statement:
      "Move every letter of `text` by `shift` places in the alphabet, around its end. Case stays, other characters stay. `shift` may be negative or large.",
    examples: [
      [["abc", 1], "bcd"],
      [["Hello, World!", 3], "Khoor, Zruog!"],
    ],
    hidden: [
      [["xyz", 3], "abc"],
      [["", 5], ""],
      [["Zebra", -1], "Ydaqz"],
      [["a1b2", 26], "a1b2"],
      [["Wrap", 53], "Xsbq"],
      [["abc", -53], "zab"],
      [["ÄÖ z", 1], "ÄÖ a"],
    ],
    solution: `
function caesarShift(text, shift) {
  const step = ((shift % 26) + 26) % 26;
  return text.replace(/[a-z]/gi, (letter) => {
    const base = letter < "a" ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + step) % 26) + base);
  });
}
`,
    wrong: `
function caesarShift(text, shift) {
  return text.replace(/[a-z]/gi, (letter) => {
    const base = letter < "a" ? 65 : 97;
    return String.fromCharCode(((letter.charCodeAt(0) - base + shift) % 26) + base);
  });
}
`,
  },
  {
    id: "run-lengths",
    kind: "calls",
    signature: "runLengths(text)",
    statement: "The runs of equal characters of `text`, in order, each as a list of the character and its count.",
    examples: [
      [
        ["aab"],
        [
          ["a", 2],
          ["b", 1],
        ],
      ],
      [["zzzz"], [["z", 4]]],
    ],
    hidden: [
      [[""], []],
      [
        ["abc"],
        [
          ["a", 1],
          ["b", 1],
          ["c", 1],
        ],
      ],
      [
        ["aabbaa"],
        [
          ["a", 2],
          ["b", 2],
          ["a", 2],
        ],
      ],
      [
        ["  x"],
        [
          [" ", 2],
          ["x", 1],
        ],
      ],
      [
        ["1112"],
        [
          ["1", 3],
          ["2", 1],
        ],
      ],
      [
        ["AaA"],
        [
          ["A", 1],
          ["a", 1],
          ["A", 1],
        ],
      ],
      [
        ["mississippi"],
        [
          ["m", 1],
          ["i", 1],
          ["s", 2],
          ["i", 1],
          ["s", 2],
          ["i", 1],
          ["p", 2],
          ["i", 1],
        ],
      ],
    ],
    solution: `
function runLengths(text) {
  const runs = [];
  for (const character of text) {
    const last = runs.at(-1);
    if (last !== undefined && last[0] === character) last[1]++;
    else runs.push([character, 1]);
  }
  return runs;
}
`,
    wrong: `
function runLengths(text) {
  const counts = new Map();
  for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
  return [...counts];
}
`,
  },
  {
    id: "longest-palindrome",
    kind: "calls",
    signature: "longestPalindrome(text)",
    statement:
      "The longest palindrome inside `text`; the leftmost of several that are equally long. An empty text gives an empty text.",
    examples: [
      [["babad"], "bab"],
      [["cbbd"], "bb"],
    ],
    hidden: [
      [[""], ""],
      [["a"], "a"],
      [["abacdfgdcaba"], "aba"],
      [["aaaa"], "aaaa"],
      [["forgeeksskeegfor"], "geeksskeeg"],
      [["abcde"], "a"],
      [["xabbay"], "abba"],
      [["noonracecar"], "racecar"],
    ],
    solution: `
function longestPalindrome(text) {
  let best = "";
  for (let center = 0; center < text.length; center++) {
    for (const width of [0, 1]) {
      let [left, right] = [center, center + width];
      while (left >= 0 && right < text.length && text[left] === text[right]) {
        left--;
        right++;
      }
      if (right - left - 1 > best.length) best = text.slice(left + 1, right);
    }
  }
  return best;
}
`,
    wrong: `
function longestPalindrome(text) {
  let best = "";
  for (let center = 0; center < text.length; center++) {
    let reach = 0;
    while (center - reach >= 0 && center + reach < text.length && text[center - reach] === text[center + reach]) reach++;
    if (2 * reach - 1 > best.length) best = text.slice(center - reach + 1, center + reach);
  }
  return best;
}
`,
  },
  {
    id: "anagram-groups",
    kind: "calls",
    signature: "anagramGroups(words)",
    statement:
      "Groups of words that are anagrams of each other. Words keep their order inside a group; groups are in the order of their first words.",
    examples: [
      [[["tea", "cat", "eat"]], [["tea", "eat"], ["cat"]]],
      [[["a"]], [["a"]]],
    ],
    hidden: [
      [[[]], []],
      [[["ab", "ba", "abc", "cab", "x"]], [["ab", "ba"], ["abc", "cab"], ["x"]]],
      [
        [["aab", "abb", "bab", "baa"]],
        [
          ["aab", "baa"],
          ["abb", "bab"],
        ],
      ],
      [[["", ""]], [["", ""]]],
      [[["stop", "pots", "tops", "spot", "opts"]], [["stop", "pots", "tops", "spot", "opts"]]],
      [[["x", "y", "x"]], [["x", "x"], ["y"]]],
      [[["listen", "silent", "google", "enlist"]], [["listen", "silent", "enlist"], ["google"]]],
    ],
    solution: `
function anagramGroups(words) {
  const groups = new Map();
  for (const word of words) {
    const key = [...word].sort().join("");
    groups.set(key, [...(groups.get(key) ?? []), word]);
  }
  return [...groups.values()];
}
`,
    wrong: `
function anagramGroups(words) {
  const groups = new Map();
  for (const word of words) {
    const key = [...new Set(word)].sort().join("");
    groups.set(key, [...(groups.get(key) ?? []), word]);
  }
  return [...groups.values()];
}
`,
  },
  {
    id: "common-word",
    kind: "calls",
    signature: "commonWord(text)",
    statement:
      "The word that occurs most often in `text`, in lower case; the alphabetically first of several. Words are runs of the letters a to z in any case. No word gives null.",
    examples: [
      [["The cat and the dog"], "the"],
      [["b a"], "a"],
    ],
    hidden: [
      [[""], null],
      [["..."], null],
      [["It's its own. Its!"], "its"],
      [["One two TWO one"], "one"],
      [["z z y y x"], "y"],
      [["a-b-a"], "a"],
      [["x1x2y"], "x"],
    ],
    solution: `
function commonWord(text) {
  const counts = new Map();
  for (const [word] of text.toLowerCase().matchAll(/[a-z]+/g)) counts.set(word, (counts.get(word) ?? 0) + 1);
  let best = null;
  for (const [word, count] of [...counts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (best === null || count > counts.get(best)) best = word;
  }
  return best;
}
`,
    wrong: `
function commonWord(text) {
  const counts = new Map();
  for (const word of text.toLowerCase().split(" ")) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
}
`,
  },
  {
    id: "glob-match",
    kind: "calls",
    signature: "globMatch(pattern, text)",
    statement:
      "Whether `pattern` matches the whole `text`. `?` stands for any one character, `*` for any number of characters, everything else for itself.",
    examples: [
      [["a*c", "abbc"], true],
      [["?", ""], false],
    ],
    hidden: [
      [["*", ""], true],
      [["", ""], true],
      [["", "a"], false],
      [["a?c", "abc"], true],
      [["*ab*", "xxabyy"], true],
      [["a*b*c", "aXbYbZc"], true],
      [["a*b", "ab c"], false],
      [["**a", "bba"], true],
      [[".", "x"], false],
      [["*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaa"], false],
    ],
    solution: `
function globMatch(pattern, text) {
  let reached = new Set([0]);
  for (const symbol of pattern) {
    const next = new Set();
    if (symbol === "*") {
      for (let at = Math.min(...reached); at <= text.length; at++) next.add(at);
    } else {
      for (const at of reached) if (at < text.length && (symbol === "?" || symbol === text[at])) next.add(at + 1);
    }
    if (next.size === 0) return false;
    reached = next;
  }
  return reached.has(text.length);
}
`,
    wrong: `
function globMatch(pattern, text) {
  return new RegExp("^" + pattern.replaceAll("?", ".").replaceAll("*", ".*") + "$").test(text);
}
`,
  },
];
