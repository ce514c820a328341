/** What draws completions: the engine inside this process, or the server of another project. */
import type { RlvrError } from "../errors.ts";
import type { Model, PolicySampler, Sample, SampleOptions, SampleRequest } from "../policy/index.ts";

/** A completion, and the weights that wrote it. */
export interface VersionedSample extends Sample {
  /** Updates that they had seen. */
  readonly policyVersion: number;
}

/** A completion that never came. It is nobody's mistake but the engine's: not graded, and never scored. */
export interface LostSample {
  readonly id: string;
  readonly lost: RlvrError;
}

/** What an engine can be given while it runs. */
export interface SamplerCapabilities {
  readonly adapters: boolean;
  readonly fullWeights: boolean;
}

export interface Sampler {
  readonly capabilities: SamplerCapabilities;
  /** Updates that the weights it draws with have seen: the version that `sync` brought last. Null before the first. */
  readonly version: number | null;
  /**
   * One result for each request, in their order. `onSample` hears of each completion as it ends.
   *
   * @throws the signal's reason, once it is aborted
   */
  sample(
    requests: readonly SampleRequest[],
    options: SampleOptions,
    onSample?: (sample: VersionedSample) => void,
    signal?: AbortSignal,
  ): Promise<(VersionedSample | LostSample)[]>;
  /** Brings the weights of a version to the engine. Nothing is drawn meanwhile. */
  sync(version: number, model: Model, signal?: AbortSignal): Promise<void>;
  /** What a request under way waits for, in words; for messages. */
  waitsFor(id: string): string;
  close(): Promise<void>;
}

/** The engine inside this process: it reads the arrays that the learner writes. */
export function embeddedSampler(policy: PolicySampler): Sampler {
  let version: number | null = null;
  return {
    capabilities: { adapters: true, fullWeights: true },
    get version() {
      return version;
    },
    async sample(requests, options, onSample, signal) {
      const policyVersion = version ?? 0;
      const sampled = (sample: Sample): VersionedSample => ({ ...sample, policyVersion });
      const samples = await policy.sample(requests, options, (sample) => onSample?.(sampled(sample)), signal);
      return samples.map(sampled);
    },
    async sync(to) {
      version = to;
    },
    waitsFor: () => "the engine of this process",
    async close() {},
  };
}

export function isLost(sample: VersionedSample | LostSample): sample is LostSample {
  return "lost" in sample;
}

/**
 * For callers that cannot do with fewer: a measurement that counted a lost completion would call it wrong.
 *
 * @throws what lost the first of those that are
 */
export function allDelivered(samples: readonly (VersionedSample | LostSample)[]): VersionedSample[] {
  return samples.map((sample) => {
    if (isLost(sample)) throw sample.lost;
    return sample;
  });
}
