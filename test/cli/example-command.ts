/** A command with every kind of setting, and a line that collects what it prints. */
import { z } from "zod";
import { type Command, type CommandLine, defineCommand, runCommandLine } from "../../src/cli/command.ts";

export const Grpo = z.strictObject({
  groupSize: z.int().min(2).default(8).describe("G, completions sampled for each prompt"),
  clipHigh: z.number().positive().default(0.2).describe("ε_high of the ratio clip; DAPO uses 0.28"),
  aggregate: z
    .enum(["sequence-mean", "token-mean"])
    .default("token-mean")
    .describe("how per-token losses are averaged"),
  maskTruncated: z.boolean().default(true).describe("leave truncated completions out of the loss"),
});

export const Train = z.strictObject({
  task: z.string().describe("name of a task folder"),
  steps: z.int().positive().default(100).describe("training steps"),
  stop: z.array(z.string()).default([]).describe("texts that end a completion"),
  layers: z.array(z.int()).optional().describe("layers that get an adapter"),
  limit: z
    .union([z.literal("auto"), z.int()])
    .default("auto")
    .describe("token limit"),
  seed: z.int().nullable().default(null).describe("null draws one"),
  grpo: Grpo.prefault({}),
});

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** What the command got, if it ran. */
  readonly settings: unknown;
}

export async function runExample(
  argv: readonly string[],
  env: Record<string, string> = {},
  changes: Partial<Command<typeof Train>> = {},
): Promise<Outcome> {
  let settings: unknown;
  const train = defineCommand({
    name: "train",
    summary: "Trains a policy.",
    schema: Train,
    positional: ["task"],
    examples: ["rlvr train arithmetic --grpo.clipHigh 0.28"],
    plan: async ({ grpo }) => ({
      title: "Would train",
      sections: [
        { title: "Batch", rows: [["sequences", String(4 * grpo.groupSize), `4 prompts × ${grpo.groupSize}`]] },
      ],
    }),
    run: async (given) => {
      settings = given;
    },
    ...changes,
  });
  const other = defineCommand({
    name: "report",
    summary: "Makes report.html.",
    schema: z.strictObject({ run: z.string() }),
    run: async () => {},
  });
  const written = { out: "", err: "" };
  const line: CommandLine = {
    program: "rlvr",
    summary: "Reasoning RL with verifiable rewards.",
    commands: [train, other],
    out: { write: (text) => (written.out += text) },
    err: { write: (text) => (written.err += text) },
    env,
  };
  const code = await runCommandLine(line, argv);
  return { code, ...written, settings };
}
