/** Settings from environment variables: RLVR_GRPO_CLIP_HIGH is grpo.clipHigh. */
import { RlvrError } from "../errors.ts";
import { nearest } from "./nearest.ts";
import { environmentName, type Setting } from "./settings.ts";
import { type GivenValues, parseValue } from "./values.ts";

/** Read by the Python modules that `serve --shim` prints, which may run beside a command. */
const OF_SHIMS = ["RLVR_URL"];

/**
 * @param known the settings of every command: a variable of another command is not an error, one of none is. Null: not all
 * commands are loaded, so any variable may be another one's
 * @throws {RlvrError} E_CONFIG for an RLVR_ variable that no command knows, or a value of the wrong kind.
 */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  settings: readonly Setting[],
  known: readonly Setting[] | null,
): GivenValues {
  const given: GivenValues = new Map();
  const names = new Set([...settings, ...(known ?? [])].map(({ name }) => environmentName(name)));
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith("RLVR_") || OF_SHIMS.includes(variable) || text === undefined) continue;
    if (known !== null && !names.has(variable)) {
      const near = nearest(variable, [...names]);
      throw new RlvrError("E_CONFIG", `the environment variable ${variable} is not a setting of any command`, {
        hint: near === null ? `Unset ${variable}.` : `Did you mean ${near}?`,
      });
    }
    const setting = settings.find(({ name }) => environmentName(name) === variable);
    if (setting) given.set(setting.name, { value: parseValue(setting, text, variable), origin: variable });
  }
  return given;
}
