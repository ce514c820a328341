/** Small programs in JavaScript, judged by hidden tests in a sandbox. */
import { defineTask } from "rlvr/task";
import { CodeRow, codePrompt, codeRow, codeVerifier, fenced } from "rlvr/verifiers";
import { PROBLEMS } from "./problems.ts";

const LANGUAGE = "javascript";
const EVAL_EVERY = 4; // every fourth problem is for eval

const verifyCode = codeVerifier({ language: LANGUAGE, limits: { cpuMs: 1000, wallMs: 3000 } });

const example = PROBLEMS[0]!;

export default defineTask({
  name: "code-js",
  description: "small programs in JavaScript, judged by hidden tests",
  row: CodeRow,
  prompt: (row) => codePrompt(row, LANGUAGE),
  solution: ({ solution }) => fenced(solution, LANGUAGE),
  verify: (completion, { problem }) => verifyCode(completion, problem),
  sandbox: verifyCode.tier,
  maxTokens: 1024,
  audit: { answers: "many", verdictMs: 10_000, families: ["code"] }, // an endless loop has its second, and a busy machine

  *load(split) {
    for (const [i, problem] of PROBLEMS.entries()) {
      if ((i % EVAL_EVERY === EVAL_EVERY - 1) === (split === "eval")) yield codeRow(problem);
    }
  },

  cases: [
    { row: codeRow(example), completion: fenced(example.solution, LANGUAGE), reward: 1 },
    { row: codeRow(example), completion: fenced(example.wrong, LANGUAGE), reward: 0 },
    {
      row: codeRow(example),
      completion: fenced("function caesarShift(text) {\n  return EXPECTED_OUTPUTS[0];\n}", LANGUAGE),
      reward: 0,
    },
    { row: codeRow(example), completion: fenced("process.exit(0);", LANGUAGE), reward: 0 },
    { row: codeRow(example), completion: example.solution, reward: 0 }, // no fence
  ],
});
