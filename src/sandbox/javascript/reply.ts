/**
 * What a slot process says to the pool, one JSON text a line. A guest that broke out of its isolate writes here too, so that the
 * pool reads it with these schemas; the worst that can be said in them is a wrong answer to the sample's own tests.
 */
import { z } from "zod";
import { RUN_OUTCOMES } from "../job.ts";

const job = z.string();

export const SlotRun = z.strictObject({
  id: z.string(),
  outcome: z.enum(RUN_OUTCOMES),
  value: z.string().exactOptional().describe("in the encoding of `Plain`"),
  stdout: z.string(),
  stderr: z.string(),
  message: z.string(),
  error: z.string().exactOptional().describe("name of the error that was thrown"),
  ms: z.number().nonnegative(),
});
export type SlotRun = z.output<typeof SlotRun>;

export const FromSlot = z.discriminatedUnion("is", [
  z.strictObject({ is: z.literal("ready"), runtime: z.string() }),
  z.strictObject({ is: z.literal("began"), job }).describe("guest code is about to run"),
  z.strictObject({ is: z.literal("loaded"), job }).describe("the code's top level has run to its end"),
  z.strictObject({ is: z.literal("run"), job, run: SlotRun }),
  z.strictObject({ is: z.literal("done"), job }),
  z.strictObject({ is: z.literal("ask"), job, entry: z.string(), args: z.string() }),
  z.strictObject({
    is: z.literal("tested"),
    job,
    asserts: z.int().nonnegative(),
    outcome: z.enum(RUN_OUTCOMES).describe("of the tests as a run of their own"),
    message: z.string(),
  }),
]);
export type FromSlot = z.output<typeof FromSlot>;
