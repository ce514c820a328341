/**
 * An algorithm of one's own: RAFT (https://arxiv.org/abs/2304.06767) — sample, keep what was rewarded, imitate it.
 *
 *   L(θ) = − Σ_{b,t} w_b · log π_θ(o_{b,t}),   w_b = reward of b / tokens of all rewarded completions
 *
 *   node --conditions=rlvr-source examples/own-loss.ts
 *
 * takes 10 steps, or as many as the argument says, and prints for each the share of samples that were right
 *
 *   step 1: N % of N right, loss N
 *   …
 */
import { encodePrompt, type Loss, PolicyLearner, type TrainingRow } from "rlvr/policy";
import { allDelivered, endlessRows, judge } from "rlvr/rollout";
import { openSession, RunSettings } from "rlvr/run";

const raft: Loss = {
  name: "raft",
  fields: ["weights"],
  compute: ({ logProbs }, { weights }) => ({ loss: logProbs.mul(weights!).sum().neg(), sums: {}, maxima: {} }),
};

const [PROMPTS, SAMPLES] = [32, 4];
const { task, model, engine, sampler } = await openSession(RunSettings.parse({ task: "arithmetic" }));
const learner = new PolicyLearner(engine, model.config, model.weights, {
  optimizer: { beta1: 0.9, beta2: 0.99, eps: 1e-8, weightDecay: 0, maxGradNorm: 1 },
  microBatchTokens: 4096,
});
const source = endlessRows(task, "train", 1);

for (let step = 1; step <= Number(process.argv[2] ?? 10); step++) {
  const tasks = (await source.take(PROMPTS)) as { id: string }[];
  const settings = { temperature: 1, topK: 0, topP: 1, minP: 0, seed: 1, step, stopStrings: task.stop ?? [] };
  const rewarded: { id: string; prompt: Int32Array; completion: Int32Array }[] = [];
  for (const row of tasks) {
    const prompt = encodePrompt(model, task.prompt(row));
    const requests = Array.from({ length: SAMPLES }, (_, sampleIndex) => {
      return { id: `${row.id}/${sampleIndex}`, prompt, promptId: row.id, sampleIndex, maxTokens: task.maxTokens };
    });
    const samples = allDelivered(await sampler.sample(requests, settings));
    const completions = samples.map(({ id, text }) => ({ id, completion: text }));
    const verdicts = await judge(task, row, completions, { concurrency: SAMPLES });
    for (const { id, tokens } of samples) {
      if (verdicts.get(id)?.reward === 1) rewarded.push({ id, prompt, completion: tokens });
    }
  }

  const total = rewarded.reduce((sum, { completion }) => sum + completion.length, 0);
  const rows = rewarded.map(({ id, prompt, completion }): TrainingRow => {
    const weights = new Float32Array(prompt.length + completion.length).fill(1 / total, prompt.length);
    return { id, tokens: Int32Array.of(...prompt, ...completion), fields: { weights } };
  });
  const { metrics } = await learner.step(raft, rows, { learningRate: 1e-4, temperature: 1 });
  const share = (100 * rewarded.length) / (PROMPTS * SAMPLES);
  console.log(`step ${step}: ${share.toFixed(0)} % of ${PROMPTS * SAMPLES} right, loss ${metrics.loss?.toFixed(3)}`);
}
await source.close();
await engine.dispose();
