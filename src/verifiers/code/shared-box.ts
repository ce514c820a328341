/** Boxes that verifiers share: one for each least tier and set of languages, opened when the first completion needs it. */
import type { Box, Language } from "../../sandbox/job.ts";
import type { Tier } from "../../sandbox/tier.ts";

export interface BoxWish {
  readonly languages: readonly Language[];
  readonly minTier: Tier;
  /** Runs at the same time; what the sandbox thinks best by default. */
  readonly slots?: number;
}

interface Shared {
  readonly box: Promise<Box>;
  holders: number;
}

const SHARED = new Map<string, Shared>();

/** A box that opens when it is first asked for. Releasing it closes it when nobody else holds it. */
export interface HeldBox {
  /** @throws E_SANDBOX when the machine has no such box; the next call tries again */
  get(): Promise<Box>;
  release(): Promise<void>;
}

export function holdBox(wish: BoxWish): HeldBox {
  const key = JSON.stringify([wish.languages, wish.minTier, wish.slots ?? null]);
  let held: Shared | null = null;
  return {
    async get() {
      if (held === null) {
        held = SHARED.get(key) ?? { box: openLazily(wish), holders: 0 };
        held.holders++;
        SHARED.set(key, held);
      }
      const mine = held;
      try {
        return await mine.box;
      } catch (error) {
        if (held === mine) held = null;
        if (SHARED.get(key) === mine) SHARED.delete(key);
        throw error;
      }
    },
    async release() {
      const mine = held;
      held = null;
      if (mine === null || --mine.holders > 0) return;
      if (SHARED.get(key) === mine) SHARED.delete(key);
      await (await mine.box).close();
    },
  };
}

/** The sandbox is loaded when it is needed: `rlvr/verifiers` itself stays light. */
async function openLazily(wish: BoxWish): Promise<Box> {
  const { openBox } = await import("../../sandbox/open.ts");
  return openBox(wish);
}
