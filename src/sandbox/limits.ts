/** What a run may use. The vocabulary is that of judge systems (isolate, judge0, Piston); the numbers are ours. */
import { z } from "zod";

export const Limits = z.strictObject({
  cpuMs: z.int().positive().default(2000).describe("processor time of one run"),
  wallMs: z.int().positive().default(5000).describe("time on the clock of one run: 2 × processor time + 1 s"),
  totalMs: z.int().positive().default(10_000).describe("time on the clock of all runs of one job together"),
  memoryMb: z.int().min(8).default(64).describe("heap of a JavaScript guest"),
  addressSpaceMb: z.int().min(64).default(512).describe("address space of a Python guest"),
  outputKb: z.int().positive().default(64).describe("what one run may write or return"),
  jobOutputKb: z.int().positive().default(1024).describe("what all runs of one job may write or return together"),
  fileKb: z.int().positive().default(1024).describe("largest file that a guest may write"),
  diskMb: z.int().positive().default(16).describe("all files of a guest together"),
  processes: z.int().positive().default(32).describe("processes and threads of a Python guest"),
  openFiles: z.int().positive().default(32).describe("open files of a Python guest"),
});
export type Limits = z.output<typeof Limits>;

export const DEFAULT_LIMITS: Limits = Limits.parse({});
