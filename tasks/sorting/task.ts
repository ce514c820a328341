/** Numbers or words put in order. The verifier asks for a permutation of the items that is in order; it stores no answer. */
import { DifficultyOptions, defineTask, graded, proceduralRows, type Rng, withDifficulty } from "rlvr/task";
import { answerTag } from "rlvr/verifiers";
import { z } from "zod";
import { WORDS } from "./words.ts";

const Row = z.strictObject({
  id: z.string(),
  difficulty: z.int().min(1).max(5),
  kind: z.enum(["numbers", "words"]),
  order: z.enum(["ascending", "descending"]),
  items: z
    .array(z.string().regex(/^(?:-?\d{1,3}(?:\.\d{1,2})?|[a-z]{2,8})$/))
    .min(2)
    .max(16),
});
type Problem = Pick<z.infer<typeof Row>, "kind" | "order" | "items">;

const MAX_CHARACTERS = 400; // of an answer; sixteen words with their commas have fewer

/** By difficulty: how many items, and how the numbers are written. */
const LEVELS: Readonly<Record<number, { count: number; number: (rng: Rng) => string }>> = {
  1: { count: 4, number: (rng) => String(rng.integer(0, 99)) },
  2: { count: 6, number: (rng) => String(rng.integer(0, 999)) },
  3: { count: 8, number: (rng) => String(rng.integer(-99, 99)) },
  4: { count: 11, number: (rng) => (rng.integer(-999, 999) / 10).toFixed(1).replace(/^-0\.0$/, "0.0") },
  5: { count: 16, number: (rng) => trimmed((rng.integer(-999, 999) / 100).toFixed(rng.integer(1, 2))) },
};

/** -0.0 is 0.0: there is one zero. */
const trimmed = (text: string) => text.replace(/^-(0\.0+)$/, "$1");

/** Below 0 where `a` stands before `b`. Letters are small and of ASCII, so code units are the alphabet. */
function compare(a: string, b: string, { kind, order }: Problem): number {
  const ascending = kind === "numbers" ? Number(a) - Number(b) : a < b ? -1 : a > b ? 1 : 0;
  return order === "ascending" ? ascending : -ascending;
}

function draw(rng: Rng, difficulty: number): Problem | null {
  const { count, number } = LEVELS[difficulty] as (typeof LEVELS)[number];
  const kind = rng.pick(["numbers", "words"] as const);
  const order = rng.pick(["ascending", "descending"] as const);
  const items: string[] = [];
  while (items.length < count) {
    const item = kind === "numbers" ? number(rng) : rng.pick(WORDS);
    if (kind === "numbers" || !items.includes(item)) items.push(item);
  }
  const problem = { kind, order, items };
  return inOrder(items, problem) ? null : problem; // the question would be the answer
}

const inOrder = (items: readonly string[], problem: Problem) =>
  items.every((item, i) => i === 0 || compare(items[i - 1] as string, item, problem) <= 0);

/** Insertion sort, written down: the list after each item. */
function solution(problem: Problem): string {
  let sorted: string[] = [];
  const steps = problem.items.map((item) => {
    const before = sorted.filter((other) => compare(other, item, problem) <= 0).length;
    sorted = sorted.toSpliced(before, 0, item);
    return sorted.join(", ");
  });
  return `<think>${steps.join("\n")}</think><answer>${sorted.join(", ")}</answer>`;
}

/** One text an item, equal for equal items: 1.50, 1.5 and +1.5 are one number. Null for what is no item. */
function canonical(item: string, { kind }: Problem): string | null {
  if (kind === "words") return /^[a-z]{1,8}$/i.test(item) ? item.toLowerCase() : null;
  return /^[+\-−]?\d{1,3}(?:\.\d{1,2})?$/.test(item) ? String(Number(item.replace("−", "-")) + 0) : null;
}

/** 1 for all the items, each as often as given, in order; between them stand commas or white space. */
function verifyOrder(completion: string, problem: Problem) {
  const extracted = answerTag(completion);
  if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
  const { answer } = extracted;
  if (answer.length > MAX_CHARACTERS) return graded(0, "unparsed", null, `more than ${MAX_CHARACTERS} characters`);
  const items = answer.split(/[\s,]+/).map((item) => canonical(item, problem));
  if (!items.every((item) => item !== null)) return graded(0, "unparsed", answer, `no list of ${problem.kind}`);

  const wanted = problem.items.map((item) => canonical(item, problem) as string);
  const isPermutation = items.toSorted().join() === wanted.toSorted().join();
  if (!isPermutation) return graded(0, "incorrect", answer, "not the given items", { permutation: 0 });
  return inOrder(items, problem)
    ? graded(1, "correct", answer, `${problem.order} order`, { permutation: 1 })
    : graded(0, "incorrect", answer, `not in ${problem.order} order`, { permutation: 1 });
}

const numbers: z.infer<typeof Row> = {
  id: "example",
  difficulty: 1,
  kind: "numbers",
  order: "ascending",
  items: ["31", "4", "15", "4"],
};
const words: z.infer<typeof Row> = { ...numbers, kind: "words", order: "descending", items: ["bee", "bed", "cat"] };

export default defineTask({
  name: "sorting",
  description: "numbers or words put in ascending or descending order",
  row: Row,
  options: DifficultyOptions,
  prompt: ({ kind, order, items }) =>
    `Put these ${kind} in ${order}${kind === "words" ? " alphabetical" : ""} order: ${items.join(", ")}. Give the list with commas in <answer></answer>.\n`,
  solution,
  verify: withDifficulty(verifyOrder),
  maxTokens: 1500, // characters; sixteen words, inserted one by one

  *load(split, seed, { difficulty }) {
    // The same items in another order, or to be put in the other one, are the same problem.
    const content = ({ items }: Problem) => items.toSorted().join();
    yield* proceduralRows({ name: "sorting", draw, content }, { split, seed, difficulty });
  },

  cases: [
    { row: numbers, completion: "<answer>4, 4, 15, 31</answer>", reward: 1 },
    { row: numbers, completion: "<think>4 is twice there</think><answer>4 4 15.0 31</answer>", reward: 1 },
    { row: words, completion: "<answer>cat, bee, bed</answer>", reward: 1 },
    { row: numbers, completion: "<answer>31, 15, 4, 4</answer>", reward: 0 },
    { row: numbers, completion: "<answer>4, 15, 31</answer>", reward: 0 }, // one 4 is lost
    { row: numbers, completion: "<answer>1, 2, 3, 4</answer>", reward: 0 }, // in order, but other numbers
    { row: words, completion: "<answer>bed, bee, cat</answer>", reward: 0 },
    { row: words, completion: "<answer>cat > bee > bed</answer>", reward: 0 },
    { row: numbers, completion: "4, 4, 15, 31", reward: 0 },
  ],
});
