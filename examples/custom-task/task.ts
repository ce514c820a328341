/** Count a letter in a word: a task of one's own, with a verifier of one's own. */
import { defineTask, graded, Rng } from "rlvr/task";
import { answerTag } from "rlvr/verifiers";
import { z } from "zod";

const Row = z.strictObject({ id: z.string(), word: z.string(), letter: z.string().length(1) });

const LETTERS = { train: "abcde", eval: "rstuv" }; // disjoint: no eval word is a train word
const example = { id: "example", word: "rurst", letter: "r" };

const countOf = ({ word, letter }: { word: string; letter: string }) => word.split(letter).length - 1;

export default defineTask({
  name: "custom-task",
  description: "how often a letter occurs in a word",
  row: Row,
  prompt: ({ word, letter }) => `How many ${letter} are in ${word}? Answer in <answer></answer>.`,
  solution: (row) => `<answer>${countOf(row)}</answer>`,
  maxTokens: 200,
  audit: { answers: "few" }, // counts in words of eight letters: "3" is right for a third of them

  verify: (completion, row) => {
    const extracted = answerTag(completion);
    if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
    const right = extracted.answer === String(countOf(row));
    return graded(right ? 1 : 0, right ? "correct" : "incorrect", extracted.answer, `there are ${countOf(row)}`);
  },

  *load(split, seed) {
    const rng = new Rng(seed, `custom-task/${split}`);
    for (let i = 0; i < 500; i++) {
      const word = Array.from({ length: 8 }, () => rng.pick([...LETTERS[split]])).join("");
      yield { id: `${i}`, word, letter: rng.pick([...word]) };
    }
  },

  cases: [
    { row: example, completion: "r, r: <answer>2</answer>", reward: 1 },
    { row: example, completion: "<answer>3</answer>", reward: 0 },
    { row: example, completion: "two", reward: 0 },
  ],
});
