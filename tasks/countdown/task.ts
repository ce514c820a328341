/**
 * Reach a target from three numbers with + − × ÷, each used exactly once: the task of TinyZero
 * (https://github.com/Jiayi-Pan/TinyZero), with three numbers.
 *
 * A triple of numbers, in whatever order, belongs to one split only: a hash decides.
 */
import { defineTask, graded, hashText, Rng, type Split } from "rlvr/task";
import { fractionText, layoutAnswer, parseExpression, parseLayout, withMetrics, writtenSteps } from "rlvr/verifiers";
import { z } from "zod";
import { LIMIT, trace, tries } from "./search.ts";

const LARGEST = 20;
const EVAL_ROWS = 1000;
const EVAL_SHARE = 10; // one triple in ten
const MAX_TOKENS = 160; // nine searches in ten fit

const Row = z.strictObject({
  id: z.string(),
  numbers: z.tuple([z.int(), z.int(), z.int()]).describe("1..20, may repeat"),
  target: z.int().min(1).max(LIMIT).describe("reachable through positive whole intermediate results"),
});
type Problem = Pick<z.infer<typeof Row>, "numbers" | "target">;

/** Equal for the same numbers in another order. */
const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b).join(",");

const splitOf = (numbers: readonly number[]): Split =>
  hashText(sorted(numbers)) % EVAL_SHARE === 0 ? "eval" : "train";

/** The search up to its first success, and that as the answer. */
function solution({ numbers, target }: Problem): string {
  const all = tries(numbers);
  const tried = all.slice(0, all.findIndex(({ second }) => second.result === target) + 1);
  return `<think>${trace(tried)}</think><answer>${tried.at(-1)?.expression}</answer>`;
}

/** Three numbers of the split and the value of one of their expressions; drawn again where the search is too long. */
function draw(rng: Rng, split: Split): Problem {
  for (;;) {
    const numbers: Problem["numbers"] = [rng.integer(1, LARGEST), rng.integer(1, LARGEST), rng.integer(1, LARGEST)];
    if (splitOf(numbers) !== split) continue;
    const problem = { numbers, target: rng.pick(tries(numbers)).second.result };
    if (solution(problem).length < MAX_TOKENS) return problem; // one token stays for the end of the sequence
  }
}

/** 1 for an expression over exactly these numbers whose value is exactly the target. */
function verifyExpression(completion: string, { numbers, target }: Problem) {
  const extracted = layoutAnswer(completion);
  if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
  const { answer } = extracted;
  const parsed = parseExpression(answer);
  if (!parsed.ok) return graded(0, "unparsed", answer, `the answer ${parsed.reason}`);

  const used = sorted(parsed.literals.map(Number));
  if (used !== sorted(numbers)) return graded(0, "incorrect", answer, `uses ${used}, expected ${sorted(numbers)}`);
  if (parsed.value === null) return graded(0, "incorrect", answer, "divides by 0");
  const value = fractionText(parsed.value);
  return value === String(target)
    ? graded(1, "correct", answer, `is ${target}`)
    : graded(0, "incorrect", answer, `is ${value}, expected ${target}`);
}

const example: z.infer<typeof Row> = { id: "example", numbers: [3, 7, 20], target: 41 };

export default defineTask({
  name: "countdown",
  description: "reach a target from three numbers with + - * /, each used once",
  row: Row,
  prompt: ({ numbers, target }) => `[${numbers.join(",")}]=${target}:`,
  solution,
  maxTokens: MAX_TOKENS,

  verify: withMetrics(verifyExpression, (completion) => {
    const steps = writtenSteps(completion);
    return { layout: parseLayout(completion).ok ? 1 : 0, steps: steps.count, steps_true: steps.trueShare };
  }),

  /** train is endless; eval is the same 1,000 distinct problems whatever the seed. */
  *load(split, seed) {
    const rng = split === "train" ? new Rng(seed, "countdown/train") : new Rng(0, "countdown/eval");
    const seen = new Set<string>();
    for (let i = 0; split === "train" || i < EVAL_ROWS; ) {
      const problem = draw(rng, split);
      if (split === "eval") {
        const key = `${sorted(problem.numbers)}=${problem.target}`;
        if (seen.has(key)) continue;
        seen.add(key);
      }
      yield { id: `${split}-${i++}`, ...problem };
    }
  },

  cases: [
    { row: example, completion: "<think>3*7=21,21+20=41</think><answer>3*7+20</answer>", reward: 1 },
    { row: example, completion: "<think></think><answer>20 + (7 * 3)</answer>", reward: 1 },
    { row: example, completion: "<think>3+7=10,10+20=30</think><answer>3+7+20</answer>", reward: 0 },
    { row: example, completion: "<think></think><answer>41</answer>", reward: 0 }, // none of the numbers
    { row: example, completion: "<think></think><answer>20+7+7+7</answer>", reward: 0 }, // 7 three times, and 41
    { row: example, completion: "<think></think><answer>20/(3-3)*7</answer>", reward: 0 },
    { row: example, completion: "<think></think><answer>3*7+20=41</answer>", reward: 0 }, // no expression
    { row: example, completion: "3*7+20", reward: 0 }, // no layout
  ],
});
