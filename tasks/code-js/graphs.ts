/** Problems: graphs. */
import type { WrittenProblem } from "rlvr/verifiers";

export const GRAPHS: readonly WrittenProblem[] = [
  {
    id: "grid-steps",
    kind: "calls",
    signature: "gridSteps(grid)",
    statement:
      "The fewest steps up, down, left or right from the top left to the bottom right field of `grid`, a list of equally long texts in which `#` is a wall. -1 where there is no way. Both corners are free.",
    examples: [
      [[["..", ".."]], 2],
      [[[".#", "#."]], -1],
    ],
    hidden: [
      [[["."]], 0],
      [[["...", ".#.", "..."]], 4],
      [[["..#", "#..", "##."]], 4],
      [[[".#...", ".#.#.", "...#."]], 10],
      [[["....", "###.", "....", ".###", "...."]], 13],
      [[[".....#", "####..", "......"]], 7],
      [[[".#.", "#..", "..."]], -1],
    ],
    solution: `
function gridSteps(grid) {
  const [height, width] = [grid.length, grid[0].length];
  const seen = new Set([0]);
  let edge = [0];
  for (let steps = 0; edge.length > 0; steps++) {
    if (edge.includes(height * width - 1)) return steps;
    const next = [];
    for (const field of edge) {
      const [row, column] = [Math.floor(field / width), field % width];
      for (const [r, c] of [[row - 1, column], [row + 1, column], [row, column - 1], [row, column + 1]]) {
        if (r < 0 || c < 0 || r >= height || c >= width || grid[r][c] === "#" || seen.has(r * width + c)) continue;
        seen.add(r * width + c);
        next.push(r * width + c);
      }
    }
    edge = next;
  }
  return -1;
}
`,
    wrong: `
function gridSteps(grid) {
  const [height, width] = [grid.length, grid[0].length];
  const walk = (r, c) => {
    if (r >= height || c >= width || grid[r][c] === "#") return Infinity;
    if (r === height - 1 && c === width - 1) return 0;
    return 1 + Math.min(walk(r + 1, c), walk(r, c + 1));
  };
  const steps = walk(0, 0);
  return steps === Infinity ? -1 : steps;
}
`,
  },
  {
    id: "build-order",
    kind: "calls",
    signature: "buildOrder(names, needs)",
    statement:
      "An order of `names` in which everything stands after what it needs; `needs` holds pairs `[name, needed]`. Of what could come next, the alphabetically first comes first. null where there is no such order.",
    examples: [
      [
        [["app", "lib"], [["app", "lib"]]],
        ["lib", "app"],
      ],
      [
        [
          ["a", "b"],
          [
            ["a", "b"],
            ["b", "a"],
          ],
        ],
        null,
      ],
    ],
    hidden: [
      [[[], []], []],
      [
        [["b", "a"], []],
        ["a", "b"],
      ],
      [
        [
          ["d", "c", "b", "a"],
          [
            ["a", "d"],
            ["b", "d"],
            ["c", "b"],
          ],
        ],
        ["d", "a", "b", "c"],
      ],
      [[["x"], [["x", "x"]]], null],
      [
        [
          ["a", "b", "c"],
          [
            ["a", "b"],
            ["b", "c"],
          ],
        ],
        ["c", "b", "a"],
      ],
      [
        [["a", "b", "c", "d"], [["a", "d"]]],
        ["b", "c", "d", "a"],
      ],
      [
        [
          ["a", "b", "c"],
          [
            ["b", "c"],
            ["c", "b"],
          ],
        ],
        null,
      ],
    ],
    solution: `
function buildOrder(names, needs) {
  const order = [];
  const left = new Set(names.toSorted());
  while (left.size > 0) {
    const next = [...left].find((name) => needs.every(([from, needed]) => from !== name || !left.has(needed)));
    if (next === undefined) return null;
    left.delete(next);
    order.push(next);
  }
  return order;
}
`,
    wrong: `
function buildOrder(names, needs) {
  const order = [];
  const visit = (name) => {
    if (order.includes(name)) return;
    for (const [from, needed] of needs) if (from === name && needed !== name) visit(needed);
    if (!order.includes(name)) order.push(name);
  };
  try {
    for (const name of names.toSorted()) visit(name);
  } catch {
    return null;
  }
  return order;
}
`,
  },
  {
    id: "island-sizes",
    kind: "calls",
    signature: "islandSizes(grid)",
    statement:
      "The sizes of the islands in `grid`, a list of equally long texts, largest first. An island is a set of `#` connected up, down, left and right.",
    examples: [
      [[["##.", "..#"]], [2, 1]],
      [[["..."]], []],
    ],
    hidden: [
      [[[]], []],
      [[["#"]], [1]],
      [[["###", "###"]], [6]],
      [[["#.#", ".#.", "#.#"]], [1, 1, 1, 1, 1]],
      [[["##..#", "#...#", "..#.#"]], [3, 3, 1]],
      [[["#####", "....#", "###.#", "#...#", "#####"]], [17]],
      [[["#.#.#"]], [1, 1, 1]],
    ],
    solution: `
function islandSizes(grid) {
  const fields = grid.map((row) => [...row]);
  const flood = (r, c) => {
    if (fields[r]?.[c] !== "#") return 0;
    fields[r][c] = ".";
    return 1 + flood(r - 1, c) + flood(r + 1, c) + flood(r, c - 1) + flood(r, c + 1);
  };
  const sizes = fields.flatMap((row, r) => row.map((_, c) => flood(r, c)));
  return sizes.filter((size) => size > 0).sort((a, b) => b - a);
}
`,
    wrong: `
function islandSizes(grid) {
  const fields = grid.map((row) => [...row]);
  const flood = (r, c) => {
    if (fields[r]?.[c] !== "#") return 0;
    fields[r][c] = ".";
    let size = 1;
    for (const y of [-1, 0, 1]) for (const x of [-1, 0, 1]) size += flood(r + y, c + x);
    return size;
  };
  const sizes = fields.flatMap((row, r) => row.map((_, c) => flood(r, c)));
  return sizes.filter((size) => size > 0).sort((a, b) => b - a);
}
`,
  },
  {
    id: "cheapest-route",
    kind: "calls",
    signature: "cheapestRoute(roads, from, to)",
    statement:
      "The lowest total price of a way from `from` to `to` along one-way roads `[start, end, price]`, prices not negative; -1 where there is no way.",
    examples: [
      [
        [
          [
            ["a", "b", 3],
            ["b", "c", 4],
            ["a", "c", 9],
          ],
          "a",
          "c",
        ],
        7,
      ],
      [[[["a", "b", 1]], "b", "a"], -1],
    ],
    hidden: [
      [[[], "x", "x"], 0],
      [[[], "x", "y"], -1],
      [
        [
          [
            ["a", "b", 5],
            ["a", "b", 2],
          ],
          "a",
          "b",
        ],
        2,
      ],
      [
        [
          [
            ["a", "b", 0],
            ["b", "a", 0],
            ["b", "c", 1],
          ],
          "a",
          "c",
        ],
        1,
      ],
      [
        [
          [
            ["a", "b", 10],
            ["a", "c", 1],
            ["c", "d", 1],
            ["d", "b", 1],
          ],
          "a",
          "b",
        ],
        3,
      ],
      [
        [
          [
            ["s", "a", 7],
            ["s", "b", 2],
            ["b", "a", 3],
            ["a", "t", 1],
            ["b", "t", 8],
          ],
          "s",
          "t",
        ],
        6,
      ],
      [
        [
          [
            ["c", "d", 1],
            ["b", "c", 1],
            ["a", "b", 1],
          ],
          "a",
          "d",
        ],
        3,
      ],
    ],
    solution: `
function cheapestRoute(roads, from, to) {
  const prices = new Map([[from, 0]]);
  for (let changed = true; changed; ) {
    changed = false;
    for (const [start, end, price] of roads) {
      const total = (prices.get(start) ?? Infinity) + price;
      if (total >= (prices.get(end) ?? Infinity)) continue;
      prices.set(end, total);
      changed = true;
    }
  }
  return prices.get(to) ?? -1;
}
`,
    wrong: `
function cheapestRoute(roads, from, to) {
  const prices = new Map([[from, 0]]);
  for (const [start, end, price] of roads) {
    if (prices.has(start) && !prices.has(end)) prices.set(end, prices.get(start) + price);
  }
  return prices.get(to) ?? -1;
}
`,
  },
];
