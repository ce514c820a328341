/** Arrays of any rank in double precision: what an operation should compute, written index by index. */
export interface Nd {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

const product = (sizes: readonly number[]) => sizes.reduce((a, b) => a * b, 1);

/** The array whose element at each index is `at(index)`. */
export function nd(shape: readonly number[], at: (...index: number[]) => number): Nd {
  const data = new Float64Array(product(shape));
  for (let flat = 0; flat < data.length; flat++) data[flat] = at(...indexOf(flat, shape));
  return { shape, data };
}

function indexOf(flat: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  let rest = flat;
  for (const size of shape.toReversed()) {
    index.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return index;
}

/** One element. Axes of size 1 are broadcast, and so are missing leading ones. */
export function pick(x: Nd, ...index: number[]): number {
  const own = index.slice(index.length - x.shape.length);
  let flat = 0;
  for (const [axis, size] of x.shape.entries()) flat = flat * size + (size === 1 ? 0 : (own[axis] as number));
  return x.data[flat] as number;
}

/** f element by element, with NumPy's broadcasting. */
export function each(f: (...values: number[]) => number, ...arrays: Nd[]): Nd {
  const rank = Math.max(...arrays.map((x) => x.shape.length));
  const shape = Array.from({ length: rank }, (_, axis) =>
    Math.max(...arrays.map((x) => x.shape[x.shape.length - rank + axis] ?? 1)),
  );
  return nd(shape, (...index) => f(...arrays.map((x) => pick(x, ...index))));
}

/** f of the values along `axes`, in row-major order. */
export function fold(f: (values: number[]) => number, x: Nd, axes: readonly number[], keepDims = false): Nd {
  const groups = new Map<string, number[]>();
  for (const [flat, value] of x.data.entries()) {
    const key = indexOf(flat, x.shape)
      .map((i, axis) => (axes.includes(axis) ? 0 : i))
      .join();
    groups.set(key, [...(groups.get(key) ?? []), value]);
  }
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size));
  const data = Float64Array.from([...groups.values()].map(f));
  return { shape: keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis)), data };
}

export const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
