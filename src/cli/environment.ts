/** Settings from environment variables: RLVR_GRPO_CLIP_HIGH is grpo.clipHigh. */
import { RlvrError } from "../errors.ts";
import { nearest } from "./nearest.ts";
import { environmentName, type Setting } from "./settings.ts";
import { type GivenValues, parseValue } from "./values.ts";

/**
 * `known` are the settings of every command: a variable of another command is not an error, one of none is.
 * @throws {RlvrError} E_CONFIG for an RLVR_ variable that no command knows, or a value of the wrong kind.
 */
export function readEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  settings: readonly Setting[],
  known: readonly Setting[],
): GivenValues {
  const given: GivenValues = new Map();
  const names = new Set([...settings, ...known].map(({ name }) => environmentName(name)));
  for (const [variable, text] of Object.entries(env)) {
    if (!variable.startsWith("RLVR_") || text === undefined) continue;
    if (!names.has(variable)) {
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
