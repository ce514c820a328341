/**
 * Files of labeled steps, one JSON object a line, in the three layouts that are in use:
 *
 *   stepwise        {"prompt", "completions": [step, …], "labels": [true, false, …]}   TRL; what we write
 *   math-shepherd   {"input": "question Step 1: … ки\n…", "label": "… +\n… -"}         2312.08935
 *   prm800k         {"question": {"problem"}, "label": {"steps": […], "finish_reason"}} 2305.20050, released as it is
 *
 * Lines of our own also hold what a text cannot say: token ids as they were sampled, and soft labels.
 */
import { z } from "zod";
import { RlvrError } from "../errors.ts";

/** One labeled solution as text. The steps together, as they stand, are the completion. */
export interface LabeledText {
  readonly prompt: string;
  readonly steps: readonly string[]; // [S]
  /** From 0 to 1; null = not known. [S] */
  readonly labels: readonly (number | null)[];
  /** Ids as sampled, so that nothing has to be encoded again; valid for the tokenizer that made them. */
  readonly ids?: {
    readonly prompt: readonly number[];
    readonly completion: readonly number[];
    readonly ends: readonly number[]; // [S]
  };
}

export const LABEL_FORMATS = {
  stepwise: parseStepwise,
  "math-shepherd": parseMathShepherd,
  prm800k: parsePrm800k,
} satisfies Record<string, (value: unknown) => LabeledText | null | string>;

export type LabelFormat = keyof typeof LABEL_FORMATS;

/**
 * One line of a file; null where it holds no solution to train on.
 * @param where file and line, for messages
 * @throws {RlvrError} E_TASK_DATA
 */
export function parseLabelLine(line: string, format: LabelFormat, where: string): LabeledText | null {
  const parsed = LABEL_FORMATS[format](parseJson(line, where));
  if (typeof parsed !== "string") return parsed;
  throw new RlvrError("E_TASK_DATA", `${where} is not a line of ${format}: ${parsed}`, {
    hint: "the layouts are described in docs/algorithms/prm.md; name the right one, or mend the line",
  });
}

function parseJson(line: string, where: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new RlvrError("E_TASK_DATA", `${where} is not JSON: ${JSON.stringify(line.slice(0, 80))}`, { cause });
  }
}

const Ids = z.array(z.int().min(0));
export const StepwiseLine = z.looseObject({
  prompt: z.string(),
  completions: z.array(z.string()).min(1).describe("the steps"),
  labels: z.array(z.boolean().nullable()).describe("whether each step is right; null = not known"),
  values: z.array(z.number().min(0).max(1).nullable()).optional().describe("soft labels, which win over `labels`"),
  prompt_ids: Ids.optional().describe("token ids of the prompt"),
  completion_ids: Ids.optional().describe("token ids as they were sampled"),
  step_ends: Ids.optional().describe("index of the last token of each step in completion_ids"),
});
export type StepwiseLine = z.infer<typeof StepwiseLine>;

/** What ends a step in TRL, which adds it to each step before it encodes it. */
const TRL_SEPARATOR = "\n";

function parseStepwise(value: unknown): LabeledText | string {
  const parsed = StepwiseLine.safeParse(value);
  if (!parsed.success) return firstIssue(parsed.error);
  const { prompt, completions, labels, values, prompt_ids, completion_ids, step_ends } = parsed.data;
  const counts = { labels: labels.length, values: values?.length, step_ends: step_ends?.length };
  for (const [name, count] of Object.entries(counts)) {
    if (count !== undefined && count !== completions.length) {
      return `${name} has ${count} entries, expected ${completions.length}, one a step`;
    }
  }
  const soft = values ?? labels.map((label) => (label === null ? null : Number(label)));
  if (prompt_ids === undefined || completion_ids === undefined || step_ends === undefined) {
    const ended = completions.map((step) => (step.endsWith(TRL_SEPARATOR) ? step : step + TRL_SEPARATOR));
    return { prompt, steps: ended, labels: soft };
  }
  const rising = step_ends.every((end, k) => end > (step_ends[k - 1] ?? -1));
  if (!rising || step_ends.at(-1)! >= completion_ids.length) {
    return `step_ends are ${JSON.stringify(step_ends)}, expected rising ones below ${completion_ids.length}`;
  }
  return {
    prompt,
    steps: completions,
    labels: soft,
    ids: { prompt: prompt_ids, completion: completion_ids, ends: step_ends },
  };
}

