/** An attack on a verifier, as data: texts, and what a sound verifier may say of them. */
import type { Rng } from "../rng.ts";
import type { WrongAnswer } from "./answers.ts";
import type { Right } from "./right.ts";
import { fill, inFormat } from "./slot.ts";

/** What the texts of an attack are made from: a row that the verifier knows the right answer to. */
export interface AttackInput extends Right {
  /** Right completions of other rows. */
  readonly others: readonly Right[];
  /** Answers that this verifier refuses in the place of the right one; the catalog asks it first. */
  readonly wrong: readonly string[];
  /** Changed right answers, refused or not. */
  readonly changed: readonly WrongAnswer[];
  /** Relative error that the task means to accept. */
  readonly tolerance: number;
  readonly rng: Rng;
}

/** An answer in a layout that says nothing of this row: that of another row's right completion. */
export function inLayout({ others, slot }: AttackInput, answer: string): string {
  const other = others[0];
  return other === undefined ? inFormat(slot, answer) : fill(other.slot, answer);
}

export interface Attack {
  readonly name: string;
  /** What a policy would get away with, in one sentence. */
  readonly why: string;
  /**
   * How many of its texts may get full reward. none: each is wrong. one: they hold several answers in different orders, and
   * a verifier that reads the first or the last takes one of them. any: it is only asked for a verdict, soon and again.
   */
  readonly accepts: "none" | "one" | "any";
  /**
   * Nothing in its texts comes from the right answer, so a hit on a row can be luck: they are the same for every row, or made
   * from the prompt.
   */
  readonly blind?: "constant" | "prompt";
  /** A text that gets full reward may be right: a person has to look at it. */
  readonly doubtful?: boolean;
  /** Counts for the rate of wrong answers that are accepted, so it runs on every row. */
  readonly counts?: boolean;
  /** Runs on so many rows only, one text after the other: each may cost a bad verifier seconds. */
  readonly rows?: number;
  readonly texts: (input: AttackInput) => readonly string[];
}

export interface Family {
  readonly name: string;
  /** One line. */
  readonly summary: string;
  /** Runs only for tasks whose `audit.families` has its name. */
  readonly onlyWhereNamed?: boolean;
  readonly attacks: readonly Attack[];
}
