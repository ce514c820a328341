/** Problems: programs. */
import type { WrittenProblem } from "rlvr/verifiers";

export const PROGRAMS: readonly WrittenProblem[] = [
  {
    id: "sum-of-lines",
    kind: "program",

    statement:
      "Each line of the input holds whole numbers with spaces between them. Print the sum of each line on a line of its own; an empty line has the sum 0. The last line ends with a line break.",
    examples: [
      ["1 2 3\n4 5\n", "6\n9\n"],
      ["7\n", "7\n"],
    ],
    hidden: [
      ["\n", "0\n"],
      ["-1 1\n", "0\n"],
      ["10 20 30\n\n5\n", "60\n0\n5\n"],
      ["0\n0\n0\n", "0\n0\n0\n"],
      ["1000000 1\n2\n", "1000001\n2\n"],
      ["  3   4  \n", "7\n"],
      ["1 1 1 1 1 1 1 1\n-8\n", "8\n-8\n"],
    ],
    solution: String.raw`
const lines = require("fs").readFileSync(0, "utf8").split("\n").slice(0, -1);
for (const line of lines) {
  console.log(line.split(" ").reduce((sum, word) => sum + Number(word), 0));
}
`,
    wrong: String.raw`
const lines = require("fs").readFileSync(0, "utf8").split("\n").filter((line) => line !== "");
for (const line of lines) {
  console.log(line.split(" ").reduce((sum, word) => sum + Number(word), 0));
}
`,
  },
  {
    id: "word-table",
    kind: "program",

    statement:
      "Count the words of the input; words are separated by white space, and case does not matter. Print each word in lower case with its count, as `word count`, most frequent first, words of equal count in alphabetical order.",
    examples: [
      ["the cat the dog\n", "the 2\ncat 1\ndog 1\n"],
      ["b a\n", "a 1\nb 1\n"],
    ],
    hidden: [
      ["x\n", "x 1\n"],
      ["Go go GO\nstop\n", "go 3\nstop 1\n"],
      ["a b c a b a\n", "a 3\nb 2\nc 1\n"],
      ["z\ny\nx\nz\n", "z 2\nx 1\ny 1\n"],
      ["one  two\tone\n", "one 2\ntwo 1\n"],
      ["B b A a c\n", "a 2\nb 2\nc 1\n"],
      ["ten two ten two six\n", "ten 2\ntwo 2\nsix 1\n"],
    ],
    solution: String.raw`
const words = require("fs").readFileSync(0, "utf8").toLowerCase().split(/\s+/).filter((word) => word !== "");
const counts = new Map();
for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
const rows = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1));
for (const [word, count] of rows) console.log(word + " " + count);
`,
    wrong: String.raw`
const words = require("fs").readFileSync(0, "utf8").toLowerCase().split(/\s+/).filter((word) => word !== "");
const counts = new Map();
for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
for (const [word, count] of [...counts].sort((a, b) => b[1] - a[1])) console.log(word + " " + count);
`,
  },
  {
    id: "life-steps",
    kind: "program",

    statement:
      "The first line holds the number of steps; the rest is a board of `.` and `#`. Play Conway's game of life for so many steps, with nothing living beyond the edges, and print the board. A cell lives on with two or three living neighbors of eight; an empty one comes to life with exactly three.",
    examples: [
      ["1\n.....\n..#..\n..#..\n..#..\n.....\n", ".....\n.....\n.###.\n.....\n.....\n"],
      ["0\n#.\n.#\n", "#.\n.#\n"],
    ],
    hidden: [
      ["1\n#\n", ".\n"],
      ["3\n....\n.##.\n.##.\n....\n", "....\n.##.\n.##.\n....\n"],
      ["2\n.....\n.###.\n.....\n.....\n.....\n", ".....\n.###.\n.....\n.....\n.....\n"],
      ["4\n.#....\n..#...\n###...\n......\n......\n......\n", "......\n..#...\n...#..\n.###..\n......\n......\n"],
      ["1\n###\n###\n###\n", "#.#\n...\n#.#\n"],
      ["5\n#..#\n.##.\n.##.\n#..#\n", ".##.\n#..#\n#..#\n.##.\n"],
      ["1\n##\n#.\n", "##\n##\n"],
    ],
    solution: String.raw`
const [first, ...rest] = require("fs").readFileSync(0, "utf8").trim().split("\n");
let board = rest;
const alive = (row, column) => (board[row]?.[column] === "#" ? 1 : 0);
const neighbors = (row, column) => {
  let count = -alive(row, column);
  for (const y of [-1, 0, 1]) for (const x of [-1, 0, 1]) count += alive(row + y, column + x);
  return count;
};
for (let step = 0; step < Number(first); step++) {
  board = board.map((line, row) =>
    [...line]
      .map((_, column) => {
        const count = neighbors(row, column);
        return count === 3 || (count === 2 && alive(row, column)) ? "#" : ".";
      })
      .join(""),
  );
}
console.log(board.join("\n"));
`,
    wrong: String.raw`
const [first, ...board] = require("fs").readFileSync(0, "utf8").trim().split("\n");
const alive = (row, column) => (board[row]?.[column] === "#" ? 1 : 0);
for (let step = 0; step < Number(first); step++) {
  for (let row = 0; row < board.length; row++) {
    let line = "";
    for (let column = 0; column < board[row].length; column++) {
      let count = -alive(row, column);
      for (const y of [-1, 0, 1]) for (const x of [-1, 0, 1]) count += alive(row + y, column + x);
      line += count === 3 || (count === 2 && alive(row, column)) ? "#" : ".";
    }
    board[row] = line;
  }
}
console.log(board.join("\n"));
`,
  },
  {
    id: "till",
    kind: "program",

    statement:
      "Each line of the input is a command for a till that is empty at first: `add PRICE`, `undo` (takes back the last add that still counts, if there is one) or `total` (prints the sum of what counts). Prices have two decimals; totals are printed with two.",
    examples: [
      ["add 1.50\nadd 2.25\ntotal\nundo\ntotal\n", "3.75\n1.50\n"],
      ["total\n", "0.00\n"],
    ],
    hidden: [
      ["undo\ntotal\n", "0.00\n"],
      ["add 0.10\nadd 0.20\ntotal\n", "0.30\n"],
      ["add 5.00\nundo\nundo\nadd 1.00\ntotal\n", "1.00\n"],
      ["add 1.00\nadd 2.00\nadd 3.00\nundo\nundo\ntotal\n", "1.00\n"],
      ["add 99.99\ntotal\nadd 0.01\ntotal\n", "99.99\n100.00\n"],
      ["add 1.10\nadd 2.20\nundo\nadd 3.30\ntotal\n", "4.40\n"],
      ["add 1.00\nadd 2.00\nundo\nundo\ntotal\nadd 4.50\ntotal\n", "0.00\n4.50\n"],
    ],
    solution: String.raw`
const commands = require("fs").readFileSync(0, "utf8").trim().split("\n");
const prices = [];
for (const command of commands) {
  const [word, price] = command.split(" ");
  if (word === "add") prices.push(Math.round(Number(price) * 100));
  else if (word === "undo") prices.pop();
  else console.log((prices.reduce((sum, cents) => sum + cents, 0) / 100).toFixed(2));
}
`,
    wrong: String.raw`
const commands = require("fs").readFileSync(0, "utf8").trim().split("\n");
let [total, last] = [0, 0];
for (const command of commands) {
  const [word, price] = command.split(" ");
  if (word === "add") {
    last = Number(price);
    total += last;
  } else if (word === "undo") {
    total -= last;
  } else {
    console.log(total.toFixed(2));
  }
}
`,
  },
];
