/** What differs between the settings of two sessions of one run. */

export interface SettingChange {
  /** Dotted, as on the command line. */
  readonly name: string;
  readonly from: unknown;
  readonly to: unknown;
}

/** Settings that are not the same JSON; undefined stands for "not set". */
export function changedSettings(before: unknown, after: unknown, name = ""): SettingChange[] {
  if (isGroup(before) && isGroup(after)) {
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys.flatMap((key) => changedSettings(before[key], after[key], name === "" ? key : `${name}.${key}`));
  }
  return JSON.stringify(before) === JSON.stringify(after) ? [] : [{ name, from: before, to: after }];
}

/** Settings as rows for people: [dotted name, value]. */
export function flatSettings(config: unknown, name = ""): [string, unknown][] {
  if (!isGroup(config)) return [[name, config]];
  return Object.entries(config).flatMap(([key, value]) => flatSettings(value, name === "" ? key : `${name}.${key}`));
}

function isGroup(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
