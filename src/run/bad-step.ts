/**
 * A step whose loss or gradient was not finite: kept with its batch, and model and optimizer of what was updated, so that it can be repeated.
 *
 *   bad-steps/<step>.<epoch>.<minibatch>[.critic]/   batch.json, and what a checkpoint has
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import type { StepReport, TrainingRow } from "../policy/index.ts";

export const Part = z.enum(["policy", "critic"]);
export type Part = z.infer<typeof Part>;

export interface BadBatch {
  /** What was updated: the policy, or a critic of its own. */
  readonly part: Part;
  readonly step: number;
  readonly epoch: number;
  readonly minibatch: number;
  /** Updates before this one. */
  readonly updates: number;
  readonly learningRate: number;
  readonly temperature: number;
  readonly rows: readonly TrainingRow[];
  readonly report: StepReport;
}

/** As base64 of little-endian float32: JSON has neither NaN nor infinity, which is what this is about. */
const Floats = z.codec(
  z.base64(),
  z.custom<Float32Array>((value) => value instanceof Float32Array),
  {
    decode: (text) => new Float32Array(Uint8Array.from(Buffer.from(text, "base64")).buffer),
    encode: (values) => Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString("base64"),
  },
);

const BatchFile = z.strictObject({
  part: Part.default("policy"),
  step: z.int(),
  epoch: z.int(),
  minibatch: z.int(),
  updates: z.int(),
  learningRate: z.number(),
  temperature: z.number(),
  badRows: z.array(z.string()).describe("rows that were not finite by themselves"),
  rows: z.array(z.strictObject({ id: z.string(), tokens: z.array(z.int()), fields: z.record(z.string(), Floats) })),
});

/** Returns the new folder. */
export async function saveBadStep(
  run: string,
  { report, rows, part, step, epoch, minibatch, updates, learningRate, temperature }: BadBatch,
  savePart: (folder: string) => Promise<void>,
): Promise<string> {
  const name = `${step}.${epoch}.${minibatch}${part === "critic" ? ".critic" : ""}`;
  const folder = join(run, "bad-steps", name);
  await mkdir(folder, { recursive: true });
  const plain = rows.map(({ id, tokens, fields }) => ({ id, tokens: [...tokens], fields: { ...fields } }));
  const batch = { part, step, epoch, minibatch, updates, learningRate, temperature };
  const file = z.encode(BatchFile, { ...batch, badRows: [...report.badRows], rows: plain });
  await writeFile(join(folder, "batch.json"), `${JSON.stringify(file)}\n`);
  await savePart(folder);
  return folder;
}

export async function readBadStep(folder: string): Promise<Omit<BadBatch, "report">> {
  const path = join(folder, "batch.json");
  try {
    const { badRows: _, rows, ...batch } = z.decode(BatchFile, JSON.parse(await readFile(path, "utf8")));
    return { ...batch, rows: rows.map((row) => ({ ...row, tokens: Int32Array.from(row.tokens) })) };
  } catch (cause) {
    throw new RlvrError("E_RUN", `${path} is not a batch that a run saved`, {
      hint: "Give a folder in a run's bad-steps/.",
      cause,
    });
  }
}
