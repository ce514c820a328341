import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { settingsTable } from "../../src/cli/help.ts";
import { nearest } from "../../src/cli/nearest.ts";
import { canonical, environmentName, kebab, settingsOf } from "../../src/cli/settings.ts";
import { Grpo, Train } from "./example-command.ts";

describe("settingsOf", () => {
  test("reads names, kinds and defaults off a schema", () => {
    expect(
      settingsOf(Train).map(({ name, kind, shape, fallback, required }) => [name, kind, shape, fallback, required]),
    ).toEqual([
      ["task", "text", "text", undefined, true],
      ["steps", "number", "integer", 100, false],
      ["stop", "list", "text,…", [], false],
      ["layers", "list", "integer,…", undefined, false],
      ["limit", "json", "auto|integer", "auto", false],
      ["seed", "json", "integer|null", null, false],
      ["grpo.groupSize", "number", "integer", 8, false],
      ["grpo.clipHigh", "number", "number", 0.2, false],
      ["grpo.aggregate", "text", "sequence-mean|token-mean", "token-mean", false],
      ["grpo.maskTruncated", "boolean", "true|false", true, false],
    ]);
  });

  test("a group's own defaults win over those of its settings", () => {
    const schema = Train.extend({ grpo: Grpo.prefault({ clipHigh: 0.28 }) });
    expect(settingsOf(schema).find(({ name }) => name === "grpo.clipHigh")?.fallback).toBe(0.28);
  });
});

describe("names", () => {
  test("have one form each for flags and variables", () => {
    expect(kebab("grpo.clipHigh")).toBe("grpo.clip-high");
    expect(environmentName("grpo.clipHigh")).toBe("RLVR_GRPO_CLIP_HIGH");
  });

  test("kebab and camel case are the same name", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z]+([A-Z][a-z]+){0,3}$/), (name) => {
        expect(canonical(kebab(name))).toBe(name);
        expect(canonical(name)).toBe(name);
      }),
    );
  });
});

describe("nearest", () => {
  const names = ["grpo.clipHigh", "grpo.clipLow", "grpo.groupSize", "seed", "steps"];
  test.each([
    ["sede", "seed"],
    ["stpes", "steps"],
    ["grpo.clip-hgih", "grpo.clipHigh"],
    ["clipLow", "grpo.clipLow"],
    ["groupsize", "grpo.groupSize"],
    ["temperature", null],
    ["x", null],
  ])("%s → %s", (wrong, right) => {
    expect(nearest(wrong, names)).toBe(right);
  });
});

describe("settingsTable", () => {
  test("is Markdown", () => {
    expect(settingsTable(settingsOf(Grpo))).toMatchInlineSnapshot(`
      "| flag | value | default | meaning |
      | --- | --- | --- | --- |
      | \`--group-size\` | integer | 8 | G, completions sampled for each prompt |
      | \`--clip-high\` | number | 0.2 | ε_high of the ratio clip; DAPO uses 0.28 |
      | \`--aggregate\` | sequence-mean\\|token-mean | "token-mean" | how per-token losses are averaged |
      | \`--mask-truncated\` | true\\|false | true | leave truncated completions out of the loss |
      "
    `);
  });
});
