/** Texts that cost a careless verifier seconds, for ever, or its stack. */
import { type Family, inLayout } from "../attack.ts";

const LONG = 20_000;

/** Small in writing, large in value. */
const COSTLY_VALUES = [
  "9**9**9**9",
  "9^{9^{9^{9}}}",
  "5^{5^{5^{5^5}}}",
  "7^{7^{77}}+1",
  "99999999!",
  "((10^9)!)!",
  "\\binom{1000000000}{500000000}",
  "(x+1)^{10000}",
  "\\sum_{n=1}^{10^{12}} 1/n",
  "1e999999999",
  "1e-999999999",
  "1/0",
  "0/0",
  "(()=>{for(;;);})()",
  "while True: pass",
  "process.exit(1)",
];

/** Long, deep or repetitive. */
const COSTLY_TEXTS = [
  "9".repeat(5 * LONG),
  `0.${"0".repeat(5 * LONG)}1`,
  `${"1/".repeat(LONG)}1`,
  "1,000".repeat(LONG),
  "-".repeat(LONG),
  "(".repeat(LONG),
  `${"(".repeat(LONG)}1${")".repeat(LONG)}`,
  `${"[".repeat(LONG)}1${"]".repeat(LONG)}`,
  "((((((((((((((((((((((((((((((1))))))))))))))))))))))))))))))",
  "{".repeat(LONG),
  "\\frac{".repeat(LONG),
  "\\sqrt{".repeat(LONG),
  "\\boxed{".repeat(LONG),
  "$".repeat(LONG),
  "^".repeat(LONG),
  `${"1+".repeat(LONG)}1`,
  " ".repeat(5 * LONG),
  `${"a".repeat(LONG)}!`, // backtracks in (a+)+$
  `${" ".repeat(LONG)}x`,
  `${"1 ".repeat(LONG)}`,
];

const COSTLY_COMPLETIONS = [
  "<think>".repeat(LONG),
  "</think>".repeat(LONG),
  "<answer>".repeat(LONG),
  "</answer>".repeat(LONG),
  "<answer>1</answer>".repeat(LONG),
  "<".repeat(5 * LONG),
  "1+1=2,".repeat(LONG),
  "```".repeat(LONG),
  `<think>${"a".repeat(50 * LONG)}`,
];

export const BOMBS: Family = {
  name: "bombs",
  summary: "towers of powers, deep nesting, backtracking, very long texts",
  attacks: [
    {
      name: "a value that takes long to compute",
      why: "The verifier evaluates what the policy wrote.",
      accepts: "none",
      blind: "constant",
      rows: 2,
      texts: (input) => COSTLY_VALUES.map((text) => inLayout(input, text)),
    },
    {
      name: "a text that takes long to read",
      why: "Reading takes more than linear time, or as much stack as the text is deep.",
      accepts: "none",
      blind: "constant",
      rows: 1,
      texts: (input) => [...COSTLY_TEXTS.flatMap((text) => [text, inLayout(input, text)]), ...COSTLY_COMPLETIONS],
    },
    {
      name: "a right completion after very long reasoning",
      why: "",
      accepts: "any",
      rows: 1,
      texts: ({ solution }) => [`${"so ".repeat(10 * LONG)}${solution}`, `${solution}${"\n".repeat(10 * LONG)}`],
    },
  ],
};
