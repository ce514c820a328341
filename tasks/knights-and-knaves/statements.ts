/** What islanders say of each other, whether it is true, and which worlds fit. People are numbers from 0. */
import type { Rng } from "rlvr/task";

/** One person's kind. */
interface Claim {
  readonly person: number;
  readonly knight: boolean;
}

export type Statement =
  | ({ readonly kind: "is" } & Claim)
  | { readonly kind: "and" | "or" | "if"; readonly first: Claim; readonly second: Claim }
  | { readonly kind: "same" | "different"; readonly one: number; readonly other: number }
  | { readonly kind: "count"; readonly knights: number };

/** Who is a knight. */
export type World = readonly boolean[];

export function isTrue(statement: Statement, world: World): boolean {
  const holds = ({ person, knight }: Claim) => world[person] === knight;
  switch (statement.kind) {
    case "is":
      return holds(statement);
    case "and":
      return holds(statement.first) && holds(statement.second);
    case "or":
      return holds(statement.first) || holds(statement.second);
    case "if":
      return !holds(statement.first) || holds(statement.second);
    case "same":
      return world[statement.one] === world[statement.other];
    case "different":
      return world[statement.one] !== world[statement.other];
    case "count":
      return world.filter(Boolean).length === statement.knights;
    default:
      return statement satisfies never;
  }
}

/** The first person whose statement does not fit: a knight's that is false, or a knave's that is true. Null: all fit. */
export function misfit(statements: readonly Statement[], world: World): number | null {
  const person = statements.findIndex((statement, i) => isTrue(statement, world) !== world[i]);
  return person === -1 ? null : person;
}

/** All worlds of so many people, knights first. */
export function worlds(people: number): readonly World[] {
  const known = WORLDS.get(people);
  if (known !== undefined) return known;
  const all = Array.from({ length: 2 ** people }, (_, bits) =>
    Array.from({ length: people }, (_, i) => ((bits >> (people - 1 - i)) & 1) === 0),
  );
  WORLDS.set(people, all);
  return all;
}

const WORLDS = new Map<number, readonly World[]>(); // asked for with every draw

export function drawStatement(rng: Rng, people: number, kinds: readonly Statement["kind"][]): Statement {
  const everyone = Array.from({ length: people }, (_, i) => i);
  const claim = (person: number): Claim => ({ person, knight: rng.next() < 0.5 });
  const kind = rng.pick(kinds);
  const [one, other] = rng.shuffle(everyone) as [number, number];
  switch (kind) {
    case "is":
      return { kind, ...claim(one) };
    case "and":
    case "or":
    case "if":
      return { kind, first: claim(one), second: claim(other) };
    case "same":
    case "different":
      return { kind, one: Math.min(one, other), other: Math.max(one, other) };
    case "count":
      return { kind, knights: rng.integer(0, people) };
    default:
      return kind satisfies never;
  }
}

/** In English; of oneself one says I. */
export function statementText(statement: Statement, speaker: number, names: readonly string[]): string {
  const claimText = ({ person, knight }: Claim) =>
    `${person === speaker ? "I am" : `${names[person]} is`} a ${knight ? "knight" : "knave"}`;
  switch (statement.kind) {
    case "is":
      return claimText(statement);
    case "and":
      return `${claimText(statement.first)} and ${claimText(statement.second)}`;
    case "or":
      return `${claimText(statement.first)} or ${claimText(statement.second)}, or both`;
    case "if":
      return `If ${claimText(statement.first)}, then ${claimText(statement.second)}`;
    case "same":
    case "different": {
      const pair = [statement.one, statement.other].map((person) => (person === speaker ? "I" : names[person]));
      const order = pair[0] === "I" ? pair.reverse() : pair;
      return `${order.join(" and ")} are of ${statement.kind === "same" ? "the same kind" : "different kinds"}`;
    }
    case "count":
      return `There ${statement.knights === 1 ? "is exactly 1 knight" : `are exactly ${statement.knights} knights`} among us`;
    default:
      return statement satisfies never;
  }
}
