/**
 * Labels for the steps of a model's own solutions, written as TRL's stepwise JSONL, with a ledger of what they cost beside
 * them: `<file>` and `<file>.ledger.json`.
 */
import { appendFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import {
  addSpent,
  bisectionLabels,
  consensus,
  firstWrong,
  hardLabels,
  type Labeler,
  NOTHING_SPENT,
  type Spent,
  softLabels,
  stepwiseLine,
  verifiedLabels,
} from "../prm/index.ts";
import { endlessRows, type RowSource, readRows, type Task } from "../rollout/index.ts";
import { wilson } from "../rollout/intervals.ts";
import { Completer } from "./completer.ts";
import { writeDurably } from "./durable-file.ts";
import type { TaskRow } from "./evaluate.ts";
import { openSession, type Session } from "./session.ts";
import { RunSettings } from "./settings.ts";
import { solve, type TaskSolution } from "./solutions.ts";
import { createStepper, type Stepper, StepSettings } from "./steps.ts";
import { parseSettings } from "./training.ts";

export const PrmLabelRun = RunSettings.pick({
  ...{ task: true, model: true, chat: true, seed: true, minTier: true, engine: true },
}).extend({
  out: z.string().default("labels.jsonl").describe("file of labeled solutions; it must not exist yet"),
  split: z.enum(["train", "eval"]).default("train").describe("whose problems are solved"),
  problems: z.int().min(1).default(500).describe("problems to solve"),
  samples: z.int().min(1).default(4).describe("solutions of each"),
  minSteps: z.int().min(1).default(1).describe("solutions of fewer steps are left out"),
  method: z
    .enum(["hard", "soft", "bisect", "verifier", "consensus"])
    .default("hard")
    .describe(
      "hard, soft = completions of each prefix (Math-Shepherd), bisect = of O(log S) prefixes (OmegaPRM), verifier = what " +
        "the task says, consensus = where hard and verifier agree",
    ),
  rollouts: z.int().min(1).default(8).describe("N, most completions of a prefix"),
  width: z
    .number()
    .min(0)
    .max(1)
    .default(0.2)
    .describe("for soft: a prefix is done when Wilson's 95 % interval is narrower"),
  temperature: z
    .number()
    .positive()
    .default(1)
    .describe("of the solutions; above 1 there are more errors to learn from"),
  completionTemperature: z.number().positive().default(1).describe("of the completions of prefixes"),
  maxTokens: z.int().min(0).default(0).describe("longest solution, in tokens; 0 = the task's limit"),
  verifyTimeoutMs: z.int().min(1).default(60_000).describe("deadline of one verdict, in milliseconds"),
  steps: StepSettings.prefault({}),
});
export type PrmLabelRun = z.infer<typeof PrmLabelRun>;

/** What the labels are, and what they cost. */
export interface LabelLedger {
  readonly file: string;
  readonly task: string;
  readonly model: string;
  readonly method: PrmLabelRun["method"];
  readonly seed: number;
  readonly steps: StepSettings;
  readonly problems: number;
  /** Written to the file; those with too few steps or without a label are not. */
  readonly solutions: number;
  readonly dropped: number;
  /** Reasoning steps with a label, and how many of them are above one half. */
  readonly labels: number;
  readonly positive: number;
  readonly rollouts: number;
  /** Sampled for labels; those of the solutions are apart. */
  readonly tokens: number;
  readonly solutionTokens: number;
  /** Against what the task says, where it judges steps: of all labeled steps, and of those before the last. */
  readonly agreement: { readonly all: number; readonly inner: number; readonly firstError: number } | null;
  readonly seconds: number;
}

export interface LabelHooks {
  readonly task?: Task;
  readonly signal?: AbortSignal;
  readonly onProgress?: (solutions: number, total: number) => void;
}

/** Problems that are solved and labeled at a time: enough to keep the sampler's slots filled. */
const AT_A_TIME = 64;

/** @throws RlvrError E_RUN if the file exists; E_CONFIG, E_TASK, E_CHECKPOINT, E_ENGINE from what it opens */
export async function labelSteps(input: z.input<typeof PrmLabelRun>, hooks: LabelHooks = {}): Promise<LabelLedger> {
  const settings = parseSettings(PrmLabelRun, input);
  if (existsSync(settings.out)) {
    throw new RlvrError("E_RUN", `${settings.out} exists, expected a new file`, {
      hint: "give another --out, or remove it",
    });
  }
  const session = await openSession(settings, hooks.task);
  const started = performance.now();
  try {
    const stepper = createStepper(session.task, session.model.tokenizer, settings.steps);
    if (!stepper.judges && ["verifier", "consensus"].includes(settings.method)) {
      throw new RlvrError("E_CONFIG", `method is ${settings.method}, but nothing says which steps are right`, {
        hint: "the task needs a function steps, and steps.rule must be task; or choose hard, soft or bisect",
      });
    }
    const count = new Count();
    const seen = new Map<string, number>();
    const problemOf = (row: TaskRow) => {
      const before = seen.get(row.id) ?? 0;
      seen.set(row.id, before + 1);
      return { row, first: before * settings.samples };
    };
    mkdirSync(dirname(settings.out), { recursive: true });
    const total = settings.problems * settings.samples;
    for await (const rows of batches(session, settings)) {
      const maxTokens = settings.maxTokens || session.task.maxTokens;
      const sampling = { ...settings, maxTokens, timeoutMs: settings.verifyTimeoutMs };
      const options = { ...sampling, ...(hooks.signal ? { signal: hooks.signal } : {}) };
      const solutions = (await solve(session, rows.map(problemOf), stepper, options)).flat();
      const temperature = settings.completionTemperature;
      const completer = new Completer(session, { ...options, temperature, step: 1 });
      const labeled = await Promise.all(solutions.map((solution) => labelOne(solution, completer, settings)));
      const lines = labeled.flatMap((one, i) => count.add(solutions[i]!, one) ?? []);
      appendFileSync(settings.out, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
      hooks.onProgress?.(count.seen, total);
    }
    const ledger = count.ledger(settings, session, stepper, (performance.now() - started) / 1000);
    writeDurably(`${settings.out}.ledger.json`, `${JSON.stringify(ledger, null, 2)}\n`);
    return ledger;
  } finally {
    await session.engine.dispose();
  }
}

async function* batches(
  { task }: Session,
  { split, seed, problems }: PrmLabelRun,
): AsyncGenerator<readonly TaskRow[], undefined> {
  if (split === "eval") {
    const rows = (await readRows(task, "eval", seed, problems)) as TaskRow[];
    for (let at = 0; at < rows.length; at += AT_A_TIME) yield rows.slice(at, at + AT_A_TIME);
    return;
  }
  const source = endlessRows(task, "train", seed, 0) as RowSource<TaskRow>;
  try {
    for (let at = 0; at < problems; at += AT_A_TIME) yield await source.take(Math.min(AT_A_TIME, problems - at));
  } finally {
    await source.close();
  }
}

interface Labeled {
  readonly labels: readonly (number | null)[];
  readonly spent: Spent;
}

async function labelOne(solution: TaskSolution, completer: Completer, settings: PrmLabelRun): Promise<Labeled> {
  const S = solution.ends.length;
  if (S < settings.minSteps) return { labels: new Array<null>(S).fill(null), spent: NOTHING_SPENT };
  return labelerOf(settings, solution)(solution, completer.toolsFor(solution.row, solution.prompt));
}

function labelerOf({ method, rollouts, width }: PrmLabelRun, { spans }: TaskSolution): Labeler {
  const verifier: Labeler = async () => verifiedLabels(spans.right);
  switch (method) {
    case "hard":
      return hardLabels({ rollouts });
    case "soft":
      return softLabels({ rollouts, width, bound: wilson });
    case "bisect":
      return bisectionLabels({ rollouts });
    case "verifier":
      return verifier;
    case "consensus":
      return consensus(hardLabels({ rollouts }), verifier);
    default:
      return method satisfies never;
  }
}

/** Adds up what becomes of the solutions. */
class Count {
  seen = 0;
  #written = 0;
  #labels = 0;
  #positive = 0;
  #solutionTokens = 0;
  #spent: Spent = NOTHING_SPENT;
  /** Labels on the task's side, and how many could be compared. */
  readonly #all = { agree: 0, of: 0 };
  readonly #inner = { agree: 0, of: 0 };
  readonly #firstError = { agree: 0, of: 0 };

  /** The line of a labeled solution; null where it has no label. */
  add(solution: TaskSolution, { labels, spent }: Labeled): ReturnType<typeof stepwiseLine> | null {
    this.seen++;
    this.#spent = addSpent([this.#spent, spent]);
    this.#solutionTokens += solution.completion.length;
    const known = labels.filter((label) => label !== null);
    if (known.length === 0) return null;
    this.#written++;
    this.#labels += known.length;
    this.#positive += known.filter((label) => label >= 0.5).length;
    this.#compare(labels, solution.spans.right);
    const { promptText: prompt, prompt: promptIds, completion, ends, spans } = solution;
    const ids = { prompt: [...promptIds], completion: [...completion], ends };
    return stepwiseLine({ prompt, steps: spans.texts, labels, ids });
  }

  #compare(labels: readonly (number | null)[], right: readonly (boolean | null)[]): void {
    if (right.includes(null)) return;
    for (const [k, label] of labels.entries()) {
      if (label === null) continue;
      for (const count of k < labels.length - 1 ? [this.#all, this.#inner] : [this.#all]) {
        count.of++;
        if (label >= 0.5 === right[k]) count.agree++;
      }
    }
    this.#firstError.of++;
    if (firstWrong(labels) === right.indexOf(false)) this.#firstError.agree++;
  }

  ledger(settings: PrmLabelRun, session: Session, { settings: steps }: Stepper, seconds: number): LabelLedger {
    const share = ({ agree, of }: { agree: number; of: number }) => agree / Math.max(1, of);
    const { out: file, method, seed, problems } = settings;
    return {
      ...{ file, task: session.task.name, model: session.modelFolder, method, seed, steps, problems },
      ...{ solutions: this.#written, dropped: this.seen - this.#written },
      ...{ labels: this.#labels, positive: this.#positive, ...this.#spent, solutionTokens: this.#solutionTokens },
      agreement:
        this.#all.of === 0
          ? null
          : { all: share(this.#all), inner: share(this.#inner), firstError: share(this.#firstError) },
      seconds,
    };
  }
}
