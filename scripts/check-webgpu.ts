/**
 * Does one training step on WebGPU give the CPU's numbers?   npm run check:webgpu
 *
 * Tries the graphics drivers that it finds, each in a process of its own, because a driver is chosen once per process and
 * may crash. It installs nothing; where there is no GPU, a software driver for Vulkan does:
 *   SwiftShader comes with Chromium (Debian: apt-get install chromium) and works;
 *   lavapipe (mesa-vulkan-drivers) needs Mesa 23 or newer: Debian 12's lacks a feature that ONNX Runtime asks for.
 *
 * Exit code: 0 the numbers agree, 1 they do not, 2 no driver runs.
 */
import { spawnSync } from "node:child_process";
import { globSync } from "node:fs";
import os from "node:os";
import { fileURLToPath } from "node:url";
import { type Engine, openEngine } from "../src/engine/index.ts";
import { RlvrError } from "../src/errors.ts";
import { PolicyLearner } from "../src/policy/learner.ts";
import { defineModelConfig } from "../src/policy/model-config.ts";
import { sftLoss } from "../src/policy/sft-loss.ts";
import { createWeights, initialize } from "../src/policy/weights.ts";

/** Of the weights' difference to their largest change: 32-bit sums in another order stay two digits below. */
const TOLERANCE = 1e-3;
const NO_DRIVER = 2;

/** Manifests of software drivers, in Vulkan's format, where Chromium's packages put them. */
const SWIFTSHADER = [
  "/usr/lib/chromium/vk_swiftshader_icd.json",
  "/usr/lib64/chromium-browser/vk_swiftshader_icd.json",
  "/opt/google/chrome/vk_swiftshader_icd.json",
  `${os.homedir()}/.cache/ms-playwright/chromium*/chrome-linux*/vk_swiftshader_icd.json`,
];

const MODEL = defineModelConfig({
  vocabSize: 24,
  hiddenSize: 32,
  layers: 1,
  heads: 4,
  kvHeads: 2,
  headDim: 8,
  intermediateSize: 64,
  maxPositions: 32,
});

/** Loss, gradient norm, and the weights before and after one step of supervised fine-tuning. */
async function trainingStep(engine: Engine) {
  const weights = createWeights(MODEL);
  initialize(weights, MODEL, 1);
  const before = weights.flat.slice();
  // a large ε makes the step follow the gradient instead of its sign, which rounding could flip where it is near 0
  const optimizer = { beta1: 0.9, beta2: 0.999, eps: 1e-2, weightDecay: 0.1, maxGradNorm: 10 };
  const learner = new PolicyLearner(engine, MODEL, weights, { optimizer, microBatchTokens: 256 });
  const rows = Array.from({ length: 4 }, (_, i) => ({
    id: String(i),
    tokens: Int32Array.from({ length: 12 }, (_, t) => (i * 7 + t * t + 3 * t) % MODEL.vocabSize),
    fields: { weights: Float32Array.from({ length: 12 }, (_, t) => (t < 4 ? 0 : 1 / 32)) },
  }));
  const report = await learner.step(sftLoss, rows, { learningRate: 0.1, temperature: 1 });
  return { loss: report.metrics.loss as number, gradNorm: report.gradNorm, before, after: weights.flat };
}

async function on(device: Engine["device"]) {
  const engine = await openEngine({ device, executors: 1, threads: 1 });
  const started = performance.now();
  const result = await trainingStep(engine);
  await engine.dispose();
  return { ...result, seconds: (performance.now() - started) / 1000 };
}

const largest = (values: Float32Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0);

async function compare(): Promise<number> {
  const webgpu = await on("webgpu").catch((error: unknown) => {
    if (!(error instanceof RlvrError)) throw error;
    console.log(error.message.trim());
    return undefined;
  });
  if (!webgpu) return NO_DRIVER;
  const cpu = await on("cpu");
  const change = largest(cpu.after.map((value, i) => value - (cpu.before[i] as number)));
  const difference = largest(cpu.after.map((value, i) => value - (webgpu.after[i] as number)));
  for (const [device, { loss, gradNorm, seconds }] of Object.entries({ cpu, webgpu })) {
    console.log(
      `${device.padEnd(6)}  loss ${loss.toFixed(6)}  gradient norm ${gradNorm.toFixed(6)}  ${seconds.toFixed(2)} s`,
    );
  }
  const relative = difference / change;
  const verdict = relative <= TOLERANCE ? "agree" : "DO NOT AGREE";
  console.log(
    `${cpu.after.length} weights ${verdict}: they changed by up to ${change.toExponential(2)} and differ by up to ` +
      `${difference.toExponential(2)}, ${relative.toExponential(2)} of that (allowed: ${TOLERANCE})`,
  );
  return relative <= TOLERANCE ? 0 : 1;
}

/** The system's own drivers first, then the software ones. */
function drivers(): { name: string; environment: Record<string, string> }[] {
  const software = SWIFTSHADER.flatMap((pattern) => globSync(pattern));
  return [
    { name: "the system's driver", environment: {} },
    ...software.map((manifest) => ({ name: manifest, environment: { VK_ICD_FILENAMES: manifest } })),
  ];
}

function tryDrivers(): number {
  for (const { name, environment } of drivers()) {
    const child = spawnSync(process.execPath, [...process.execArgv, fileURLToPath(import.meta.url), "--compare"], {
      env: { ...process.env, ...environment },
      encoding: "utf8",
      timeout: 120_000,
    });
    const ended = child.signal ? `ended by ${child.signal}` : `exit code ${child.status}`;
    console.log(`${name}: ${ended}\n${child.stdout.replace(/^/gm, "  ").trimEnd()}`);
    if (child.status === 0 || child.status === 1) return child.status;
  }
  console.log("no graphics driver runs WebGPU here; on Debian: apt-get install chromium (for its SwiftShader)");
  return NO_DRIVER;
}

process.exitCode = process.argv.includes("--compare") ? await compare() : tryDrivers();
