import type { Command } from "../command.ts";
import { doctorCommand } from "./doctor.ts";
import { evalCommand } from "./eval.ts";
import { grpoCommand } from "./grpo.ts";
import { reportCommand } from "./report.ts";
import { sampleCommand } from "./sample.ts";
import { sftCommand } from "./sft.ts";

export const COMMANDS: Command[] = [grpoCommand, sftCommand, evalCommand, sampleCommand, reportCommand, doctorCommand];
