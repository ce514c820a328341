/** N-grams as small integers: no keys are glued together, so no token can forge another's boundary. */

/**
 * For each sequence the ids of its n-grams, in order; equal n-grams have equal ids across the sequences, counted from 0.
 * Linear in n · tokens. A sequence shorter than n has none.
 */
export function ngramIds<Token>(sequences: readonly (readonly Token[])[], n: number): number[][] {
  const vocabulary = new Map<Token, number>();
  const unigrams = sequences.map((tokens) => tokens.map((token) => idOf(vocabulary, token)));
  let grams = unigrams;
  for (let order = 2; order <= n; order++) {
    // An n-gram is an (n−1)-gram and a token; both are below 2^26, so the pair is an exact double.
    const pairs = new Map<number, number>();
    grams = grams.map((shorter, s) =>
      shorter.slice(0, -1).map((gram, i) => idOf(pairs, gram * vocabulary.size + unigrams[s]![i + order - 1]!)),
    );
  }
  return grams;
}

function idOf<Key>(ids: Map<Key, number>, key: Key): number {
  const known = ids.get(key);
  if (known !== undefined) return known;
  ids.set(key, ids.size);
  return ids.size - 1;
}

/** id → how often it occurs. */
export function countIds(ids: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
  return counts;
}
