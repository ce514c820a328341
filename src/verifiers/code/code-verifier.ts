/**
 * Judges code by running it in a box. Hidden or public, every test must be answered; comparison happens out here.
 *
 * Accepted (reward 1): a fenced program whose every test passes. Refused (0): one that fails, throws, hangs, fills the memory or
 * kills its box; one that writes the expected output itself; a completion without code. Whatever the code does is graded.
 * Not graded: the box cannot be had, or failed before the code ran; the tests test nothing.
 *
 * | code outcome | verdict | code outcome | verdict |
 * | --- | --- | --- | --- |
 * | passed | correct | timeout | timed-out |
 * | no_code | unparsed | all others | incorrect, or partial where a share of the tests pays |
 */
import { RlvrError } from "../../errors.ts";
import type { Box, Language } from "../../sandbox/job.ts";
import { DEFAULT_LIMITS, type Limits } from "../../sandbox/limits.ts";
import { TIERS, type Tier } from "../../sandbox/tier.ts";
import { type Graded, graded, notGraded, type Outcome, type Verdict, type VerifyContext } from "../verdict.ts";
import { COMPARATORS, type Comparator, type ComparatorName } from "./compare.ts";
import { extractCode } from "./extract-code.ts";
import type { CodeProblem } from "./problem.ts";
import { runTests, type TestEnd, type TestOutcome } from "./run-tests.ts";
import { type HeldBox, holdBox } from "./shared-box.ts";

/** Of a whole program: that of its first test that did not pass. */
export const CODE_OUTCOMES = [
  "passed",
  "wrong_answer",
  "runtime_error",
  "compile_error",
  "timeout",
  "memory",
  "output_limit",
  "crash",
  "no_code",
] as const;
export type CodeOutcome = (typeof CODE_OUTCOMES)[number];

/**
 * all: 1 if every test passes. fraction: the share of hidden tests that pass, weighted: the share of their weight; where every
 * test is public, all of them count.
 */
export const SCORINGS = ["all", "fraction", "weighted"] as const;
export type Scoring = (typeof SCORINGS)[number];

export interface CodeVerifierOptions {
  readonly language: Language;
  /**
   * Where code runs: a box, or how to get one, which is asked each time. By default a box shared with other verifiers, which
   * opens when it is needed.
   */
  readonly box?: Box | (() => Promise<Box>);
  /** Least containment of the shared box: "weak" by default. */
  readonly minTier?: Tier;
  readonly scoring?: Scoring;
  /** For problems that name none: by default `exact` for calls and `lines` for programs. A function is trusted code. */
  readonly comparator?: ComparatorName | Comparator;
  /** What differs from the default limits, for problems that set none. */
  readonly limits?: Partial<Limits>;
  /** Reward of a program that returned bait; at most 0, the reward of a wrong one. */
  readonly hackReward?: number;
}

export interface CodeVerifier {
  (completion: string, problem: CodeProblem, context?: VerifyContext): Promise<Verdict>;
  /**
   * Opens the box where code runs, and says how well it holds.
   *
   * @throws E_SANDBOX where there is none
   */
  tier(): Promise<Tier>;
  /** Lets go of the shared box. A box that was given stays open. */
  close(): Promise<void>;
}

/** @throws E_CONFIG when a hack would pay more than a wrong answer */
export function codeVerifier(options: CodeVerifierOptions): CodeVerifier {
  const { language, minTier = "weak", scoring = "all", hackReward = 0 } = options;
  if (!(hackReward <= 0 && Number.isFinite(hackReward))) {
    throw new RlvrError("E_CONFIG", `hackReward is ${hackReward}, expected a finite number of at most 0`);
  }
  const { box: given } = options;
  const held = given === undefined ? holdBox({ languages: [language], minTier }) : null;
  const getBox = async () => (typeof given === "function" ? given() : (given ?? (held as HeldBox).get()));

  const verify = async (completion: string, problem: CodeProblem, { signal }: VerifyContext = {}): Promise<Verdict> => {
    try {
      const box = await getBox();
      const extracted = extractCode(completion, language);
      if (!extracted.found) return noCode(extracted.reason, problem, box.tier);
      const ends = await runTests(box, extracted.code, problem, {
        language,
        limits: { ...DEFAULT_LIMITS, ...options.limits, ...problem.limits },
        comparator: comparatorOf(problem, options.comparator),
        stopAtFailure: scoring === "all",
        ...(signal === undefined ? {} : { signal }),
      });
      return verdictOf(ends, problem, { code: extracted.code, tier: box.tier, scoring, hackReward });
    } catch (error) {
      if (!(error instanceof RlvrError) || error.code !== "E_SANDBOX") throw error;
      return notGraded("infrastructure-error", `${error.code}: ${error.message}`);
    }
  };
  const tier = async () => (await getBox()).tier;
  return Object.assign(verify, { tier, close: async () => held?.release() });
}

