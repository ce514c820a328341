/** Similarities of two texts by characters (Unicode code points), each in [0, 1] and quadratic: bound the lengths first. */

/** 1 − distance / longer length, where the distance counts insertions, deletions and substitutions; 1 for two empty texts. */
export function levenshteinSimilarity(a: string, b: string): number {
  const [rows, columns] = [[...a], [...b]];
  const longer = Math.max(rows.length, columns.length);
  if (longer === 0) return 1;
  // distances[j] between the rows so far and the first j columns
  const distances = Int32Array.from({ length: columns.length + 1 }, (_, j) => j);
  for (const [i, character] of rows.entries()) {
    let diagonal = i;
    distances[0] = i + 1;
    for (let j = 1; j <= columns.length; j++) {
      const above = distances[j]!;
      const substituted = diagonal + (columns[j - 1] === character ? 0 : 1);
      distances[j] = Math.min(substituted, above + 1, distances[j - 1]! + 1);
      diagonal = above;
    }
  }
  return 1 - distances[columns.length]! / longer;
}

const PREFIX_SCALE = 0.1;
const MAX_PREFIX = 4;
const BOOST_FROM = 0.7; // Winkler boosts only what is already similar

/**
 * Jaro–Winkler — Winkler 1990. With m characters that match within ⌊longer/2⌋ − 1 places and t transpositions:
 *
 *   jaro = (m/|a| + m/|b| + (m − t)/m) / 3
 *   jaro–winkler = jaro + prefix · 0.1 · (1 − jaro) where jaro > 0.7; prefix = common characters at the start, at most 4
 */
export function jaroWinkler(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  if (left.length === 0 || right.length === 0) return left.length === right.length ? 1 : 0;
  const { matches, transpositions } = matched(left, right);
  if (matches === 0) return 0;
  const jaro = (matches / left.length + matches / right.length + (matches - transpositions) / matches) / 3;
  if (jaro <= BOOST_FROM) return jaro;
  let prefix = 0;
  while (prefix < MAX_PREFIX && prefix < left.length && left[prefix] === right[prefix]) prefix++;
  return jaro + prefix * PREFIX_SCALE * (1 - jaro);
}

/** Each character matches the first free equal one within the window. */
function matched(left: readonly string[], right: readonly string[]): { matches: number; transpositions: number } {
  const window = Math.max(0, Math.floor(Math.max(left.length, right.length) / 2) - 1);
  const taken = new Uint8Array(right.length);
  const fromLeft: string[] = [];
  for (const [i, character] of left.entries()) {
    const end = Math.min(right.length, i + window + 1);
    for (let j = Math.max(0, i - window); j < end; j++) {
      if (taken[j] === 1 || right[j] !== character) continue;
      taken[j] = 1;
      fromLeft.push(character);
      break;
    }
  }
  const fromRight = right.filter((_, j) => taken[j] === 1);
  const displaced = fromLeft.filter((character, k) => character !== fromRight[k]).length;
  return { matches: fromLeft.length, transpositions: Math.floor(displaced / 2) };
}
