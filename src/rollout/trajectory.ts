/** What a rollout leaves: the tokens as they were sampled, never re-encoded, and which of them the policy wrote. */
import type { StopReason as CompletionEnd } from "../policy/completion.ts";
import type { Verdict } from "../verifiers/verdict.ts";

export type StopReason = CompletionEnd | "lost"; // the engine never delivered it: it has no token that the policy wrote, and is not graded

export interface Trajectory {
  /** `<step>/<promptId>/<sampleIndex>`: rewards are attached by it, never by position. */
  readonly id: string;
  readonly promptId: string;
  readonly sampleIndex: number;
  /** Prompt and completion. [T] */
  readonly tokens: Int32Array;
  /** 1 = the policy wrote this token, so it is trained. [T] */
  readonly completionMask: Uint8Array;
  /** Natural-log probabilities under the distribution that sampled; 0 where the mask is 0. [T] */
  readonly samplerLogProbs: Float32Array;
  readonly stopReason: StopReason;
  /** The weights that sampled it. */
  readonly policyVersion: number;
  /** The completion as text, for verifiers and people. */
  readonly completion: string;
}

/** A trajectory with its verdict. `reward` is null exactly when the verdict is not graded. */
export interface Judged extends Trajectory {
  readonly verdict: Verdict;
  readonly reward: number | null;
  readonly verifyMs: number;
}

/** The G trajectories of one prompt. */
export interface Group {
  readonly promptId: string;
  readonly prompt: string;
  /** The task's row, for what is judged later than the reward: steps. */
  readonly row?: unknown;
  readonly trajectories: readonly Judged[]; // [G]
  /** Reward of a greedy completion, where one was sampled; null = not graded. */
  readonly greedyReward?: number | null;
}
