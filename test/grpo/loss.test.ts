import fc from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type Tensor, tf } from "../../src/engine/tf.ts";
import { type GrpoLossOptions, grpoLoss } from "../../src/grpo/loss.ts";
import { cispoSurrogate } from "../../src/grpo/surrogate-cispo.ts";
import { gspoSurrogate } from "../../src/grpo/surrogate-gspo.ts";
import { type Aggregate, constantLength, sequenceMean, sequenceSum, tokenMean } from "../../src/policy/aggregate.ts";
import { noCorrection, truncateTokens } from "../../src/policy/importance.ts";
import { clippedSurrogate } from "../../src/policy/surrogate.ts";
import { expectAllClose } from "../allclose.ts";
import { vectorsOf } from "../vectors.ts";

beforeAll(() => tf.setBackend("cpu"));

interface Batch {
  logp: number[][];
  oldLogp: number[][];
  refLogp?: number[][];
  samplerLogp?: number[][];
  entropy?: number[][];
  /** One for a sequence. */
  advantages: number[];
  mask: number[][];
}

const PLAIN: GrpoLossOptions = {
  surrogate: clippedSurrogate({ clipLow: 0.2, clipHigh: 0.2 }),
  importance: noCorrection,
  klCoef: 0,
  klLoss: "k3",
  entropyCoef: 0,
  old: "field",
};

/** Loss, gradient with respect to the log-probs [B][T], and the logged numbers. */
function evaluate(
  batch: Batch,
  options: GrpoLossOptions = PLAIN,
  aggregate: Aggregate = tokenMean,
  weights = aggregate(batch.mask),
) {
  const { compute } = grpoLoss(options);
  const fields = {
    advantages: tf.tensor2d(batch.mask.map((row, b) => row.map((one) => one * batch.advantages[b]!))),
    weights: tf.tensor2d(weights.map((row) => [...row])),
    completionMask: tf.tensor2d(batch.mask),
    samplerLogProbs: tf.tensor2d(batch.samplerLogp ?? batch.oldLogp),
    oldLogProbs: tf.tensor2d(batch.oldLogp),
    refLogProbs: tf.tensor2d(batch.refLogp ?? batch.oldLogp),
  };
  const entropy = tf.tensor2d(batch.entropy ?? batch.mask);
  const logProbs = tf.tensor2d(batch.logp);
  const run = (x: Tensor) => compute({ logProbs: x, entropy }, fields);
  const { value, grad } = tf.valueAndGrad((x) => run(x).loss)(logProbs);
  const numbers = (tensors: Record<string, Tensor>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.dataSync()[0]!]));
  const { sums, maxima } = run(logProbs);
  const gradient = grad.arraySync() as number[][];
  return { loss: value.dataSync()[0]!, gradient, sums: numbers(sums), maxima: numbers(maxima) };
}

const AGGREGATES: Record<string, (maxLen: number) => Aggregate> = {
  "token-mean": () => tokenMean,
  "seq-mean-token-mean": () => sequenceMean,
  "seq-mean-token-sum": () => sequenceSum,
  "seq-sum-const-norm": (maxLen) => constantLength(maxLen),
};

interface ClipInputs extends Batch {
  epsLow: number;
  epsHigh: number;
  beta: number;
  aggregation: string;
  maxLen?: number;
  dualClip?: number | null;
  delta?: number | null;
}

interface Expected {
  loss: number;
  gradLogp: number[][];
  clipFrac?: { high: number; low: number };
}

describe.each(["grpo/loss", "dapo/clip", "ppo/dualclip"])("%s", (family) => {
  test.each(vectorsOf<ClipInputs, Expected>(family))("$id: $name", ({ inputs, expected }) => {
    const dualClip = inputs.dualClip ?? inputs.delta ?? null; // one bound, two names
    const surrogate = clippedSurrogate({ clipLow: inputs.epsLow, clipHigh: inputs.epsHigh, dualClip });
    const aggregate = AGGREGATES[inputs.aggregation]!(inputs.maxLen ?? 0);
    const { loss, gradient, sums } = evaluate(inputs, { ...PLAIN, surrogate, klCoef: inputs.beta }, aggregate);
    expectAllClose(loss, expected.loss);
    expectAllClose(gradient, expected.gradLogp);
    if (expected.clipFrac) {
      expectAllClose(sums["clip/high"]! / sums.tokens!, expected.clipFrac.high);
      expectAllClose(sums["clip/low"]! / sums.tokens!, expected.clipFrac.low);
    }
  });
});

