/** Sudoku with 4 × 4 cells: each row, column and 2 × 2 block holds 1 to 4. A grid is 16 numbers, row by row; 0 is empty. */

export type Grid = readonly number[]; // [16]

const CELLS = Array.from({ length: 16 }, (_, cell) => cell);
const VALUES = [1, 2, 3, 4];

/** Rows, columns and blocks, as cells. */
const UNITS: readonly (readonly number[])[] = [0, 1, 2, 3].flatMap((i) => [
  CELLS.filter((cell) => Math.floor(cell / 4) === i),
  CELLS.filter((cell) => cell % 4 === i),
  CELLS.filter((cell) => Math.floor(cell / 8) * 2 + Math.floor((cell % 4) / 2) === i),
]);

/** Whether every unit holds each of 1 to 4. */
export function isSolved(grid: Grid): boolean {
  return UNITS.every((unit) => VALUES.every((value) => unit.some((cell) => grid[cell] === value)));
}

/** The values that no cell of the same row, column or block has. */
export function candidates(grid: Grid, cell: number): number[] {
  const taken = new Set(
    UNITS.filter((unit) => unit.includes(cell)).flatMap((unit) => unit.map((other) => grid[other])),
  );
  return VALUES.filter((value) => !taken.has(value));
}

/** At most `limit` solutions, in the order of their cells. */
export function solve(grid: Grid, limit: number): Grid[] {
  const cell = grid.indexOf(0);
  if (cell === -1) return [grid];
  const found: Grid[] = [];
  for (const value of candidates(grid, cell)) {
    found.push(...solve(grid.with(cell, value), limit - found.length));
    if (found.length >= limit) break;
  }
  return found;
}

export interface Step {
  readonly cell: number;
  readonly value: number;
}

/**
 * Cells in an order in which each has its value for a reason: it is the only one that fits the cell, or the cell is the only
 * one of its row, column or block where the value fits. Null where these reasons do not lead to the end.
 */
export function deduce(grid: Grid): Step[] | null {
  const steps: Step[] = [];
  let now = grid;
  while (now.includes(0)) {
    const step = nextStep(now);
    if (step === null) return null;
    steps.push(step);
    now = now.with(step.cell, step.value);
  }
  return steps;
}

function nextStep(grid: Grid): Step | null {
  const open = CELLS.filter((cell) => grid[cell] === 0).map((cell) => ({ cell, values: candidates(grid, cell) }));
  for (const { cell, values } of open) {
    if (values.length === 1) return { cell, value: values[0] as number };
  }
  for (const unit of UNITS) {
    for (const value of VALUES) {
      const places = open.filter(({ cell, values }) => unit.includes(cell) && values.includes(value));
      const [place] = places;
      if (places.length === 1 && place !== undefined) return { cell: place.cell, value };
    }
  }
  return null;
}
