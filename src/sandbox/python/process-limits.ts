import type { ProcessLimits } from "../containment.ts";
import type { Limits } from "../limits.ts";

/** The limits that the kernel keeps for an interpreter. Those of single runs are kept by a clock inside and one outside. */
export function processLimits(limits: Limits): ProcessLimits {
  const { openFiles, fileKb, diskMb, processes, addressSpaceMb, totalMs } = limits;
  return { openFiles, fileKb, diskMb, processes, addressSpaceMb, cpuSeconds: Math.ceil(totalMs / 1000) + 1 };
}
