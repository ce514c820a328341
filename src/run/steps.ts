/** How a run splits completions into steps, and what the task says of each. */
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import type { Tokenizer } from "../policy/index.ts";
import {
  decodeTokens,
  STEP_RULES,
  type StepRule,
  type StepSpans,
  separators,
  spansAt,
  stepPlaces,
} from "../prm/index.ts";
import type { JudgedStep, Task } from "../rollout/index.ts";
import type { TaskRow } from "./evaluate.ts";

const RULES = Object.keys(STEP_RULES) as [keyof typeof STEP_RULES];

export const StepSettings = z.strictObject({
  rule: z
    .enum(["auto", "task", ...RULES, "separators"])
    .default("auto")
    .describe("what a step is: what the task says, a line, what a blank line ends, Step k, what a closing tag ends"),
  separators: z.array(z.string()).default([]).describe("for separators: a step is over after each of these texts"),
});
export type StepSettings = z.infer<typeof StepSettings>;

/** The steps of one completion. */
export interface JudgedSpans extends StepSpans {
  /** What the task says of each step; null where it says nothing. [S] */
  readonly right: readonly (boolean | null)[];
}

export interface Stepper {
  /** With the rule that was meant by "auto". */
  readonly settings: StepSettings;
  /** Whether it also says which steps are right. */
  readonly judges: boolean;
  /** @param tokens of the completion, the end-of-sequence id included where there is one */
  split(tokens: Int32Array, row: TaskRow): Promise<JudgedSpans>;
}

/** @throws {RlvrError} E_CONFIG where the task is to say what a step is, and does not */
export function createStepper(
  task: Pick<Task, "name" | "steps">,
  tokenizer: Pick<Tokenizer, "createDecoder" | "stopIds">,
  given: StepSettings,
): Stepper {
  const rule = given.rule === "auto" ? (task.steps ? "task" : "line") : given.rule;
  const settings = { ...given, rule };
  if (rule !== "task") {
    const named: StepRule = rule === "separators" ? separators(given.separators) : STEP_RULES[rule];
    const split = (tokens: Int32Array): JudgedSpans => {
      const { text, lengths } = decodeTokens(tokens, tokenizer);
      const spans = spansAt(text, lengths, stepPlaces(text, named));
      return { ...spans, right: spans.ends.map(() => null) };
    };
    return { settings, judges: false, split: async (tokens) => split(tokens) };
  }
  const judgeSteps = task.steps;
  if (!judgeSteps) {
    throw new RlvrError(
      "E_CONFIG",
      `steps.rule is task, but ${JSON.stringify(task.name)} does not say what a step is`,
      {
        hint: `choose one of ${[...RULES, "separators"].join(", ")}, or give the task a function steps`,
      },
    );
  }
  return {
    settings,
    judges: true,
    split: async (tokens, row) => {
      const { text, lengths } = decodeTokens(tokens, tokenizer);
      const judged = await judgeSteps(text, row as never);
      const places = stepPlaces(text, () => judged.map(({ end }) => end));
      const spans = spansAt(text, lengths, places);
      return { ...spans, right: verdictsOf(spans, judged) };
    },
  };
}

/** A span may hold several of the task's steps, because they share a token: it is right if all of them are. */
function verdictsOf({ texts }: StepSpans, judged: readonly JudgedStep[]): (boolean | null)[] {
  let [end, next] = [0, 0];
  return texts.map((text, k) => {
    end += text.length;
    const inside: (boolean | null)[] = [];
    for (; next < judged.length && (judged[next]!.end <= end || k === texts.length - 1); next++) {
      inside.push(judged[next]!.right);
    }
    return inside.includes(false) ? false : inside.length === 0 || inside.includes(null) ? null : true;
  });
}
