/** Texts that are nearly the same: the share of word triples that two of them have in common (Broder's resemblance, 1997). */

/** Triples that this many texts have say nothing, such as the greeting of a template. */
const COMMON = 500;

export interface NearDuplicate {
  /** Positions in the two lists. */
  readonly of: number;
  readonly in: number;
  /** |A ∩ B| / |A ∪ B| of their word triples. */
  readonly resemblance: number;
}

/** For each text of `texts` the most alike of `others`, if it resembles it by at least `least`. */
export function nearDuplicates(texts: readonly string[], others: readonly string[], least: number): NearDuplicate[] {
  const known = others.map(triples);
  const having = new Map<string, number[]>();
  for (const [i, set] of known.entries()) {
    for (const triple of set) {
      const list = having.get(triple);
      if (list) list.push(i);
      else having.set(triple, [i]);
    }
  }
  return texts.flatMap((text, of) => {
    const own = triples(text);
    const shared = new Map<number, number>();
    for (const triple of own) {
      const list = having.get(triple) ?? [];
      if (list.length < COMMON) for (const i of list) shared.set(i, (shared.get(i) ?? 0) + 1);
    }
    let best: NearDuplicate | null = null;
    for (const i of shared.keys()) {
      const resemblance = resemblanceOf(own, known[i]!);
      if (resemblance >= least && resemblance > (best?.resemblance ?? 0)) best = { of, in: i, resemblance };
    }
    return best === null ? [] : [best];
  });
}

function resemblanceOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let common = 0;
  for (const triple of a) if (b.has(triple)) common++;
  return common / (a.size + b.size - common);
}

/** Case and punctuation do not count; a text of fewer than three words is one piece. */
function triples(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  if (words.length < 3) return new Set([words.join(" ")]);
  return new Set(words.slice(2).map((word, i) => `${words[i]} ${words[i + 1]} ${word}`));
}
