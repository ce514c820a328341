/**
 * Word problems of grade school with a whole number as the answer: GSM8K (https://arxiv.org/abs/2110.14168) from a path, or
 * a small sample of our own in the same layout.
 */
import { defineTask, readableRows, readSplit } from "rlvr/task";
import { checkGold, mathAnswer } from "rlvr/verifiers";
import { z } from "zod";

const EXPECTED =
  "GSM8K, which is openai/gsm8k on the Hub and openai/grade-school-math on GitHub: train.jsonl and test.jsonl, or " +
  "main/train-00000-of-00001.parquet and main/test-00000-of-00001.parquet, with the fields question and answer";

const Row = z.strictObject({
  id: z.string(),
  question: z.string(),
  answer: z.string().describe("the number behind ####"),
  solution: z.string().describe("worked out in words, without the answer's line"),
});

const Options = z.strictObject({
  path: z.string().optional().describe("a folder or file with GSM8K; our own sample without it"),
  unreadable: z.enum(["refuse", "skip"]).default("refuse").describe("what becomes of rows whose answer is no number"),
});

const Public = z.object({ question: z.string().min(1), answer: z.string() });

/** `6*2 = <<6*2=12>>12\n#### 12` → the text without the calculator's marks, and 12. Without #### the answer is empty. */
function parseAnswer(text: string): { solution: string; answer: string } {
  const mark = text.lastIndexOf("####");
  if (mark === -1) return { solution: text, answer: "" };
  const solution = text.slice(0, mark).replaceAll(/<<[^<>]{0,200}>>/g, "");
  return { solution: solution.trim(), answer: text.slice(mark + "####".length).trim() };
}

const example: z.infer<typeof Row> = {
  id: "example",
  question: "A crate holds 24 bottles. How many bottles are in 50 crates?",
  answer: "1,200",
  solution: "There are 24 * 50 = 1200 bottles.",
};

export default defineTask({
  name: "gsm8k",
  description: "word problems of grade school: GSM8K from a path, or a small sample of our own",
  row: Row,
  options: Options,
  prompt: ({ question }) => `${question}\nThink step by step, and end with a line "#### " and the number.\n`,
  solution: ({ solution, answer }) => `${solution}\n#### ${answer}`,
  verify: mathAnswer({ preset: "gsm8k" }),
  // of a trainer that has the last line's number, or all of GSM8K's answer
  fromAnswer: (answer, prompt) => {
    const text = String(answer);
    const parsed = text.includes("####") ? parseAnswer(text) : { solution: "", answer: text };
    return { id: "request", question: prompt, ...parsed };
  },
  audit: { answers: "number" },
  maxTokens: 1500, // characters; the longest solution of GSM8K has 1,200

  async *load(split, _seed, { path, unreadable }) {
    const place = path ?? new URL("./sample", import.meta.url);
    const content = ({ question }: z.infer<typeof Public>) => question;
    const rows = readSplit(place, split, { schema: Public, expected: EXPECTED, content, skip: /socratic/ });
    const check = ({ answer }: z.infer<typeof Public>) => checkGold(parseAnswer(answer).answer, { preset: "gsm8k" });
    const readable = await readableRows(rows, { check, name: String(place), unreadable });
    for (const [i, { question, answer }] of readable.entries()) {
      yield { id: `${split}-${i}`, question, ...parseAnswer(answer) };
    }
  },

  cases: [
    { row: example, completion: "24 * 50 = 1200\n#### 1200", reward: 1 },
    { row: example, completion: "So it is \\boxed{1,200}.", reward: 1 },
    { row: example, completion: "#### 1200 bottles", reward: 1 },
    { row: example, completion: "24 * 50 = 1200\n#### 120", reward: 0 },
    { row: example, completion: "#### 24 * 50", reward: 0 }, // to be worked out
    { row: example, completion: "#### 1200\n#### 1201", reward: 0 }, // the last line counts
    { row: example, completion: "#### 1200 or 1201", reward: 0 },
    { row: example, completion: "The answer is 1200.", reward: 0 }, // not where the prompt asks for it
  ],
});