test.each(vectorsOf<ClipInputs, Expected>("gspo"))("$id: $name", ({ inputs, expected }) => {
  const surrogate = gspoSurrogate({ clipLow: inputs.epsLow, clipHigh: inputs.epsHigh });
  const { loss, gradient } = evaluate(inputs, { ...PLAIN, surrogate }, sequenceMean);
  expectAllClose(loss, expected.loss, 1e-6);
  expectAllClose(gradient, expected.gradLogp, 1e-6);
});

test.each(vectorsOf<Batch & { weightMin: number; weightMax: number }, Expected>("cispo"))("$id: $name", (vector) => {
  const { loss, gradient } = evaluate(vector.inputs, { ...PLAIN, surrogate: cispoSurrogate(vector.inputs) });
  expectAllClose(loss, vector.expected.loss);
  expectAllClose(gradient, vector.expected.gradLogp);
});

test.each(
  vectorsOf<
    { policyLoss: number; entropies: number[][]; mask: number[][]; coef: number },
    { entropyMean: number; loss: number }
  >("entropy/bonus").filter(({ inputs }) => inputs.coef === 0.01 && inputs.policyLoss !== undefined),
)("$id: $name", ({ inputs, expected }) => {
  const logp = [[-1, -1, -1]]; // on-policy: the policy's part is −A
  const batch = { logp, oldLogp: logp, advantages: [-inputs.policyLoss], mask: inputs.mask, entropy: inputs.entropies };
  const { loss, sums } = evaluate(batch, { ...PLAIN, entropyCoef: inputs.coef });
  expectAllClose(loss, expected.loss);
  expectAllClose(sums.entropy! / sums.tokens!, expected.entropyMean);
  expectAllClose([sums["loss/policy"]!, sums["loss/entropy"]!], [inputs.policyLoss, expected.loss - inputs.policyLoss]);
});

/** Two completions of 3 tokens and 1 token, A = [1, −1], at the weights that generated. */
const ON_POLICY: Batch = {
  logp: [
    [-0.5, -1, -0.3],
    [-0.9, 0, 0],
  ],
  oldLogp: [
    [-0.5, -1, -0.3],
    [-0.9, 0, 0],
  ],
  advantages: [1, -1],
  mask: [
    [1, 1, 1],
    [1, 0, 0],
  ],
};
const moved = (by: number): Batch => ({ ...ON_POLICY, logp: ON_POLICY.logp.map((row) => row.map((x) => x + by)) });

describe.each([
  ["clipped", clippedSurrogate({ clipLow: 0.2, clipHigh: 0.28, dualClip: 3 })],
  ["cispo", cispoSurrogate({ weightMax: 5 })],
])("%s", (_name, surrogate) => {
  test.each(["field", "current"] as const)(
    "on-policy gradient is −A/N on completion tokens, 0 on padding (old = %s)",
    (old) => {
      const { gradient } = evaluate(ON_POLICY, { ...PLAIN, surrogate, old });
      expectAllClose(gradient, [
        [-0.25, -0.25, -0.25],
        [0.25, 0, 0],
      ]);
    },
  );
});

test("gspo: the on-policy gradient is −A/(|o|·B)", () => {
  const surrogate = gspoSurrogate({ clipLow: 3e-4, clipHigh: 4e-4 });
  const { gradient } = evaluate(ON_POLICY, { ...PLAIN, surrogate }, sequenceMean);
  expectAllClose(gradient, [
    [-1 / 6, -1 / 6, -1 / 6],
    [0.5, 0, 0],
  ]);
});

