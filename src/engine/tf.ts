/**
 * The one place that names TensorFlow.js: the ops in which models and losses are written, and their gradients.
 * It is an optional dependency, because the verifiers and the sandbox work without it.
 */
import type * as Tf from "@tensorflow/tfjs";
import { RlvrError } from "../errors.ts";

export type { Tensor } from "@tensorflow/tfjs";

export const tf: typeof Tf = await import("@tensorflow/tfjs").catch((cause: unknown) => {
  throw new RlvrError("E_PACKAGE", "@tensorflow/tfjs is not installed; models, losses and training need it", {
    hint: "run: npm install @tensorflow/tfjs onnxruntime-node",
    cause,
  });
});
