/** The policy: its weights, files and tokenizer, what samples from it and what trains it. */
export { createCharTokenizer } from "./char-tokenizer.ts";
export { type Conversation, extendChat, rewrittenHistory } from "./chat-history.ts";
export { type ChatMessage, type ChatTemplate, chatTemplate, type RenderOptions } from "./chat-template.ts";
export {
  loadModel,
  loadTensors,
  loadTensorsInto,
  type Model,
  restoreWeights,
  type SaveOptions,
  saveModel,
  saveTensors,
  writeModel,
} from "./checkpoint.ts";
export { Completion, type CompletionLimits, type StopReason } from "./completion.ts";
export type { DrawOptions, Truncation } from "./draw.ts";
export type { FloatFormat } from "./float-formats.ts";
export { readModelConfig, toHfConfig, toHfGenerationConfig } from "./hf-config.ts";
export { type Download, type ResolveOptions, resolveModel } from "./hub.ts";
export { type KlRewardInput, type KlRewardOptions, klShapedRewards } from "./kl-reward.ts";
export { type LearnerOptions, type OptimizerConfig, type OptimizerState, PolicyLearner } from "./learner.ts";
export {
  type Adapter,
  adapterShapes,
  createAdapter,
  frozenCopy,
  LoraConfig,
  loraScale,
  mergeAdapter,
  PROJECTIONS,
  type Projection,
  trainable,
  withAdapter,
  withoutAdapter,
} from "./lora.ts";
export type { Learner, Loss, LossResult, PolicyOutputs, RowScores, StepReport, TrainingRow } from "./loss.ts";
export { type TrainingMemory, type TrainingShapes, totalMemory, trainingMemory } from "./memory.ts";
export { defineModelConfig, ModelConfig } from "./model-config.ts";
export { policyOutputs } from "./outputs.ts";
export { loadAdapter, writeAdapter } from "./peft.ts";
export { CHAT_MODES, type ChatMode, encodePrompt, type Prompt } from "./prompt.ts";
export { type ResponseMask, responseMask } from "./response-mask.ts";
export { openSafetensors, type RowSink, type TensorInfo, type TensorStore } from "./safetensors.ts";
export { openModelTensors } from "./safetensors-shards.ts";
export { type TensorSource, type WriteOptions, writeSafetensors } from "./safetensors-writer.ts";
export { PolicySampler, type Sample, type SampleOptions, type SampleRequest } from "./sampler.ts";
export { learningRateAt, SCHEDULES, type Schedule, type ScheduleOptions } from "./schedule.ts";
export { type BadSftStep, type Example, meanNll, type SftOptions, type SftStep, sftRows, trainSft } from "./sft.ts";
export { sftLoss } from "./sft-loss.ts";
export { readTokenizer, type StreamDecoder, type Tokenizer } from "./tokenizer.ts";
export {
  createWeights,
  type FlatWeights,
  initialize,
  type ModelWeights,
  type WeightSpec,
  weightCount,
  weightShapes,
  withHead,
  withoutScoreHead,
} from "./weights.ts";
export { rescale, type WhitenOptions, whiten } from "./whiten.ts";
export { writeFolder } from "./write-folder.ts";
