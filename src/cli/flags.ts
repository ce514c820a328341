/**
 * Flags of the command line.
 *
 *   --grpo.clipHigh 0.28   --grpo.clip-high=0.28   --dry-run   --no-plot   --names a,b --names c   -- positional
 */
import { RlvrError } from "../errors.ts";
import { canonical, type Setting } from "./settings.ts";
import { findSetting, type GivenValues, parseValue, refuseUnknown } from "./values.ts";

/**
 * Reads flags. `positional` are the settings that words without a flag fill, in order; the last one takes several if it
 * is a list.
 * @throws {RlvrError} E_CONFIG for an unknown flag, a value that is missing or of the wrong kind, a word too many.
 */
export function readFlags(
  argv: readonly string[],
  settings: readonly Setting[],
  positional: readonly string[] = [],
): GivenValues {
  const given: GivenValues = new Map();
  const words: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const word = argv[i]!;
    if (word === "--") {
      words.push(...argv.slice(i + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      words.push(word);
      continue;
    }
    i += readFlag(word, argv[i + 1], settings, given);
  }
  fillPositional(words, settings, positional, given);
  return given;
}

/** Returns how many words after the flag belong to it: 0 or 1. */
function readFlag(word: string, next: string | undefined, settings: readonly Setting[], given: GivenValues): 0 | 1 {
  const equals = word.indexOf("=");
  const flag = equals < 0 ? word : word.slice(0, equals);
  const inline = equals < 0 ? undefined : word.slice(equals + 1);
  if (!flag.startsWith("--")) refuseUnknown(settings, flag.slice(1), flag, "--");

  const negated = flag.startsWith("--no-") ? canonical(flag.slice(5)) : undefined;
  const turnedOff = settings.find(({ name, kind }) => kind === "boolean" && name === negated);
  if (turnedOff) {
    if (inline !== undefined) throw new RlvrError("E_CONFIG", `${word} has a value, expected ${flag} alone`);
    put(given, turnedOff, false, flag);
    return 0;
  }

  const setting = findSetting(settings, flag.slice(2), flag, "--");
  if (inline !== undefined) {
    put(given, setting, parseValue(setting, inline, flag), flag);
    return 0;
  }
  const hasNoValue =
    setting.kind === "boolean" ? next !== "true" && next !== "false" : next?.startsWith("--") !== false;
  if (setting.alone && hasNoValue) {
    put(given, setting, true, flag);
    return 0;
  }
  if (next === undefined || next.startsWith("--")) {
    throw new RlvrError("E_CONFIG", `${flag} has no value, expected <${setting.shape}>`, {
      hint: `Write ${flag} <${setting.shape}>.`,
    });
  }
  put(given, setting, parseValue(setting, next, flag), flag);
  return 1;
}

/** A list gathers what its flags give; of any other setting the last flag counts. */
function put(given: GivenValues, setting: Setting, value: unknown, origin: string): void {
  const before = given.get(setting.name)?.value;
  given.set(setting.name, { value: setting.kind === "list" && before ? [before, value].flat() : value, origin });
}

function fillPositional(
  words: readonly string[],
  settings: readonly Setting[],
  positional: readonly string[],
  given: GivenValues,
): void {
  for (const [i, word] of words.entries()) {
    const name = positional[Math.min(i, positional.length - 1)];
    const setting = settings.find((one) => one.name === name);
    if (!setting || (i >= positional.length && setting.kind !== "list")) {
      throw new RlvrError(
        "E_CONFIG",
        `${JSON.stringify(word)} was given, expected only flags${positional.length ? " after it" : ""}`,
        {
          hint: "Flags begin with --; --help lists them.",
        },
      );
    }
    put(given, setting, parseValue(setting, word, `<${setting.name}>`), `<${setting.name}>`);
  }
}
