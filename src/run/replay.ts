/** Repeats a step that was not finite, from what the run saved of it. */
import { dirname, join } from "node:path";
import { RlvrError } from "../errors.ts";
import { variantsOf } from "../grpo/variants.ts";
import {
  type LearnerOptions,
  type Loss,
  loadModel,
  loadTensorsInto,
  PolicyLearner,
  type StepReport,
  sftLoss,
} from "../policy/index.ts";
import { variantsOf as ppoVariantsOf } from "../ppo/variants.ts";
import { linearLoss } from "../preference/index.ts";
import { type Part, readBadStep } from "./bad-step.ts";
import { readConfig } from "./directory.ts";
import { GrpoRun, grpoLearner } from "./grpo.ts";
import { PpoRun, ppoLearner } from "./ppo.ts";
import { preferenceLearner } from "./preference.ts";
import { DpoRun, RmRun } from "./preference-settings.ts";
import { openEngineFor } from "./session.ts";
import type { EngineSettings } from "./settings.ts";
import { SftRun, sftLearner } from "./sft.ts";
import { parseSettings } from "./training.ts";

/**
 * Takes the step again on the same batch and weights, and reports what came of it. Writes nothing.
 * @param folder one of a run's bad-steps/
 */
export async function replayBadStep(folder: string): Promise<StepReport> {
  const { part, rows, updates, learningRate, temperature } = await readBadStep(folder);
  const { loss, learner: options, engine: settings } = lossOf(dirname(dirname(folder)), part);
  const model = await loadModel(folder);
  const engine = await openEngineFor(model, settings);
  try {
    const learner = new PolicyLearner(engine, model.config, model.weights, options);
    const { firstMoment, secondMoment } = learner.state;
    await loadTensorsInto(join(folder, "optimizer.safetensors"), { firstMoment, secondMoment });
    learner.state.updates = updates;
    return await learner.step(loss, rows, { learningRate, temperature });
  } finally {
    await engine.dispose();
  }
}

function lossOf(run: string, part: Part): { loss: Loss; learner: LearnerOptions; engine: EngineSettings } {
  const config = readConfig(run);
  if (typeof config === "object" && config !== null) {
    if ("grpo" in config) {
      const settings = parseSettings(GrpoRun, config);
      return { loss: variantsOf(settings.grpo).loss, learner: grpoLearner(settings), engine: settings.engine };
    }
    if ("ppo" in config) {
      const settings = parseSettings(PpoRun, config);
      const { policyLoss, criticLoss } = ppoVariantsOf(settings.ppo);
      const loss = part === "critic" && criticLoss ? criticLoss : policyLoss;
      return { loss, learner: ppoLearner(settings), engine: settings.engine };
    }
    if ("dpo" in config) {
      const { dpo, engine } = parseSettings(DpoRun, config);
      return { loss: linearLoss("logProbs"), learner: preferenceLearner(dpo, engine), engine };
    }
    if ("rm" in config) {
      const { rm, engine } = parseSettings(RmRun, config);
      return { loss: linearLoss("scores"), learner: preferenceLearner(rm, engine), engine };
    }
    if ("sft" in config) {
      const settings = parseSettings(SftRun, config);
      return { loss: sftLoss, learner: sftLearner(settings), engine: settings.engine };
    }
  }
  throw new RlvrError(
    "E_RUN",
    `${run} is a run of no algorithm that can be repeated, expected grpo, ppo, sft, dpo or rm`,
  );
}