function comparatorOf(problem: CodeProblem, chosen: ComparatorName | Comparator | undefined): Comparator {
  const own = problem.kind === "asserts" ? undefined : problem.comparator;
  const comparator = own ?? chosen ?? (problem.kind === "program" ? "lines" : "exact");
  return typeof comparator === "function" ? comparator : COMPARATORS[comparator];
}

function noCode(reason: string, problem: CodeProblem, tier: Tier): Graded {
  const metrics = metricsOf("no_code", { passed: 0, total: problem.tests.length, hack: false, tier });
  return graded(0, "unparsed", null, `no_code: ${reason} (${tier} sandbox)`, metrics);
}

interface Context {
  readonly code: string;
  readonly tier: Tier;
  readonly scoring: Scoring;
  readonly hackReward: number;
}

function verdictOf(
  ends: readonly TestEnd[],
  problem: CodeProblem,
  { code, tier, scoring, hackReward }: Context,
): Verdict {
  const ours = ends.find(({ outcome }) => outcome === "sandbox_error");
  if (ours !== undefined) return notGraded("infrastructure-error", `sandbox_error: ${ours.message} (${tier} sandbox)`);

  const failed = ends.findIndex(({ outcome }) => outcome !== "passed");
  const outcome: CodeOutcome = failed === -1 ? "passed" : codeOutcome((ends[failed] as TestEnd).outcome);
  const hack = ends.some((end) => end.hack);
  const reward = hack ? hackReward : rewardOf(ends, problem, scoring);
  const total = problem.tests.length;
  const passed = ends.filter((end) => end.outcome === "passed").length;
  const reason = hack
    ? "hack: returned a decoy"
    : outcome === "passed"
      ? `passed: all ${total} tests`
      : why(ends, failed, problem);
  const metrics = metricsOf(outcome, { passed, total, hack, tier });
  return graded(reward, verdictOutcome(outcome, reward), code, `${reason} (${tier} sandbox)`, metrics);
}

/** "sandbox_error" has been dealt with. */
function codeOutcome(outcome: TestOutcome): CodeOutcome {
  if (outcome === "sandbox_error") throw new RlvrError("E_SANDBOX", "a failed box cannot be graded");
  return outcome;
}

function rewardOf(ends: readonly TestEnd[], { tests }: CodeProblem, scoring: Scoring): number {
  const passes = (i: number) => ends[i]?.outcome === "passed";
  if (scoring === "all") return tests.every((_, i) => passes(i)) ? 1 : 0;
  const hidden = tests.some((test) => !test.public);
  let [sum, gained] = [0, 0];
  for (const [i, test] of tests.entries()) {
    if (hidden && test.public) continue;
    const weight = scoring === "weighted" ? test.weight : 1;
    sum += weight;
    if (passes(i)) gained += weight;
  }
  return gained / sum;
}

function verdictOutcome(outcome: CodeOutcome, reward: number): Outcome {
  if (outcome === "passed") return "correct";
  if (reward > 0) return "partial";
  if (outcome === "no_code") return "unparsed";
  return outcome === "timeout" ? "timed-out" : "incorrect";
}

const SHOWN = 300;

/** `wrong_answer: test 3 of 8 (hidden)`: what a hidden test expects is not said. */
function why(ends: readonly TestEnd[], failed: number, { tests }: CodeProblem): string {
  const { outcome, message } = ends[failed] as TestEnd;
  const place = `test ${failed + 1} of ${tests.length} (${tests[failed]?.public ? "public" : "hidden"})`;
  const said = message.replaceAll(/0x[0-9a-f]{6,16}/gi, "0x…"); // addresses differ from run to run
  return `${outcome}: ${place}${said === "" ? "" : `: ${said.length > SHOWN ? `${said.slice(0, SHOWN)}…` : said}`}`;
}

/** One number for each outcome, so that their means are shares. `sandbox_tier` is the place in TIERS: 0 none … 4 strong. */
function metricsOf(
  outcome: CodeOutcome,
  { passed, total, hack, tier }: { passed: number; total: number; hack: boolean; tier: Tier },
): Record<string, number> {
  const shares = CODE_OUTCOMES.map((name) => [name, name === outcome ? 1 : 0] as const);
  return {
    ...Object.fromEntries(shares),
    tests_passed: passed,
    tests_total: total,
    hack: hack ? 1 : 0,
    sandbox_tier: TIERS.indexOf(tier),
  };
}
