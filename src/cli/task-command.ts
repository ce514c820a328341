/** What the commands for task authors share: loading a task, judging in a process that can be killed, showing texts. */
import { type Judging, judgeApart } from "../author/index.ts";
import { loadTask, type Task } from "../rollout/index.ts";
import type { CommandContext } from "./command.ts";
import { printable, wrapText } from "./completion-text.ts";
import { EXIT, reportError } from "./errors.ts";
import { paint } from "./screen.ts";

/** Time without any verdict after which the judging process is killed, in milliseconds. */
const HANG_MS = 10_000;

/** Runs `body` with the task and its judging process; exits with 2 where the task does not load. */
export async function withTask(
  name: string,
  context: CommandContext,
  body: (task: Task, judging: Judging) => Promise<void>,
): Promise<void> {
  let task: Task;
  try {
    task = await loadTask(name);
  } catch (error) {
    reportError(error, { screen: context.err, env: context.env, debug: false });
    context.exitWith(EXIT.noTask);
    return;
  }
  const judging = judgeApart(name, { hangMs: Math.max(HANG_MS, 3 * (task.audit?.verdictMs ?? 0)) });
  context.signal.addEventListener("abort", () => judging.close(), { once: true });
  try {
    await body(task, judging);
  } finally {
    judging.close();
  }
}

/** Columns for texts. */
export function widthOf({ out }: CommandContext): number {
  return Math.min((out.columns ?? 100) - 1, 120);
}

/** ✓, ! or ✗, in its color. */
export function mark({ out, env }: CommandContext, status: "ok" | "warning" | "error" | "skipped"): string {
  if (status === "skipped") return paint(out, env, "dim", "·");
  const [sign, color] = ({ ok: ["✓", "green"], warning: ["!", "yellow"], error: ["✗", "red"] } as const)[status];
  return paint(out, env, color, sign);
}

/** Signs of a completion that are shown: its beginning, and its end, where the answer is. */
const SHOWN = { first: 240, last: 160 };
const MOST_LINES = 6;

/** A text that may be hostile and long, wrapped and indented behind a bar. */
export function quoted(completion: string, indent: string, context: CommandContext): string {
  const text = completion.replaceAll(/(.)\1{29,}/gsu, (run, sign: string) => {
    return `${sign === " " ? "␠" : sign.trim()}⟨× ${Math.round(run.length / sign.length).toLocaleString("en")}⟩`;
  });
  const { first, last } = SHOWN;
  const left = text.length - first - last;
  const short = left > 0 ? `${text.slice(0, first)} … ${plural(left, "sign")} … ${text.slice(-last)}` : text;
  const shown = short.split("\n").length > MOST_LINES ? short.replaceAll("\n", " ⏎ ") : short;
  const { out, env } = context;
  const lines = shown === "" ? ["(empty)"] : wrapText(printable(shown), widthOf(context) - indent.length - 2);
  return lines.map((line) => `${indent}${paint(out, env, "dim", "│")} ${line}`.trimEnd()).join("\n");
}

/** Lines of prose, indented. */
export function indented(text: string, indent: string, context: CommandContext): string {
  return wrapText(text, widthOf(context) - indent.length)
    .map((line) => `${indent}${line.trimStart()}`)
    .join("\n");
}

/** 1 row, 1,000 rows */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
}
