#!/usr/bin/env node
/** The command `rlvr`. */
import { type Command, runCommandLine } from "./command.ts";
import { LIGHT_COMMANDS } from "./commands/light.ts";
import { reportError } from "./errors.ts";
import { PROGRAM } from "./program.ts";
import { ownVersion } from "./version.ts";

const argv = process.argv.slice(2);
const screen = { out: process.stdout, err: process.stderr, env: process.env };

/** The commands that train and sample load optional packages; the doctor says which of them are missing. */
async function commands(): Promise<{ commands: Command[]; isPart: boolean }> {
  if (LIGHT_COMMANDS.some(({ name }) => name === argv[0])) return { commands: LIGHT_COMMANDS, isPart: true };
  return { commands: (await import("./commands/index.ts")).COMMANDS, isPart: false };
}

async function main(): Promise<number> {
  if (argv[0] === "--version" || argv[0] === "-v") {
    process.stdout.write(`${ownVersion()}\n`);
    return 0;
  }
  try {
    const summary = "Reasoning RL with verifiable rewards.";
    return await runCommandLine({ program: PROGRAM, summary, ...(await commands()), ...screen }, argv);
  } catch (error) {
    return reportError(error, { screen: screen.err, env: screen.env, debug: argv.includes("--debug") });
  }
}

process.exitCode = await main();
