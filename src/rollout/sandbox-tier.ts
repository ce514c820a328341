/** What a run demands of the sandbox in which its task runs code. */
import { RlvrError } from "../errors.ts";
import { holds, type Tier } from "../sandbox/tier.ts";
import type { Task } from "./task.ts";

/**
 * The tier in which a task runs code, in a sandbox that this opens; null for a task that runs none.
 *
 * @param least what the run demands of it
 * @throws E_SANDBOX where there is no sandbox, or one that holds less well
 */
export async function sandboxTier(
  { name, sandbox }: Pick<Task, "name" | "sandbox">,
  least: Tier,
): Promise<Tier | null> {
  if (sandbox === undefined) return null;
  const tier = await sandbox();
  if (holds(tier, least)) return tier;
  throw new RlvrError(
    "E_SANDBOX",
    `the task ${JSON.stringify(name)} runs code in tier "${tier}", expected "${least}" or better`,
    {
      hint: "`rlvr doctor` says what this machine lacks for a better tier; or ask for a lower minTier",
    },
  );
}
