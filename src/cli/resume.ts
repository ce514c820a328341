/** --resume: the settings of the run that is gone on with, as it saved them. */
import { join } from "node:path";
import { z } from "zod";
import { findRun, readConfig } from "../run/index.ts";
import type { GivenValues } from "./values.ts";

/** Added to the schema of a command that trains. */
export const Resume = z
  .union([z.string().min(1), z.literal(true)])
  .optional()
  .describe(
    "go on with this run, a folder or a name in `out`; alone: the newest unfinished one. Its settings win over --config",
  );

/** The saved settings of the run that `resume` names; null without it. */
export function savedSettings(
  given: GivenValues,
  algorithm: "grpo" | "ppo" | "prm" | "sft" | "dpo" | "rm",
): { values: unknown; origin: string } | null {
  const resume = given.get("resume")?.value;
  if (resume !== true && typeof resume !== "string") return null;
  const place = findRun(resume, String(given.get("out")?.value ?? "runs"), algorithm);
  const path = join(place.out, place.name);
  return { values: { ...(readConfig(path) as object), ...place }, origin: join(path, "config.json") };
}
