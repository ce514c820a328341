/** What a training command prints: progress while it runs, and at the end what came of it. */
import { basename } from "node:path";
import type { RunEvent, RunHooks, RunResult } from "../run/events.ts";
import type { Examples, Measurement, Summary } from "../run/summary.ts";
import type { CommandContext } from "./command.ts";
import { sideBySideText } from "./completion-text.ts";
import { count } from "./plan.ts";
import { PROGRAM } from "./program.ts";
import { createProgress, duration, type Progress } from "./progress.ts";
import { type Environment, isLive, paint, type Screen } from "./screen.ts";
import { formatTable, percent } from "./table.ts";

/** Pairs of completions that are printed. */
const MOST_EXAMPLES = 3;

export interface TrainingCommand {
  readonly command: "grpo" | "ppo" | "dpo" | "rm" | "prm train" | "sft";
  /** As the settings name it; empty = none. */
  readonly task: string;
}

/** Runs a training command and prints what it tells. */
export async function showTraining(
  { command, task }: TrainingCommand,
  context: CommandContext,
  start: (hooks: RunHooks) => Promise<RunResult>,
): Promise<void> {
  const printer = new EventPrinter(context.err, context.env);
  try {
    const result = await start({ signal: context.signal, onEvent: (event) => printer.print(event) });
    printer.end();
    context.out.write(
      result.finished ? finishedText({ command, task }, result, context) : stoppedText(command, result),
    );
  } catch (error) {
    printer.end();
    const { path } = printer;
    if (path !== undefined) context.err.write(`${path} can be gone on with: ${resumeCommand(command, path)}\n`);
    throw error;
  }
}

class EventPrinter {
  readonly #screen: Screen;
  readonly #env: Environment;
  #progress: Progress | undefined;
  /** The run's folder, once it is open. */
  path: string | undefined;

  constructor(screen: Screen, env: Environment) {
    this.#screen = screen;
    this.#env = env;
  }

  print(event: RunEvent): void {
    if (event.kind === "opened") {
      this.path = event.path;
      this.#progress = createProgress({ screen: this.#screen, env: this.#env, total: event.steps });
    }
    if (event.kind === "step") this.#progress?.step(event.step, event.metrics);
    else if (event.kind === "busy") this.#busy(event);
    else this.#progress?.say(eventText(event));
  }

  end(): void {
    this.#progress?.end();
  }

  #busy({ what, done, total }: Extract<RunEvent, { kind: "busy" }>): void {
    if (done === undefined || total === undefined) this.#progress?.busy(what);
    else if (isLive(this.#screen, this.#env) && done % Math.ceil(total / 100) === 0) {
      this.#progress?.busy(`${what}: ${done} of ${total} completions`);
    }
  }
}

function eventText(event: Exclude<RunEvent, { kind: "step" | "busy" }>): string {
  switch (event.kind) {
    case "opened": {
      const from = event.fromStep > 0 ? `, from step ${event.fromStep}` : "";
      return `${event.path}: ${event.model}, ${count(event.parameters)} parameters${from}`;
    }
    case "measured": {
      const { greedy, pass1, pass8 } = event.measured.measurement;
      const shares = `greedy ${percent(greedy)} · sampled ${percent(pass1)} · pass@8 ${percent(pass8)}`;
      return `${event.when}: ${shares} · length ${event.measured.meanLength.toFixed(1)}`;
    }
    case "bad-step": {
      const names = event.rows.slice(0, 3).join(", ") || "no single sample";
      return `step ${event.step} was not finite and not applied (${names}); its batch is in ${event.folder}; replayBadStep of rlvr/run repeats it`;
    }
    case "finished-before":
      return `this run is finished: all ${event.steps} steps are done`;
    case "warning":
      return `warning: ${event.message}`;
    default:
      return event satisfies never;
  }
}

function resumeCommand(command: string, path: string): string {
  return `${PROGRAM} ${command} --resume ${path}`;
}

function stoppedText(command: string, { path }: RunResult): string {
  return `Stopped; nothing is lost. Go on with\n  ${resumeCommand(command, path)}\n`;
}

function finishedText({ command, task }: TrainingCommand, result: RunResult, context: CommandContext): string {
  const { path, summary, examples, report } = result;
  const width = Math.min((context.out.columns ?? 100) - 1, 140);
  // a new run with the same settings: a finished schedule has no steps left to give
  const more = `${PROGRAM} ${command} --config ${path}/config.json --model ${path}/model --name ${basename(path)}-on`;
  const next: [string, string][] = [
    ...(report ? ([["report", report]] as [string, string][]) : []),
    ["model", `${path}/model`],
    lookAt(command, task === "" ? "" : `--task ${task} `, path),
    ["go on", more],
  ];
  return [
    "",
    ...(summary ? [beforeAfterTable(summary), ""] : []),
    ...examples.slice(0, MOST_EXAMPLES).flatMap((example) => [exampleText(example, width, context), ""]),
    formatTable(next, { align: ["left", "left"] }),
    "",
  ].join("\n");
}

/** How to see what the run made: a policy's completions, a reward model's figures. */
function lookAt(command: TrainingCommand["command"], task: string, path: string): [string, string] {
  if (command === "prm train") return ["measure", `${PROGRAM} prm eval ${task}--prm ${path}`];
  return ["look", `${PROGRAM} sample ${task}--model ${path}`];
}

/** Shares before and after with their 95 % intervals. */
export function beforeAfterTable({ before, after, meanLength, seconds, steps, rollouts, tokens }: Summary): string {
  const cell = (of: Measurement, name: keyof Measurement["ci95"]) => {
    const [low, high] = of.ci95[name];
    return `${percent(of[name])} [${(100 * low).toFixed(1)}, ${(100 * high).toFixed(1)}]`;
  };
  const row = (title: string, name: keyof Measurement["ci95"]) => [title, cell(before, name), cell(after, name)];
  const table = formatTable(
    [
      ["", "before", "after"],
      row("greedy", "greedy"),
      row("sampled (pass@1)", "pass1"),
      row("pass@8", "pass8"),
      row("majority of 8", "maj8"),
      ["mean length", `${meanLength.before.toFixed(1)} tokens`, `${meanLength.after.toFixed(1)} tokens`],
    ],
    { header: true },
  );
  const sampled = rollouts > 0 ? `, ${count(rollouts)} completions` : "";
  const work = `${steps} steps in ${duration(seconds)}${sampled}, ${count(tokens)} tokens`;
  return `${before.n} held-out problems, ${before.samples} samples each, 95 % intervals; ${work}\n\n${table}`;
}

function exampleText({ prompt, before, after }: Examples[number], width: number, { out, env }: CommandContext): string {
  const titled = (name: string, { completion, verdict }: Examples[number]["before"]) => {
    const isRight = verdict.status === "graded" && verdict.outcome === "correct";
    const mark = paint(out, env, isRight ? "green" : "red", isRight ? "✓" : "✗");
    return { title: `${mark} ${name}`, text: completion };
  };
  return `${paint(out, env, "bold", prompt)}\n${sideBySideText(titled("before", before), titled("after", after), width)}`;
}
