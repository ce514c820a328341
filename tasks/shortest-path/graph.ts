/** Small graphs with whole lengths, and Dijkstra's algorithm on them. */

export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly length: number;
}

export interface Graph {
  readonly directed: boolean;
  readonly edges: readonly Edge[];
}

/** The length of the edge between two nodes; null where there is none. At most one edge joins two nodes in a direction. */
export function edgeLength({ directed, edges }: Graph, from: string, to: string): number | null {
  const joins = (edge: Edge) =>
    (edge.from === from && edge.to === to) || (!directed && edge.from === to && edge.to === from);
  return edges.find(joins)?.length ?? null;
}

export interface Settled {
  readonly node: string;
  readonly distance: number;
  /** The node before it on a shortest path; null for the start. */
  readonly via: string | null;
}

/** Dijkstra's algorithm: nodes in the order in which their distance from the start is settled; equal ones by name. */
export function settle(graph: Graph, start: string): Settled[] {
  const open = new Map<string, Settled>([[start, { node: start, distance: 0, via: null }]]);
  const settled = new Map<string, Settled>();
  while (open.size > 0) {
    const next = [...open.values()].reduce((a, b) => (isBefore(b, a) ? b : a));
    open.delete(next.node);
    settled.set(next.node, next);
    for (const [node, length] of neighbors(graph, next.node)) {
      const distance = next.distance + length;
      const known = open.get(node)?.distance ?? Number.POSITIVE_INFINITY;
      if (!settled.has(node) && distance < known) open.set(node, { node, distance, via: next.node });
    }
  }
  return [...settled.values()];
}

const isBefore = (a: Settled, b: Settled) => a.distance < b.distance || (a.distance === b.distance && a.node < b.node);

function neighbors({ directed, edges }: Graph, node: string): [node: string, length: number][] {
  return edges.flatMap(({ from, to, length }): [string, number][] => {
    if (from === node) return [[to, length]];
    return to === node && !directed ? [[from, length]] : [];
  });
}

/** The nodes from the start to one of the settled ones. */
export function pathTo(settled: readonly Settled[], end: string): string[] {
  const via = new Map(settled.map((one) => [one.node, one.via]));
  const path: string[] = [];
  for (let node: string | null = end; node !== null; node = via.get(node) ?? null) path.unshift(node);
  return path;
}

/** Null where two of the nodes in a row are not joined. */
export function pathLength(graph: Graph, path: readonly string[]): number | null {
  let total = 0;
  for (let i = 1; i < path.length; i++) {
    const length = edgeLength(graph, path[i - 1] as string, path[i] as string);
    if (length === null) return null;
    total += length;
  }
  return total;
}
