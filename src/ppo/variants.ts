/** From the names in the config to functions. */
import { AGGREGATES, type Aggregate } from "../policy/aggregate.ts";
import { noCorrection, truncateTokens } from "../policy/importance.ts";
import type { Loss } from "../policy/loss.ts";
import { clippedSurrogate } from "../policy/surrogate.ts";
import { TRUNCATION, type TruncationPolicy } from "../policy/truncation.ts";
import { weightedSum } from "../policy/weighted-sum.ts";
import type { PpoConfig } from "./config.ts";
import { ppoPolicyLoss } from "./policy-loss.ts";
import { ptxLoss } from "./ptx-loss.ts";
import { ppoValueLoss } from "./value-loss.ts";

/** Everything that the training loop does not need to tell apart. */
export interface Variants {
  readonly truncation: TruncationPolicy;
  readonly aggregate: Aggregate;
  /** Of the policy's learner: with the value's where the trunk is shared, and the pre-training term where there is one. */
  readonly policyLoss: Loss;
  /** Of a critic of its own; null where the trunk is shared. */
  readonly criticLoss: Loss | null;
}

export function variantsOf(config: PpoConfig): Variants {
  const { importanceMax, entropyCoef, valueClip, valueCoef, ptxCoef } = config;
  const policy = ppoPolicyLoss({
    surrogate: clippedSurrogate(config),
    importance: importanceMax === null ? noCorrection : truncateTokens({ max: importanceMax }),
    entropyCoef,
  });
  const value = ppoValueLoss({ clip: valueClip });
  const isShared = config.critic === "shared";
  return {
    truncation: TRUNCATION[config.truncation](config),
    aggregate: AGGREGATES[config.aggregate](config),
    policyLoss: weightedSum([
      { loss: policy, coef: 1 },
      ...(isShared ? [{ loss: value, coef: valueCoef }] : []),
      ...(ptxCoef > 0 ? [{ loss: ptxLoss, coef: ptxCoef }] : []),
    ]),
    criticLoss: isShared ? null : value,
  };
}
