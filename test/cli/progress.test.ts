import { describe, expect, test } from "vitest";
import { createProgress, duration } from "../../src/cli/progress.ts";
import type { MetricValues } from "../../src/metrics.ts";

const VALUES: MetricValues = {
  reward: 0.8125,
  frac_reward_zero_std: 0.25,
  "completions/mean_length": 61.4,
  kl: 0.0123,
  loss: -0.00456,
  "perf/tokens_per_second": 5321.7,
  step_time: 2.13,
};

/** Two seconds a step. */
function clock(): () => number {
  let time = 0;
  return () => (time += 2000);
}

function progress(screen: { isTTY?: boolean; columns?: number }, env: Record<string, string> = {}) {
  const written: string[] = [];
  const shown = createProgress({
    screen: { write: (text) => written.push(text), ...screen },
    env,
    total: 120,
    now: clock(),
  });
  return { shown, written };
}

describe("createProgress", () => {
  test.each([
    ["without a terminal", {}, {}],
    ["in a CI job", { isTTY: true }, { CI: "true" }],
    ["on a dumb terminal", { isTTY: true }, { TERM: "dumb" }],
  ])("%s: one plain line a step, in a fixed order", (_, screen, env) => {
    const { shown, written } = progress(screen, env);
    shown.busy("measuring the base model");
    shown.step(9, { "eval/pass1": 0.625, ...VALUES });
    shown.step(10, VALUES);
    shown.end();
    expect(written).toEqual([
      "measuring the base model\n",
      "step   9/120 · reward 0.813 · held-out 62.5 % · no signal 25.0 % · length 61 · KL 0.0123 · loss -0.0046 · 5322 tokens/s · 2.1 s · 3 min 42 s left\n",
      "step  10/120 · reward 0.813 · no signal 25.0 % · length 61 · KL 0.0123 · loss -0.0046 · 5322 tokens/s · 2.1 s · 3 min 40 s left\n",
    ]);
  });

  test("on a terminal: a bar that is drawn over, and a line that stays for each measurement", () => {
    const { shown, written } = progress({ isTTY: true, columns: 120 }, { NO_COLOR: "1" });
    shown.step(30, VALUES);
    shown.step(60, { ...VALUES, "eval/pass1": 0.5 });
    shown.step(61, VALUES);
    shown.end();
    expect(written).toEqual([
      "█████░░░░░░░░░░░░░░░ step  30/120 · reward 0.813 · length 61 · 5322 tokens/s · 3 min 00 s left",
      "\r\x1b[K",
      "step  60/120 · reward 0.813 · held-out 50.0 % · no signal 25.0 % · length 61 · KL 0.0123 · loss -0.0046 · 5322 tokens/s · 2.1 s\n",
      "██████████░░░░░░░░░░ step  60/120 · reward 0.813 · held-out 50.0 % · length 61 · 5322 tokens/s · 2 min 00 s left",
      "\r\x1b[K",
      "██████████░░░░░░░░░░ step  61/120 · reward 0.813 · held-out 50.0 % · length 61 · 5322 tokens/s · 1 min 58 s left",
      "\r\x1b[K",
    ]);
  });

  test.each([20, 40, 60, 80])("a bar never wraps at %i columns", (columns) => {
    const { shown, written } = progress({ isTTY: true, columns }, { NO_COLOR: "1" });
    shown.step(30, { ...VALUES, "eval/pass1": 0.5 });
    shown.busy("measuring ".repeat(20));
    for (const text of written.filter((one) => !one.endsWith("\n"))) expect(text.length).toBeLessThan(columns);
  });

  test("colors follow NO_COLOR and FORCE_COLOR", () => {
    const first = (screen: { isTTY?: boolean }, env: Record<string, string>) => {
      const { shown, written } = progress(screen, env);
      shown.step(1, {});
      return written.join("").includes("\x1b[32m");
    };
    expect(first({ isTTY: true }, {})).toBe(true);
    expect(first({ isTTY: true }, { NO_COLOR: "1" })).toBe(false);
    expect(first({ isTTY: true }, { NO_COLOR: "1", FORCE_COLOR: "1" })).toBe(true);
  });

  test("a number that is not finite is said, not drawn as 0", () => {
    const { shown, written } = progress({});
    shown.step(1, { loss: null, reward: 0 });
    expect(written[0]).toContain("reward 0.000 · loss not finite");
  });
});

describe("duration", () => {
  test.each([
    [0.4, "0 s"],
    [59.4, "59 s"],
    [65, "1 min 05 s"],
    [3725, "1 h 02 min"],
    [90_000, "25 h 00 min"],
  ])("%d s is %s", (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
