import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readEnvironment } from "../../src/cli/environment.ts";
import { settingsOf } from "../../src/cli/settings.ts";

const own = settingsOf(z.strictObject({ rows: z.int().describe("rows") }));
const other = settingsOf(z.strictObject({ steps: z.int().describe("steps") }));

const given = (env: Record<string, string>, known: Parameters<typeof readEnvironment>[2]) =>
  [...readEnvironment(env, own, known)].map(([name, { value }]) => [name, value]);

describe("readEnvironment", () => {
  test("takes its own variables and passes over those of other commands", () => {
    expect(given({ RLVR_ROWS: "5", RLVR_STEPS: "7", HOME: "/" }, [...own, ...other])).toEqual([["rows", 5]]);
  });

  test("refuses a variable of no command, with the nearest one that is", () => {
    const hint = { code: "E_CONFIG", hint: "Did you mean RLVR_STEPS?" };
    expect(() => given({ RLVR_STEP: "7" }, [...own, ...other])).toThrow(expect.objectContaining(hint));
  });

  test("passes over what may be another command's, where not all are loaded", () => {
    expect(given({ RLVR_ROWS: "5", RLVR_STEP: "7" }, null)).toEqual([["rows", 5]]);
  });

  test("leaves the address of a reward server to the modules that ask it", () => {
    expect(given({ RLVR_URL: "http://127.0.0.1:8000" }, own)).toEqual([]);
  });
});
