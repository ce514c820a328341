/** What every box promises, as one suite: a runtime brings its language in snippets that do the same thing. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { RlvrError } from "../../src/errors.ts";
import type { Box, CallsJob, Language, Run, RunOutcome } from "../../src/sandbox/job.ts";
import { DEFAULT_LIMITS, type Limits } from "../../src/sandbox/limits.ts";
import type { Plain } from "../../src/sandbox/plain.ts";

export interface Snippets {
  readonly language: Language;
  /** add(a, b) → a + b */
  readonly add: string;
  /** count() → how often it was called since it was loaded */
  readonly count: string;
  /** A class Counter with a method count() → how often it was called on this object. */
  readonly counter: string;
  /** echo(x) → x */
  readonly echo: string;
  /** Values that `echo` gives back as they are. */
  readonly echoed: readonly Plain[];
  /** check(x): loops for ever where x is 1, throws where x is 2, gives x back otherwise. */
  readonly check: string;
  /** chance() → something that depends on chance and the time. */
  readonly chance: string;
  /** Programs: the sum of the numbers on the lines of stdin; one that loops where stdin is "loop". */
  readonly sum: string;
  /** f(): source text for each ending. */
  readonly endings: Readonly<Record<Exclude<RunOutcome, "ok" | "crash" | "sandbox_error">, string>>;
  /** Tests of add(a, b): right, wrong, none, and no source text at all. */
  readonly tests: Readonly<Record<"right" | "wrong" | "none" | "broken", string>>;
}

/** Short, so that endless code ends soon; the clock is generous, because other tests run at the same time. */
export const SHORT: Limits = {
  ...DEFAULT_LIMITS,
  cpuMs: 400,
  wallMs: 4000,
  totalMs: 20_000,
  memoryMb: 32,
  outputKb: 4,
};

export function calls(snippets: Pick<Snippets, "language">, code: string, entry: string, ...args: Plain[][]): CallsJob {
  const { language } = snippets;
  return {
    kind: "calls",
    language,
    code,
    entry,
    limits: SHORT,
    calls: args.map((list, i) => ({ id: `#${i}`, args: list })),
  };
}

export async function one(box: Box, job: CallsJob): Promise<Run> {
  const { runs } = await box.run(job);
  expect(runs).toHaveLength(1);
  return runs[0] as Run;
}

