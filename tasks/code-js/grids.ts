/** Problems: grids. */
import type { WrittenProblem } from "rlvr/verifiers";

export const GRIDS: readonly WrittenProblem[] = [
  {
    id: "rotate-grid",
    kind: "calls",
    signature: "rotateGrid(grid, turns)",
    statement:
      "`grid`, a list of equally long rows, turned clockwise by a quarter `turns` times. Negative turns go the other way.",
    examples: [
      [
        [
          [
            [1, 2],
            [3, 4],
          ],
          1,
        ],
        [
          [3, 1],
          [4, 2],
        ],
      ],
      [[[[1, 2, 3]], 2], [[3, 2, 1]]],
    ],
    hidden: [
      [[[[1]], 7], [[1]]],
      [
        [
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
          1,
        ],
        [
          [4, 1],
          [5, 2],
          [6, 3],
        ],
      ],
      [
        [
          [
            [1, 2, 3],
            [4, 5, 6],
          ],
          -1,
        ],
        [
          [3, 6],
          [2, 5],
          [1, 4],
        ],
      ],
      [
        [
          [
            [1, 2],
            [3, 4],
          ],
          4,
        ],
        [
          [1, 2],
          [3, 4],
        ],
      ],
      [
        [
          [
            [1, 2],
            [3, 4],
          ],
          -6,
        ],
        [
          [4, 3],
          [2, 1],
        ],
      ],
      [[[["a"], ["b"]], 3], [["a", "b"]]],
      [
        [
          [
            [1, 2, 3],
            [4, 5, 6],
            [7, 8, 9],
          ],
          5,
        ],
        [
          [7, 4, 1],
          [8, 5, 2],
          [9, 6, 3],
        ],
      ],
    ],
    solution: `
function rotateGrid(grid, turns) {
  let turned = grid;
  for (let left = ((turns % 4) + 4) % 4; left > 0; left--) {
    turned = turned[0].map((_, column) => turned.map((row) => row[column]).reverse());
  }
  return turned;
}
`,
    wrong: `
function rotateGrid(grid, turns) {
  let turned = grid;
  for (let left = turns % 4; left > 0; left--) {
    turned = turned[0].map((_, column) => turned.map((row) => row[column]).reverse());
  }
  return turned;
}
`,
  },
  {
    id: "spiral-order",
    kind: "calls",
    signature: "spiralOrder(grid)",
    statement: "The items of `grid`, a list of equally long rows, in clockwise spiral order from the top left corner.",
    examples: [
      [
        [
          [
            [1, 2, 3],
            [4, 5, 6],
            [7, 8, 9],
          ],
        ],
        [1, 2, 3, 6, 9, 8, 7, 4, 5],
      ],
      [
        [
          [
            [1, 2],
            [3, 4],
          ],
        ],
        [1, 2, 4, 3],
      ],
    ],
    hidden: [
      [[[]], []],
      [[[[7]]], [7]],
      [[[[1, 2, 3]]], [1, 2, 3]],
      [[[[1], [2], [3]]], [1, 2, 3]],
      [
        [
          [
            [1, 2, 3, 4],
            [5, 6, 7, 8],
            [9, 10, 11, 12],
          ],
        ],
        [1, 2, 3, 4, 8, 12, 11, 10, 9, 5, 6, 7],
      ],
      [
        [
          [
            [1, 2],
            [3, 4],
            [5, 6],
          ],
        ],
        [1, 2, 4, 6, 5, 3],
      ],
      [
        [
          [
            [1, 2, 3, 4],
            [5, 6, 7, 8],
            [9, 10, 11, 12],
            [13, 14, 15, 16],
          ],
        ],
        [1, 2, 3, 4, 8, 12, 16, 15, 14, 13, 9, 5, 6, 7, 11, 10],
      ],
    ],
    solution: `
function spiralOrder(grid) {
  const order = [];
  let rest = grid;
  while (rest.length > 0) {
    order.push(...rest[0]);
    const below = rest.slice(1);
    rest = below.length === 0 ? [] : below[0].map((_, i) => below.map((row) => row[row.length - 1 - i]));
  }
  return order;
}
`,
    wrong: `
function spiralOrder(grid) {
  const order = [];
  let [top, left] = [0, 0];
  let [bottom, right] = [grid.length - 1, (grid[0] ?? []).length - 1];
  while (top <= bottom && left <= right) {
    for (let c = left; c <= right; c++) order.push(grid[top][c]);
    for (let r = top + 1; r <= bottom; r++) order.push(grid[r][right]);
    for (let c = right - 1; c >= left; c--) order.push(grid[bottom][c]);
    for (let r = bottom - 1; r > top; r--) order.push(grid[r][left]);
    top++, left++, bottom--, right--;
  }
  return order;
}
`,
  },
];