/** Our line of a labeled solution: TRL reads it and ignores the rest. A soft label above `threshold` is true. */
export function stepwiseLine({ prompt, steps, labels, ids }: LabeledText, threshold = 0): StepwiseLine {
  const isSoft = labels.some((label) => label !== null && label !== 0 && label !== 1);
  return {
    prompt,
    completions: [...steps],
    labels: labels.map((label) => (label === null ? null : label > threshold)),
    ...(isSoft ? { values: [...labels] } : {}),
    ...(ids ? { prompt_ids: [...ids.prompt], completion_ids: [...ids.completion], step_ends: [...ids.ends] } : {}),
  };
}

const ShepherdLine = z.looseObject({ input: z.string(), label: z.string() });
/** Stands after each step in `input`, where `label` has + or −. */
const STEP_TAG = "ки";

function parseMathShepherd(value: unknown): LabeledText | string {
  const parsed = ShepherdLine.safeParse(value);
  if (!parsed.success) return firstIssue(parsed.error);
  const { input, label } = parsed.data;
  const pieces = input.split(STEP_TAG);
  const rest = pieces.pop() as string;
  if (pieces.length === 0) return `input has no ${STEP_TAG}, expected one after each step`;
  if (rest.trim() !== "")
    return `input ends with ${JSON.stringify(rest.slice(0, 40))}, expected ${STEP_TAG} after the last step`;
  const labels: number[] = [];
  let at = 0;
  for (const [k, piece] of pieces.entries()) {
    if (!label.startsWith(piece, at)) return `label differs from input at step ${k + 1}`;
    at += piece.length;
    const sign = label[at++];
    if (sign !== "+" && sign !== "-") return `the label of step ${k + 1} is ${JSON.stringify(sign)}, expected + or -`;
    labels.push(sign === "+" ? 1 : 0);
  }
  const first = pieces[0]!.search(/Step 1\s*:/);
  if (first < 0) return 'input has no "Step 1:", expected the question before it';
  const prompt = pieces[0]!.slice(0, first);
  return { prompt, steps: [pieces[0]!.slice(first), ...pieces.slice(1)], labels };
}

const Completion = z.looseObject({ text: z.string(), rating: z.int().min(-1).max(1).nullish() });
const Prm800kLine = z.looseObject({
  question: z.looseObject({ problem: z.string() }),
  label: z.looseObject({
    steps: z.array(
      z.looseObject({
        completions: z.array(Completion).nullable(),
        human_completion: Completion.nullish(),
        chosen_completion: z.int().min(0).nullish(),
      }),
    ),
    finish_reason: z.string(),
  }),
});

/**
 * The path that the labeler took; neutral steps count as right, and nothing is known after the first wrong one. A step that
 * nobody chose ends the path: all its completions are wrong. A problem that was given up as bad is left out.
 */
function parsePrm800k(value: unknown): LabeledText | null | string {
  const parsed = Prm800kLine.safeParse(value);
  if (!parsed.success) return firstIssue(parsed.error);
  const { question, label } = parsed.data;
  if (label.finish_reason === "bad_problem") return null;
  const steps: string[] = [];
  const labels: (number | null)[] = [];
  for (const [k, { completions, human_completion, chosen_completion }] of label.steps.entries()) {
    const chosen = chosen_completion ?? null;
    const taken = chosen === null ? (human_completion ?? completions?.[0]) : completions?.[chosen];
    if (chosen !== null && taken === undefined) return `step ${k + 1} has no completion ${chosen}, which was chosen`;
    if (taken === undefined) break;
    const byHand = chosen === null && human_completion != null;
    steps.push(`${taken.text}${TRL_SEPARATOR}`);
    labels.push(byHand ? 1 : taken.rating == null ? null : taken.rating < 0 ? 0 : 1);
    if (labels.at(-1) === 0) break;
  }
  return steps.length === 0 ? null : { prompt: `${question.problem}${TRL_SEPARATOR}`, steps, labels };
}

function firstIssue(error: z.ZodError): string {
  const issue = error.issues[0];
  return `${issue?.path.join(".") || "the line"}: ${issue?.message}`;
}