export function describeBox(name: string, open: () => Promise<Box>, snippets: Snippets): void {
  describe(name, () => {
    let box: Box;
    beforeAll(async () => {
      box = await open();
    });
    afterAll(() => box?.close());

    const { language } = snippets;
    const job = (code: string, entry: string, ...args: Plain[][]) => calls(snippets, code, entry, ...args);
    const outcomes = (runs: readonly Run[]) => runs.map(({ id, outcome, value }) => [id, outcome, value]);
    const add = (a: Plain, b: Plain) => one(box, job(snippets.add, "add", [a, b]));

    describe("calls", () => {
      test("are answered in order, by code that was loaded once", async () => {
        const { runs, tier } = await box.run(job(snippets.count, "count", [], [], []));
        expect(runs.map(({ id, value }) => [id, value])).toEqual([
          ["#0", 1],
          ["#1", 2],
          ["#2", 3],
        ]);
        expect(tier).toBe(box.tier);
      });

      test("of another job find nothing of the last one", async () => {
        await box.run(job(snippets.count, "count", [], []));
        expect((await one(box, job(snippets.count, "count", []))).value).toBe(1);
      });

      test("of a method get a fresh object each", async () => {
        const { runs } = await box.run(job(snippets.counter, "Counter.count", [], []));
        expect(runs.map(({ value }) => value)).toEqual([1, 1]);
      });

      test("carry plain data there and back", async () => {
        const { runs } = await box.run(job(snippets.echo, "echo", ...snippets.echoed.map((value) => [value])));
        expect(runs.map(({ value, message }) => [value, message])).toEqual(snippets.echoed.map((value) => [value, ""]));
      });

      test("go on after one that failed", async () => {
        const { runs } = await box.run(job(snippets.check, "check", [0], [1], [2], [3]));
        expect(outcomes(runs)).toEqual([
          ["#0", "ok", 0],
          ["#1", "timeout", undefined],
          ["#2", "runtime_error", undefined],
          ["#3", "ok", 3],
        ]);
      });

      test("stop there where that is wished", async () => {
        const { runs } = await box.run({ ...job(snippets.check, "check", [0], [2], [3]), stopAtFailure: true });
        expect(outcomes(runs)).toEqual([
          ["#0", "ok", 0],
          ["#1", "runtime_error", undefined],
        ]);
      });

      test("of a function that is not there are errors of the code", async () => {
        expect(await one(box, job(snippets.add, "other", []))).toMatchObject({ outcome: "runtime_error" });
      });

      test("meet the same chance and the same time in every run", async () => {
        const first = await one(box, job(snippets.chance, "chance", []));
        expect(first.outcome).toBe("ok");
        expect((await one(box, job(snippets.chance, "chance", []))).value).toEqual(first.value);
      });
    });

    test.each(Object.entries(snippets.endings))("ends with %s where the code does that", async (outcome, code) => {
      const run = await one(box, job(code, "f", []));
      expect([run.outcome, run.message !== ""]).toEqual([outcome, true]);
      expect((await add(2, 3)).value).toBe(5);
    });

    test("runs a program for each input, with nothing left of the one before", async () => {
      const inputs = ["1\n2\n3\n", "", "loop", "40\r\n2"].map((stdin, i) => ({ id: `in ${i}`, stdin }));
      const { runs } = await box.run({ kind: "program", language, code: snippets.sum, limits: SHORT, inputs });
      expect(runs.map(({ id, outcome, stdout }) => [id, outcome, stdout.trim()])).toEqual([
        ["in 0", "ok", "6"],
        ["in 1", "ok", "0"],
        ["in 2", "timeout", ""],
        ["in 3", "ok", "42"],
      ]);
    });

    test("stops a job whose runs take too long together", async () => {
      const limits = { ...SHORT, totalMs: 900 };
      const { runs } = await box.run({ ...job(snippets.check, "check", [1], [1], [1], [1], [1]), limits });
      expect(runs.map(({ outcome }) => outcome)).toEqual(Array(5).fill("timeout"));
      expect(runs.at(-1)?.ms).toBe(0);
    });

    test("answers neighbors while one never ends", async () => {
      const endless = box.run(job(snippets.check, "check", [1]));
      const values = await Promise.all([1, 2, 3, 4].map(async (n) => (await add(n, n)).value));
      expect(values).toEqual([2, 4, 6, 8]);
      expect((await endless).runs[0]?.outcome).toBe("timeout");
    });

    test("refuses jobs that cannot be run", async () => {
      const good = job(snippets.add, "add", [1, 2]);
      const refused = (bad: Partial<CallsJob>) =>
        expect(box.run({ ...good, ...bad })).rejects.toThrow(expect.objectContaining({ code: "E_SANDBOX" }));
      await refused({ calls: [] });
      await refused({
        calls: [
          { id: "a", args: [] },
          { id: "a", args: [] },
        ],
      });
      await refused({ language: "cobol" as Language });
    });

    test("gives up a job that is aborted, and is ready for the next", async () => {
      const abort = new AbortController();
      const endless = box.run(
        { ...job(snippets.check, "check", [1]), limits: { ...SHORT, cpuMs: 60_000, wallMs: 60_000 } },
        abort.signal,
      );
      setTimeout(() => abort.abort(new Error("enough")), 50);
      await expect(endless).rejects.toThrow("enough");
      expect((await add(1, 1)).value).toBe(2);
    });

    describe("a session", () => {
      test("keeps its state between calls", async () => {
        const session = await box.open({ language, code: snippets.count, limits: SHORT });
        const runs = [await session.call("count", []), await session.call("count", [])];
        await session.close();
        expect(runs.map(({ value }) => value)).toEqual([1, 2]);
      });

      test("outlives errors of the code, and ends with what stops it", async () => {
        const session = await box.open({ language, code: snippets.check, limits: SHORT });
        const all = [
          await session.call("check", [2]),
          await session.call("check", [3]),
          await session.call("check", [1]),
        ];
        expect(all.map(({ outcome }) => outcome)).toEqual(["runtime_error", "ok", "timeout"]);
        await session.close();
        expect((await add(1, 1)).value).toBe(2);
      });
    });

    describe("tests in a box of their own", () => {
      async function tested(tests: string, code = snippets.add) {
        const candidate = await box.open({ language, code, limits: SHORT });
        try {
          return await box.test({ language, tests, entries: ["add"], limits: SHORT }, candidate);
        } finally {
          await candidate.close();
        }
      }

      test("pass where every assert holds", async () => {
        expect(await tested(snippets.tests.right)).toMatchObject({ outcome: "ok", asserts: 2 });
      });

      test("fail where one does not", async () => {
        expect(await tested(snippets.tests.wrong)).toMatchObject({ outcome: "failed" });
      });

      test("fail with the candidate's run where that was stopped", async () => {
        const endless = snippets.check.replace("check", "add");
        expect(await tested(snippets.tests.right, endless)).toMatchObject({
          outcome: "failed",
          run: { outcome: "timeout" },
        });
      });

      test("that test nothing, or are no code, are our fault", async () => {
        expect(await tested(snippets.tests.none)).toMatchObject({ outcome: "sandbox_error", asserts: 0 });
        expect(await tested(snippets.tests.broken)).toMatchObject({ outcome: "sandbox_error" });
      });

      test("never wait for each other's seats", async () => {
        const results = await Promise.all(Array.from({ length: 6 }, () => tested(snippets.tests.right)));
        expect(results.map(({ outcome }) => outcome)).toEqual(Array(6).fill("ok"));
      });
    });

    test("refuses jobs once it is closed", async () => {
      const other = await open();
      await other.close();
      await expect(other.run(job(snippets.add, "add", [1, 2]))).rejects.toThrow(RlvrError);
    });
  });
}
