/** How well a box holds what runs in it. Recorded with every verdict on code; a run may demand a least tier. */

/**
 * strong: namespaces (bubblewrap), another user, resource limits. medium: another user, resource limits, some namespaces.
 * weak: resource limits and Node's permission model. wasm: a WebAssembly interpreter, which has no system calls to misuse.
 * none: no containment (a remote farm that does not say, or Pyodide).
 */
export const TIERS = ["none", "weak", "wasm", "medium", "strong"] as const;
export type Tier = (typeof TIERS)[number];

/** Whether `tier` holds at least as well as `least`. */
export function holds(tier: Tier, least: Tier): boolean {
  return TIERS.indexOf(tier) >= TIERS.indexOf(least);
}
