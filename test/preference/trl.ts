/** What TRL's trainers compute: made by fixtures/make_preference_fixtures.py. Rows are all chosen, then all rejected. */
import { readFileSync } from "node:fs";

interface Numbers {
  readonly loss: number;
  readonly gradients: readonly number[];
}

export interface Trl {
  readonly dpo: readonly (Numbers & {
    readonly lossType: "sigmoid" | "ipo" | "hinge" | "robust";
    readonly beta: number;
    readonly labelSmoothing: number;
    readonly lengths: readonly number[];
    readonly sums: readonly number[];
    readonly references: readonly number[];
  })[];
  readonly cpo: readonly (Numbers & {
    readonly lossType: "simpo" | "sigmoid";
    readonly beta: number;
    readonly gamma: number;
    readonly labelSmoothing: number;
    readonly numbers: readonly number[];
  })[];
  readonly orpo: readonly (Numbers & { readonly beta: number; readonly averages: readonly number[] })[];
  readonly kto: readonly (Numbers & {
    readonly labels: readonly boolean[];
    readonly beta: number;
    readonly desirableWeight: number;
    readonly undesirableWeight: number;
    readonly sums: readonly number[];
    readonly references: readonly number[];
    readonly klSums: readonly number[];
    readonly klReferences: readonly number[];
  })[];
  readonly reward: readonly (Numbers & {
    readonly scores: readonly number[];
    readonly margins: readonly number[] | null;
    readonly centering: number;
  })[];
}

export const TRL: Trl = JSON.parse(readFileSync(new URL("../fixtures/preference.json", import.meta.url), "utf8"));

/** Gradients in our order (chosen, rejected, chosen, …) in TRL's. */
export function inTrlOrder(gradients: readonly number[]): number[] {
  return [...gradients.filter((_, i) => i % 2 === 0), ...gradients.filter((_, i) => i % 2 === 1)];
}
