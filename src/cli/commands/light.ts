/** The commands that need no optional package: they start fast, and run where only verifiers are installed. */
import type { Command } from "../command.ts";
import { auditCommand } from "./audit.ts";
import { checkCommand } from "./check.ts";
import { doctorCommand } from "./doctor.ts";
import { newCommand } from "./new.ts";
import { serveCommand } from "./serve.ts";
import { verifyCommand } from "./verify.ts";

export const LIGHT_COMMANDS: Command[] = [
  newCommand,
  checkCommand,
  auditCommand,
  verifyCommand,
  serveCommand,
  doctorCommand,
];
