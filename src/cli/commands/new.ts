import { join } from "node:path";
import { z } from "zod";
import { scaffoldTask, TEMPLATES, type TemplateName } from "../../author/index.ts";
import { type CommandContext, defineCommand } from "../command.ts";
import { PROGRAM } from "../program.ts";
import { paint } from "../screen.ts";

const NAMES = Object.keys(TEMPLATES) as [TemplateName, ...TemplateName[]];

export const newCommand = defineCommand({
  name: "new",
  summary: "Makes the folder of a new task, which passes its own check.",
  schema: z.strictObject({
    name: z.string().describe("of the task and its folder, such as two-digit-sums"),
    in: z.string().default("tasks").describe("folder that gets it"),
    verifier: z.enum(NAMES).default("exact-number").describe("what the task begins with"),
  }),
  positional: ["name"],
  examples: [`${PROGRAM} new two-digit-sums`, `${PROGRAM} new integrals --verifier math`],
  run: async ({ name, in: parent, verifier }, context) => {
    const path = scaffoldTask(name, { parent, template: verifier });
    context.out.write(nextText(path, name, parent, context));
  },
});

function nextText(path: string, name: string, parent: string, { out, env }: CommandContext): string {
  const task = parent === "tasks" ? name : /^[./]/.test(path) ? path : `./${path}`;
  const commands = [
    [`${PROGRAM} check ${task}`, "does it hold what it promises?"],
    [`${PROGRAM} audit ${task}`, "can its verifier be gamed?"],
    [`${PROGRAM} grpo --task ${task} --model <folder> --dry-run`, "what would a run do?"],
  ] as const;
  const width = Math.max(...commands.map(([command]) => command.length));
  return [
    `${paint(out, env, "green", "✓")} ${join(path, "task.ts")} and README.md: a whole task, to be made yours`,
    "",
    ...commands.map(([command, what]) => `  ${command.padEnd(width)}  ${paint(out, env, "dim", what)}`),
    "",
  ].join("\n");
}