describe("grpoLoss", () => {
  test("minimizing it raises what is rewarded and lowers what is punished", () => {
    const { gradient } = evaluate(ON_POLICY);
    expect(gradient[0]![0]).toBeLessThan(0); // descent adds to the log-prob
    expect(gradient[1]![0]).toBeGreaterThan(0);
  });

  test("a ratio above 1+ε_high with A > 0 has no gradient; with A < 0 it has", () => {
    const { gradient } = evaluate(moved(Math.log(1.5)));
    expectAllClose(gradient, [
      [0, 0, 0],
      [1.5 / 4, 0, 0],
    ]);
  });

  test("a ratio below 1−ε_low with A < 0 has no gradient; with A > 0 it has", () => {
    const { gradient } = evaluate(moved(Math.log(0.5)));
    expectAllClose(gradient, [
      [-0.5 / 4, -0.5 / 4, -0.5 / 4],
      [0, 0, 0],
    ]);
  });

  test("the KL at the reference has loss 0 and gradient 0", () => {
    const batch = { ...ON_POLICY, advantages: [0, 0], refLogp: ON_POLICY.logp };
    for (const klLoss of ["k2", "k3", "weighted-k3"] as const) {
      const { loss, gradient } = evaluate(batch, { ...PLAIN, klCoef: 1, klLoss });
      expectAllClose([loss, ...gradient.flat()], [0, 0, 0, 0, 0, 0, 0], 1e-7);
    }
  });

  test("the KL pulls towards the reference", () => {
    const refLogp = ON_POLICY.logp.map((row) => row.map((x) => x - 0.5));
    const { gradient } = evaluate({ ...ON_POLICY, advantages: [0, 0], refLogp }, { ...PLAIN, klCoef: 1, klLoss: "k2" });
    expectAllClose(gradient, [
      [0.125, 0.125, 0.125],
      [0.125, 0, 0],
    ]); // descent lowers it
  });

  test("the correction multiplies the policy's part and leaves the KL alone", () => {
    const samplerLogp = ON_POLICY.logp.map((row) => row.map((x) => x - Math.log(1.5)));
    const refLogp = ON_POLICY.logp.map((row) => row.map((x) => x - 0.5));
    const options = { ...PLAIN, importance: truncateTokens({ max: 2 }), klCoef: 1, klLoss: "k2" } as const;
    const { gradient } = evaluate({ ...ON_POLICY, samplerLogp, refLogp }, options);
    expectAllClose(gradient[0]![0]!, -1.5 / 4 + 0.5 / 4);
  });

  test("a log ratio of 500 stays finite", () => {
    const { loss, gradient } = evaluate(
      {
        ...ON_POLICY,
        oldLogp: [
          [-500, -1, -0.3],
          [-500, 0, 0],
        ],
      },
      {
        ...PLAIN,
        surrogate: clippedSurrogate({ clipLow: 0.2, clipHigh: 0.28, dualClip: 3 }),
      },
    );
    expect([loss, ...gradient.flat()].every(Number.isFinite)).toBe(true);
  });

  test("logs the drift from old, its extremes, and what disagrees with the sampler", () => {
    const batch = {
      ...moved(Math.log(1.5)),
      samplerLogp: [
        [-0.5, -1.2, -0.3],
        [-0.9, 0, 0],
      ],
    };
    const { sums, maxima } = evaluate(batch);
    expectAllClose(sums["kl/old"]! / sums.tokens!, 1.5 - 1 - Math.log(1.5)); // (ρ − 1) − log ρ
    expectAllClose([maxima["ratio/log_max"]!, maxima["ratio/minus_log_min"]!], [Math.log(1.5), -Math.log(1.5)]);
    expectAllClose([sums.mismatch!, maxima["mismatch/max"]!], [0.2, 0.2]);
    expectAllClose(maxima["importance/log_max"]!, 0.2);
    expectAllClose(sums.importance!, 3 + Math.exp(0.2));
  });

  test("a micro-batch of padding alone raises no maximum and adds to no sum", () => {
    const empty = { logp: [[-3, -3]], oldLogp: [[0, 0]], advantages: [0], mask: [[0, 0]] };
    const { loss, gradient, sums, maxima } = evaluate(empty);
    expect([loss, ...gradient.flat(), ...Object.values(sums)].every((x) => x + 0 === 0)).toBe(true);
    expect(maxima["ratio/log_max"]).toBe(-20);
  });

  test("reads oldLogProbs and refLogProbs only where it needs them", () => {
    const base = ["advantages", "weights", "completionMask", "samplerLogProbs"];
    expect(grpoLoss({ ...PLAIN, old: "current" }).fields).toEqual(base);
    expect(grpoLoss({ ...PLAIN, klCoef: 0.1 }).fields).toEqual([...base, "oldLogProbs", "refLogProbs"]);
  });

  test("every option changes the name, because programs are cached by it", () => {
    const variants: Partial<GrpoLossOptions>[] = [
      {},
      { surrogate: clippedSurrogate({ clipLow: 0.2, clipHigh: 0.28 }) },
      { surrogate: clippedSurrogate({ clipLow: 0.2, clipHigh: 0.2, dualClip: 3 }) },
      { surrogate: gspoSurrogate({ clipLow: 0.2, clipHigh: 0.2 }) },
      { surrogate: cispoSurrogate({ weightMax: 5 }) },
      { importance: truncateTokens({ max: 2 }) },
      { klCoef: 0.1 },
      { klCoef: 0.1, klLoss: "k2" },
      { entropyCoef: 0.1 },
      { old: "current" },
    ];
    const names = variants.map((variant) => grpoLoss({ ...PLAIN, ...variant }).name);
    expect(new Set(names).size).toBe(variants.length);
  });

  test("a wrong shape names the tensor", () => {
    const logProbs = tf.zeros([2, 3]);
    const fields = Object.fromEntries(grpoLoss(PLAIN).fields.map((name) => [name, tf.zeros([2, 3])]));
    const compute = () =>
      grpoLoss(PLAIN).compute({ logProbs, entropy: logProbs }, { ...fields, weights: tf.zeros([2, 4]) });
    expect(compute).toThrow("weights has shape [2, 4], expected [B=2, T=3]");
  });

  test("a dual clip inside the clip range is refused", () => {
    const surrogate = clippedSurrogate({ clipLow: 0.2, clipHigh: 0.28, dualClip: 1.2 });
    expect(() => evaluate(ON_POLICY, { ...PLAIN, surrogate })).toThrow("dualClip is 1.2, expected more than");
  });

  test("however a batch is split into micro-batches, loss and gradient are those of the whole", () => {
    const token = fc.record({
      logp: fc.double({ min: -3, max: -0.01, noNaN: true }),
      drift: fc.double({ min: -0.6, max: 0.6, noNaN: true }),
      mask: fc.constantFrom(0, 1),
    });
    const rows = fc.array(
      fc.record({ tokens: fc.array(token, { minLength: 3, maxLength: 3 }), A: fc.constantFrom(-1, 0.5, 2) }),
      { minLength: 2, maxLength: 6 },
    );
    const aggregates = fc.constantFrom(tokenMean, sequenceMean, sequenceSum, constantLength(8));
    const options = { ...PLAIN, klCoef: 0.05, entropyCoef: 0.01, importance: truncateTokens({ max: 2 }) };
    fc.assert(
      fc.property(rows, aggregates, fc.nat(), (list, aggregate, at) => {
        const batch: Batch = {
          logp: list.map(({ tokens }) => tokens.map(({ logp }) => logp)),
          oldLogp: list.map(({ tokens }) => tokens.map(({ logp, drift }) => logp - drift)),
          refLogp: list.map(({ tokens }) => tokens.map(({ logp }) => logp / 2)),
          advantages: list.map(({ A }) => A),
          mask: list.map(({ tokens }) => tokens.map(({ mask }) => mask)),
        };
        const weights = aggregate(batch.mask);
        const whole = evaluate(batch, options, aggregate, weights);
        const cut = 1 + (at % (list.length - 1));
        const parts = [
          [0, cut],
          [cut, list.length],
        ].map(([from, to]) => {
          const part = Object.fromEntries(Object.entries(batch).map(([name, x]) => [name, x.slice(from, to)]));
          return evaluate(part as unknown as Batch, options, aggregate, weights.slice(from, to));
        });
        expectAllClose(parts[0]!.loss + parts[1]!.loss, whole.loss, 1e-5, 1e-5);
        expectAllClose([...parts[0]!.gradient, ...parts[1]!.gradient], whole.gradient, 1e-6, 1e-5);
        for (const [name, sum] of Object.entries(whole.sums)) {
          expectAllClose(parts[0]!.sums[name]! + parts[1]!.sums[name]!, sum, 1e-4, 1e-5);
        }
      }),
      { numRuns: 30 },
    );
  });
});
