/** What one comparison carries along. */
import type { Node } from "./ast.ts";
import type { Certificate } from "./certificate.ts";
import type { Fuel } from "./fuel.ts";
import type { MathSettings } from "./presets.ts";

export interface Context {
  readonly settings: MathSettings;
  readonly fuel: Fuel;
  /** Remarks on how an answer was understood. */
  readonly flags: Set<string>;
  /** The last member of an inconsistent chain counts: a derivation outside a box, or by option. */
  readonly lastOfChain: boolean;
  /** The comparison of parts: `compareNodes`, here so that the files of the structures need not import each other. */
  readonly compare: (gold: Node, answer: Node, c: Context) => Comparison;
}

/** A certificate, or null where equality was not shown. */
export type Comparison = Certificate | null;
