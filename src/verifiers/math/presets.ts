/**
 * The points on which graders disagree, as options with named presets. A field of the options overrides its preset.
 */

export interface MathSettings {
  /** "reward": an answer counts only where the format asks for it. "lenient": looks further; for evaluation alone. */
  readonly extraction: "reward" | "lenient";
  /** Accept "the answer is X" in reward mode: for prompts that ask for it. Lenient mode always does. */
  readonly phrases: boolean;
  /** The prompt asks for `<answer>…</answer>`: exactly one, and nothing else counts. */
  readonly answerTag: boolean;
  /** Whether 1, 2 and 2, 1 are the same list. Tuples, intervals and matrices are always ordered. */
  readonly listOrder: "unordered" | "ordered";
  /** "either": 28 % is 0.28 or, where one side leaves the sign out, 28. "exact": 0.28 only. "drop": the sign means nothing. */
  readonly percent: "either" | "exact" | "drop";
  /**
   * When is a decimal close enough? "gold-decimals": where the gold has two decimals or three significant digits and the
   * answer rounds to it. `places`: both rounded to so many places, if either has a decimal point. `relative`: |a − g| ≤
   * relative·|g|. "exact": never.
   */
  readonly rounding: "gold-decimals" | "exact" | { readonly places: number } | { readonly relative: number };
  /** "any" equal form; "trivial": arithmetic of literals must be carried out; "none": the form of the gold itself. */
  readonly simplifyLevel: "any" | "trivial" | "none";
  /** a = b = c in an answer: "consistent" takes it where all members are equal, "last" takes the last member. */
  readonly chains: "consistent" | "last";
  /** "gold": a gold inequality accepts an interval. "both": and a gold interval an inequality, which the question may hold. */
  readonly relations: "gold" | "both";
  /** False: the argument of a function may have another name, f(x) for f(y). */
  readonly strictSymbols: boolean;
}

/** What callers pass: a preset and what differs from it. */
export type MathOptions = { readonly preset?: PresetName } & { readonly [K in keyof MathSettings]?: MathSettings[K] };

const base: MathSettings = {
  extraction: "lenient",
  phrases: false,
  answerTag: false,
  listOrder: "unordered",
  percent: "either",
  rounding: "gold-decimals",
  simplifyLevel: "any",
  chains: "consistent",
  relations: "gold",
  strictSymbols: true,
};

export const PRESETS = {
  /** What is mathematically right. */
  default: base,
  /** Math-Verify 0.8: six places, the last member of a chain. */
  "math-verify": { ...base, rounding: { places: 6 }, chains: "last" },
  /** The string rules of the MATH release: ordered lists, the form of the gold, percent and units dropped. */
  hendrycks: { ...base, listOrder: "ordered", percent: "drop", rounding: "exact", simplifyLevel: "none" },
  /** One number behind ####, exact. */
  gsm8k: { ...base, percent: "drop", rounding: "exact", simplifyLevel: "trivial" },
  /** As permissive graders do: relative 1e-4, the last member of a chain, inequalities for intervals. */
  loose: { ...base, percent: "drop", rounding: { relative: 1e-4 }, chains: "last", relations: "both" },
} as const satisfies Record<string, MathSettings>;

export type PresetName = keyof typeof PRESETS;

/** The preset with the overrides. */
export function settingsOf({ preset = "default", ...overrides }: MathOptions): MathSettings {
  return { ...PRESETS[preset], ...overrides };
}

/** The parameters of Math-Verify's `verify` as options of ours. */
export function mathVerifyOptions(parameters: {
  readonly floatRounding?: number;
  readonly strict?: boolean;
  readonly allowSetRelationComp?: boolean;
}): MathOptions {
  return {
    preset: "math-verify",
    rounding: { places: parameters.floatRounding ?? 6 },
    strictSymbols: parameters.strict ?? true,
    relations: (parameters.allowSetRelationComp ?? false) ? "both" : "gold",
  };
}
