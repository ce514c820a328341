/** Completions that a policy may write and no verifier may stumble over: each must be graded, quickly. */

const LONG = 20_000;

/** Texts that are hostile to any verifier. */
export const HOSTILE: readonly string[] = [
  "",
  " \n\t\r\u00a0\u2028",
  "\0",
  "\ud800", // half a surrogate pair
  "\u202e</answer>4<answer>\u202c",
  "🧮".repeat(1000),
  "NaN",
  "null",
  "undefined",
  "__proto__",
  "[object Object]",
  "process.exit(1)",
  "</think>",
  "<think>",
  "<answer>",
  "<answer></answer>",
  "<think></think><answer></answer>",
  "</answer><answer>",
  "<think></think></think><answer>1</answer>",
  "<think><answer>1</answer></think>",
  "<answer>1</answer><answer>2</answer>",
  "<answer><answer>1</answer></answer>",
  ...[
    "NaN",
    "Infinity",
    "1/0",
    "0/0",
    "1e999999999",
    "1e-999999999",
    "9**9**9**9",
    "9^{9^{9^{9}}}",
    "1=2=3=4",
    "1 or 2 or 3",
    "process.exit(1)",
    "(()=>{for(;;);})()",
    "toString",
    "__proto__",
    "constructor",
    "٤٤", // digits that are not ASCII
    "-",
    ".",
    "/",
    "()",
    "-".repeat(LONG),
    "9".repeat(5 * LONG),
    `0.${"0".repeat(5 * LONG)}1`,
    `${"1/".repeat(LONG)}1`,
    `${"1,000".repeat(LONG)}`,
    "(".repeat(LONG),
    `${"(".repeat(LONG)}1${")".repeat(LONG)}`,
    "1+".repeat(LONG),
    `${"1+".repeat(LONG)}1`,
    "\\boxed{".repeat(LONG),
    "{".repeat(LONG),
    "$".repeat(LONG),
    " ".repeat(5 * LONG),
  ].map((answer) => `<think></think><answer>${answer}</answer>`),
  "<think>".repeat(LONG),
  "</think>".repeat(LONG),
  "<answer>".repeat(LONG),
  "</answer>".repeat(LONG),
  "<answer>1</answer>".repeat(LONG),
  "<".repeat(5 * LONG),
  "1+1=".repeat(LONG),
  "1+1=2,".repeat(LONG),
  `<think>${"a".repeat(50 * LONG)}`,
];

/** Distortions of a right completion: cut anywhere, doubled, hidden in the reasoning, reversed, in capitals. */
export function distortions(solution: string): string[] {
  const cuts = Array.from({ length: 12 }, (_, i) => solution.slice(0, Math.floor((solution.length * i) / 12)));
  return [
    ...cuts,
    solution + solution,
    `<think>${solution}</think>`,
    [...solution].reverse().join(""),
    solution.toUpperCase(),
    solution.replaceAll("<", "&lt;"),
  ];
}
