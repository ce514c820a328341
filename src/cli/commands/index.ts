import type { Command } from "../command.ts";
import { dpoCommand } from "./dpo.ts";
import { evalCommand } from "./eval.ts";
import { grpoCommand } from "./grpo.ts";
import { LIGHT_COMMANDS } from "./light.ts";
import { mergeCommand } from "./merge.ts";
import { planCommand } from "./plan.ts";
import { ppoCommand } from "./ppo.ts";
import { prefsCommand } from "./prefs.ts";
import { prmEvalCommand, prmLabelCommand, prmTrainCommand } from "./prm.ts";
import { reportCommand } from "./report.ts";
import { rmCommand } from "./rm.ts";
import { sampleCommand } from "./sample.ts";
import { sftCommand } from "./sft.ts";

export const COMMANDS: Command[] = [
  grpoCommand,
  ppoCommand,
  sftCommand,
  rmCommand,
  dpoCommand,
  prefsCommand,
  prmLabelCommand,
  prmTrainCommand,
  evalCommand,
  prmEvalCommand,
  sampleCommand,
  planCommand,
  mergeCommand,
  reportCommand,
  ...LIGHT_COMMANDS,
];
