import { describe, expect, test } from "vitest";
import type { Learner, StepReport, TrainingRow } from "../../src/policy/loss.ts";
import { type Example, meanNll, sftRows, trainSft } from "../../src/policy/sft.ts";

const example = (id: string, prompt: number[], completion: number[]): Example => ({
  id,
  prompt: Int32Array.from(prompt),
  completion: Int32Array.from(completion),
});
const EXAMPLES = [example("a", [5, 6, 7], [1, 9]), example("b", [5], [2, 3, 9])];

/** A policy that gives each token the probability 1/8, and counts its updates. */
class Uniform implements Learner {
  version = 0;
  readonly rates: number[] = [];
  readonly seen: string[][] = [];
  async score(rows: readonly Pick<TrainingRow, "id" | "tokens">[]) {
    return rows.map(({ tokens }) => ({
      logProbs: Float32Array.from(tokens, (_, t) => (t === 0 ? 0 : -Math.log(8))),
      entropy: new Float32Array(tokens.length),
    }));
  }
  async step(
    _: unknown,
    rows: readonly TrainingRow[],
    { learningRate }: { learningRate: number },
  ): Promise<StepReport> {
    this.rates.push(learningRate);
    this.seen.push(rows.map(({ id }) => id));
    const applied = learningRate < 0.03;
    if (applied) this.version++;
    const metrics = { loss: Math.log(8), nll: 5 * Math.log(8), tokens: 5, entropy: 5 * Math.log(8) };
    return { metrics, gradNorm: 1, applied, badRows: applied ? [] : ["b"] };
  }
}

describe("sftRows", () => {
  test("trains the completion with its end of sequence, and nothing of the prompt", () => {
    const [a, b] = sftRows(EXAMPLES);
    expect([...a!.tokens]).toEqual([5, 6, 7, 1, 9]);
    const fifth = Math.fround(1 / 5); // five completion tokens in all, each weighs the same
    expect([...a!.fields.weights!]).toEqual([0, 0, 0, fifth, fifth]);
    expect([...b!.fields.weights!]).toEqual([0, fifth, fifth, fifth]);
  });
});

describe("meanNll", () => {
  test("is ln 8 for a uniform policy over 8 tokens", async () => {
    expect(await meanNll(new Uniform(), EXAMPLES)).toBeCloseTo(Math.log(8), 6);
  });
});

describe("trainSft", () => {
  const options = { steps: 4, learningRate: 0.02, warmupSteps: 2, schedule: "linear" } as const;
  const batch = (step: number) => [EXAMPLES[step % 2]!];

  test("warms up to the peak and decays to 0 one step after the last", async () => {
    const learner = new Uniform();
    expect(await trainSft({ ...options, learner, batch })).toEqual({ stepsDone: 4 });
    expect(learner.rates).toEqual([0.01, 0.02, 0.02, 0.01]);
  });

  test("goes on at fromStep with the batches and rates of an uninterrupted run", async () => {
    const learner = new Uniform();
    await trainSft({ ...options, learner, batch, fromStep: 3 });
    expect({ seen: learner.seen, rates: learner.rates }).toEqual({ seen: [["b"]], rates: [0.01] });
  });

  test("reports means over completion tokens", async () => {
    const seen: unknown[] = [];
    await trainSft({ ...options, learner: new Uniform(), batch, steps: 1, onStep: (step) => void seen.push(step) });
    expect(seen).toEqual([
      {
        ...{ step: 0, loss: Math.log(8), entropy: Math.log(8), gradNorm: 1, learningRate: 0.01 },
        ...{ tokens: 5, allTokens: 5, applied: true },
      },
    ]);
  });

  test("hands over an update that was not finite, and goes on", async () => {
    const bad: string[] = [];
    const learner = new Uniform();
    const onBadStep = ({ step, report }: { step: number; report: StepReport }) =>
      void bad.push(`${step} ${report.badRows.join()}`);
    await trainSft({ ...options, learningRate: 0.05, learner, batch, onBadStep });
    expect(bad).toEqual(["1 b", "2 b"]); // rates .025, .05, .05, .025
    expect(learner.version).toBe(2);
  });

  test("stops before the next step when asked to", async () => {
    const controller = new AbortController();
    const learner = new Uniform();
    const onStep = () => controller.abort();
    expect(await trainSft({ ...options, learner, batch, onStep, signal: controller.signal })).toEqual({ stepsDone: 1 });
  });
});
