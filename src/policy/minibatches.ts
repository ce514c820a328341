import type { Rng } from "../rng.ts";

/** The items, shuffled if there is more than one part, in `count` parts whose sizes differ by at most one; none is empty. */
export function minibatches<Item>(items: readonly Item[], count: number, rng: Rng): Item[][] {
  const order = [...items];
  if (count > 1) rng.shuffle(order);
  const edge = (i: number) => Math.round((i * order.length) / count);
  const parts = Array.from({ length: count }, (_, i) => order.slice(edge(i), edge(i + 1)));
  return parts.filter((part) => part.length > 0);
}
