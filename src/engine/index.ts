/** Programs from TensorFlow.js functions, and the engines that run them. */
export { type EngineReport, engineReport } from "./doctor.ts";
export type {
  BoundProgram,
  Data,
  DType,
  Engine,
  EngineStats,
  Feeds,
  Program,
  Signature,
  Spec,
  TensorFunction,
} from "./engine.ts";
export { tracePeakBytes } from "./onnx/trace.ts";
export { type EngineOptions, openEngine } from "./open.ts";
export { checkAxes } from "./shapes.ts";
export { floats, halves, ints } from "./spec.ts";
export { type Tensor, tf } from "./tf.ts";
