/** The command line: a table of commands, each a schema and a function of the settings. */
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import { readConfigFile } from "./config-file.ts";
import { readEnvironment } from "./environment.ts";
import { EXIT, reportError } from "./errors.ts";
import { readFlags } from "./flags.ts";
import { helpText } from "./help.ts";
import { onInterrupt } from "./interrupt.ts";
import { nearest } from "./nearest.ts";
import { formatPlan, type Plan } from "./plan.ts";
import { resolveSettings } from "./resolve.ts";
import type { Environment, Screen } from "./screen.ts";
import { type Setting, settingsOf } from "./settings.ts";
import { formatTable } from "./table.ts";
import { type GivenValues, valuesOf } from "./values.ts";

export interface CommandContext {
  /** Results. */
  readonly out: Screen;
  /** Progress and messages. */
  readonly err: Screen;
  readonly env: Environment;
  /** Aborted by Ctrl-C: finish the step, save, return. */
  readonly signal: AbortSignal;
  /** For a command that ends well with bad news, such as findings: the exit code instead of 0. */
  exitWith(code: number): void;
}

export interface Command<Schema extends z.ZodObject = z.ZodObject> {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Every setting, with its description. */
  readonly schema: Schema;
  /** Settings that words without a flag fill. */
  readonly positional?: readonly string[];
  readonly examples?: readonly string[];
  /** A layer above the config file, such as the saved settings of a run that is resumed; null = none. */
  inherit?(given: GivenValues): { readonly values: unknown; readonly origin: string } | null;
  /** What `run` would do; offers --dry-run. */
  plan?(settings: z.output<Schema>, context: CommandContext): Promise<Plan>;
  run(settings: z.output<Schema>, context: CommandContext): Promise<void>;
}

/** Names the type of a command, so that `run` knows its settings. */
export function defineCommand<Schema extends z.ZodObject>(command: Command<Schema>): Command<Schema> {
  return command;
}

/** What every command understands besides its own settings. */
const Common = z.strictObject({
  config: z.string().optional().describe("YAML file of settings; flags and RLVR_ variables win over it"),
  debug: z.boolean().default(false).describe("show the stack of an error"),
  help: z.boolean().default(false).describe("show this text"),
});
const DryRun = z.strictObject({ dryRun: z.boolean().default(false).describe("print the plan and stop") });

export interface CommandLine {
  readonly program: string;
  readonly summary: string;
  readonly commands: readonly Command[];
  /** There are other commands, which are not loaded. */
  readonly isPart?: boolean;
  readonly out: Screen;
  readonly err: Screen;
  readonly env: Environment;
}

/** Runs one command line; returns the exit code. Never throws. */
export async function runCommandLine(line: CommandLine, argv: readonly string[]): Promise<number> {
  const debug = argv.includes("--debug");
  const interrupt = onInterrupt(line.err);
  try {
    const code = await dispatch(line, argv, interrupt.signal);
    return interrupt.signal.aborted ? EXIT.interrupted : code;
  } catch (error) {
    if (interrupt.signal.aborted && isAbort(error)) return EXIT.interrupted;
    return reportError(error, { screen: line.err, env: line.env, debug });
  } finally {
    interrupt.dispose();
  }
}

/** Returns the exit code. */
async function dispatch(line: CommandLine, argv: readonly string[], signal: AbortSignal): Promise<number> {
  const words = line.commands.some((one) => one.name === argv.slice(0, 2).join(" ")) ? 2 : 1;
  const [name, rest] = [argv.slice(0, words).join(" "), argv.slice(words)];
  const group = line.commands.filter((one) => one.name.startsWith(`${name} `));
  if (group.length > 0 && (rest[0] === undefined || rest[0].startsWith("-"))) {
    line.out.write(overview({ ...line, commands: group }));
    return EXIT.done;
  }
  if (name === "" || name === "--help" || name === "-h" || name === "help") {
    line.out.write(overview(line));
    return EXIT.done;
  }
  const command =
    line.commands.find((one) => one.name === name) ??
    refuseCommand(line, group.length > 0 ? `${name} ${rest[0]}` : name);
  const own = settingsOf(command.schema);
  const common = [...(command.plan ? settingsOf(DryRun) : []), ...settingsOf(Common)];
  if (rest.includes("--help") || rest.includes("-h")) {
    line.out.write(commandHelp(line, command, [...own, ...common]));
    return EXIT.done;
  }
  const flags = readFlags(rest, [...own, ...common], command.positional);
  const settings = resolveSettings(command.schema, layers(line, command, own, flags));
  let code: number = EXIT.done;
  const exitWith = (given: number) => {
    code = given;
  };
  const context = { out: line.out, err: line.err, env: line.env, signal, exitWith };
  if (command.plan && flags.get("dryRun")?.value === true)
    line.out.write(formatPlan(await command.plan(settings, context)));
  else await command.run(settings, context);
  return code;
}

/** Lowest first: file, inherited, environment, flags. */
function layers(line: CommandLine, command: Command, own: readonly Setting[], flags: GivenValues): GivenValues[] {
  const file = flags.get("config");
  const known = line.isPart ? null : line.commands.flatMap(({ schema }) => settingsOf(schema));
  const fromFile = file ? readConfigFile(String(file.value), own) : new Map();
  const direct = [
    readEnvironment(line.env, own, known),
    new Map([...flags].filter(([name]) => own.some((setting) => setting.name === name))),
  ];
  const inherited = command.inherit?.(new Map([fromFile, ...direct].flatMap((layer) => [...layer])));
  const saved = inherited ? [valuesOf(inherited.values, own, inherited.origin)] : [];
  return [fromFile, ...saved, ...direct];
}

function overview({ program, summary, commands }: CommandLine): string {
  const table = formatTable(
    commands.map((command) => [`  ${command.name}`, command.summary]),
    { align: ["left", "left"] },
  );
  return `${summary}\n\nUsage: ${program} <command> [options]\n\nCommands\n${table}\n\n${program} <command> --help lists its settings.\n`;
}

function commandHelp({ program, out }: CommandLine, command: Command, settings: readonly Setting[]): string {
  const positional = command.positional ?? [];
  const usage = [program, command.name, ...positional.map((word) => `<${word}>`), "[options]"].join(" ");
  const page = { usage, summary: command.summary, settings, positional, examples: command.examples ?? [] };
  return helpText(page, Math.min(out.columns ?? 100, 120));
}

function refuseCommand({ program, commands }: CommandLine, name: string): never {
  const near = nearest(
    name,
    commands.map((command) => command.name),
  );
  throw new RlvrError("E_CONFIG", `${JSON.stringify(name)} is not a command`, {
    hint: near === null ? `${program} --help lists the commands.` : `Did you mean ${program} ${near}?`,
  });
}

function isAbort(error: unknown): boolean {
  return error instanceof Error && error.name === "AbortError";
}
