/**
 * Live progress: a bar on a terminal, one plain line a step elsewhere.
 *
 * The order of the figures is fixed, and they are read from the step's metrics, so that the line and metrics.jsonl agree.
 */
import type { MetricName, MetricValues } from "../metrics.ts";
import { type Environment, isLive, paint, type Screen } from "./screen.ts";
import { percent, textWidth } from "./table.ts";

export interface ProgressOptions {
  readonly screen: Screen;
  readonly env: Environment;
  /** Steps of the whole run. */
  readonly total: number;
  /** Milliseconds; the default is the clock. */
  readonly now?: () => number;
}

export interface Progress {
  /** A finished step. Held-out accuracy is shown until it is measured again. */
  step(step: number, values: MetricValues): void;
  /** What goes on besides steps, such as measuring: replaced by whatever comes next. */
  busy(what: string): void;
  /** A line that stays. */
  say(line: string): void;
  /** Takes the bar away. */
  end(): void;
}

const BAR_WIDTH = 20;
/** Terminals with fewer columns get the figures without the bar. */
const NARROW = 60;
/** Steps over which the time left is estimated. */
const WINDOW = 20;

const FIGURES: readonly [MetricName, (value: number) => string][] = [
  ["reward", (value) => `reward ${value.toFixed(3)}`],
  ["eval/pass1", (value) => `held-out ${percent(value)}`],
  ["frac_reward_zero_std", (value) => `no signal ${percent(value)}`],
  ["completions/mean_length", (value) => `length ${value.toFixed(0)}`],
  ["kl", (value) => `KL ${value.toFixed(4)}`],
  ["loss", (value) => `loss ${value.toFixed(4)}`],
  ["perf/tokens_per_second", (value) => `${value.toFixed(0)} tokens/s`],
  ["step_time", (value) => `${value.toFixed(1)} s`],
];
/** The bar has less room: what it leaves out, and what it puts first. */
const BAR_FIGURES: readonly MetricName[] = [
  "reward",
  "eval/pass1",
  "completions/mean_length",
  "perf/tokens_per_second",
];

export function createProgress({ screen, env, total, now = () => performance.now() }: ProgressOptions): Progress {
  const live = isLive(screen, env);
  const times = [now()];
  let heldOut: number | null | undefined;
  let drawn = false;

  const clear = () => {
    if (drawn) screen.write("\r\x1b[K");
    drawn = false;
  };
  const draw = (line: string) => {
    clear();
    screen.write(line);
    drawn = true;
  };
  const say = (line: string) => {
    clear();
    screen.write(`${line}\n`);
  };

  return {
    say,
    end: clear,
    busy: (what) => (live ? draw(fitted([what], columnsOf(screen))) : say(what)),
    step: (step, values) => {
      times.push(now());
      if (times.length > WINDOW + 1) times.shift();
      const left = timeLeft(times, total - step);
      const head = `step ${String(step).padStart(String(total).length)}/${total}`;
      const isMeasured = values["eval/pass1"] !== undefined;
      if (!live || isMeasured) say([head, ...figures(values), ...(live ? [] : [left])].join(" · "));
      if (!live) return;
      heldOut = values["eval/pass1"] ?? heldOut;
      const shown: MetricValues = heldOut === undefined ? values : { ...values, "eval/pass1": heldOut };
      const width = columnsOf(screen);
      const filled = width < NARROW ? "" : `${paint(screen, env, "green", bar(step / total))} `;
      draw(filled + fitted([head, ...figures(shown, BAR_FIGURES), left], width - textWidth(filled)));
    },
  };
}

function figures(values: MetricValues, only?: readonly MetricName[]): string[] {
  return FIGURES.flatMap(([name, format]) => {
    const value = values[name];
    if (value === undefined || (only && !only.includes(name))) return [];
    return value === null ? [`${name} not finite`] : [format(value)];
  });
}

/** As many parts as fit, the last one (time left) before the ones in the middle. */
function fitted(parts: readonly string[], width: number): string {
  const kept = [...parts];
  while (kept.length > 2 && textWidth(kept.join(" · ")) > width) kept.splice(-2, 1);
  return kept.join(" · ").slice(0, Math.max(0, width));
}

function bar(share: number): string {
  const filled = Math.round(BAR_WIDTH * Math.min(1, Math.max(0, share)));
  return "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
}

function timeLeft(times: readonly number[], steps: number): string {
  const first = times[0]!;
  const perStep = (times.at(-1)! - first) / Math.max(1, times.length - 1);
  return `${duration((perStep * Math.max(0, steps)) / 1000)} left`;
}

/** 3725 → "1 h 02 min"; 65 → "1 min 05 s" */
export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number) => String(value).padStart(2, "0");
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${two(whole % 60)} s`;
  return `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))} min`;
}

function columnsOf(screen: Screen): number {
  return (screen.columns ?? 80) - 1; // the last column would wrap
}
