/** The policy: its weights, files and tokenizer. */
export { createCharTokenizer } from "./char-tokenizer.ts";
export {
  loadModel,
  loadTensors,
  loadTensorsInto,
  type Model,
  type SaveOptions,
  saveModel,
  saveTensors,
  writeModel,
} from "./checkpoint.ts";
export type { FloatFormat } from "./float-formats.ts";
export { readModelConfig, toHfConfig, toHfGenerationConfig } from "./hf-config.ts";
export { defineModelConfig, ModelConfig } from "./model-config.ts";
export {
  createParameters,
  initialize,
  type ParameterKind,
  type ParameterSpec,
  Parameters,
  parameterCount,
  parameterLayout,
} from "./parameters.ts";
export { openSafetensors, type RowSink, type TensorInfo, type TensorStore } from "./safetensors.ts";
export { openModelTensors } from "./safetensors-shards.ts";
export { type TensorSource, type WriteOptions, writeSafetensors } from "./safetensors-writer.ts";
export { readTokenizer, type StreamDecoder, type Tokenizer } from "./tokenizer.ts";
export { writeFolder } from "./write-folder.ts";
