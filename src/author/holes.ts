/** What an audit finds, put together: one hole for all texts that show the same. */
import type { Verdict } from "../verifiers/verdict.ts";
import type { Attack } from "./attack.ts";
import type { AnyRow } from "./right.ts";

/** What a text shows of a verifier. `pays`: more than the empty completion gets, although nothing is answered. */
export type HoleKind = "accepted" | "pays" | "not-graded" | "slow" | "unstable" | "out-of-range";

/** One text that shows something. */
export interface Shown {
  readonly kind: HoleKind;
  /** A person has to look at it: no breach. */
  readonly doubtful: boolean;
  readonly row: AnyRow;
  readonly prompt: string;
  readonly completion: string;
  readonly verdict: Verdict;
  readonly ms: number;
}

export interface Hole {
  readonly family: string;
  readonly attack: string;
  readonly kind: HoleKind;
  readonly severity: "breach" | "doubt";
  /** What a policy would get away with. */
  readonly why: string;
  readonly texts: number;
  readonly rows: number;
  /** The shortest completion that shows it. */
  readonly example: {
    readonly row: string;
    readonly prompt: string;
    readonly completion: string;
    readonly verdict: Verdict;
    readonly ms: number;
  };
}

const WHY: Readonly<Record<Exclude<HoleKind, "accepted">, string>> = {
  pays: "It earns more than an empty completion, although it answers nothing.",
  "not-graded": "A text that is not graded leaves the loss: the policy can make a bad completion vanish.",
  slow: "The policy can slow down a run, or stop it.",
  unstable: "Asked twice, the verifier says two things: a reward must depend on row and completion alone.",
  "out-of-range": "The reward lies outside of those of the cases: add a case that earns it, if it is meant.",
};

export class HoleLog {
  readonly #found = new Map<string, { attack: Attack; family: string; shown: Shown[] }>();

  get counts(): { breaches: number; doubts: number } {
    const all = this.holes();
    const breaches = all.filter(({ severity }) => severity === "breach").length;
    return { breaches, doubts: all.length - breaches };
  }

  add(family: string, attack: Attack, shown: Shown): void {
    // what every text of a family may show is one hole, not one an attack
    const key = JSON.stringify([family, shown.kind === "accepted" ? attack.name : "", shown.kind, shown.doubtful]);
    const found = this.#found.get(key) ?? { attack, family, shown: [] };
    found.shown.push(shown);
    this.#found.set(key, found);
  }

  /** Breaches first, else in the order in which they were found. */
  holes(): Hole[] {
    const holes = [...this.#found.values()].map(({ attack, family, shown }): Hole => {
      const [first] = shown.toSorted((a, b) => a.completion.length - b.completion.length) as [Shown];
      const { kind, doubtful, row, prompt, completion, verdict, ms } = first;
      return {
        family,
        attack: attack.name,
        kind,
        severity: doubtful ? "doubt" : "breach",
        why: kind === "accepted" ? attack.why : WHY[kind],
        texts: shown.length,
        rows: new Set(shown.map((one) => one.row.id)).size,
        example: { row: row.id, prompt, completion, verdict, ms },
      };
    });
    const breaches = holes.filter(({ severity }) => severity === "breach");
    return [...breaches, ...holes.filter(({ severity }) => severity === "doubt")];
  }
}
