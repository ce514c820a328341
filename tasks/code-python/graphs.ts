/** Problems: graphs. */
import type { WrittenProblem } from "rlvr/verifiers";

export const GRAPHS: readonly WrittenProblem[] = [
  {
    id: "two-teams",
    kind: "calls",
    signature: "two_teams(count, rivals)",
    statement:
      "Whether the people 0, 1, …, count − 1 can be put into two teams so that no two of `rivals`, a list of pairs, are in one team.",
    examples: [
      [
        [
          4,
          [
            [0, 1],
            [1, 2],
            [2, 3],
          ],
        ],
        true,
      ],
      [
        [
          3,
          [
            [0, 1],
            [1, 2],
            [2, 0],
          ],
        ],
        false,
      ],
    ],
    hidden: [
      [[0, []], true],
      [[2, []], true],
      [[1, [[0, 0]]], false],
      [
        [
          4,
          [
            [0, 1],
            [2, 3],
            [0, 3],
            [1, 2],
          ],
        ],
        true,
      ],
      [
        [
          5,
          [
            [0, 1],
            [1, 2],
            [2, 3],
            [3, 4],
            [4, 0],
          ],
        ],
        false,
      ],
      [
        [
          6,
          [
            [0, 1],
            [2, 3],
            [3, 4],
            [4, 2],
          ],
        ],
        false,
      ],
      [
        [
          7,
          [
            [6, 0],
            [5, 6],
            [4, 5],
            [0, 1],
          ],
        ],
        true,
      ],
    ],
    solution: `
def two_teams(count, rivals):
    team = {}
    for start in range(count):
        if start in team:
            continue
        team[start] = 0
        waiting = [start]
        while waiting:
            one = waiting.pop()
            for a, b in rivals:
                for x, y in ((a, b), (b, a)):
                    if x != one:
                        continue
                    if y not in team:
                        team[y] = 1 - team[x]
                        waiting.append(y)
                    elif team[y] == team[x]:
                        return False
    return True
`,
    wrong: `
def two_teams(count, rivals):
    team = {}
    for a, b in rivals:
        team.setdefault(a, 0)
        team.setdefault(b, 1 - team[a])
        if team[a] == team[b]:
            return False
    return True
`,
  },
  {
    id: "friend-circles",
    kind: "calls",
    signature: "circles(count, friends)",
    statement:
      "How many circles of friends there are among the people 0, 1, …, count − 1, where friends of friends are in one circle.",
    examples: [
      [[3, [[0, 1]]], 2],
      [[0, []], 0],
    ],
    hidden: [
      [[1, []], 1],
      [
        [
          4,
          [
            [0, 1],
            [2, 3],
          ],
        ],
        2,
      ],
      [
        [
          4,
          [
            [0, 1],
            [2, 3],
            [1, 2],
          ],
        ],
        1,
      ],
      [
        [
          5,
          [
            [4, 0],
            [0, 4],
          ],
        ],
        4,
      ],
      [
        [
          6,
          [
            [0, 5],
            [1, 4],
            [2, 3],
            [5, 4],
          ],
        ],
        2,
      ],
      [[3, [[0, 0]]], 3],
      [
        [
          7,
          [
            [0, 1],
            [1, 2],
            [3, 4],
            [4, 5],
            [5, 3],
          ],
        ],
        3,
      ],
    ],
    solution: `
def circles(count, friends):
    circle = list(range(count))
    for a, b in friends:
        old, new = circle[a], circle[b]
        circle = [new if one == old else one for one in circle]
    return len(set(circle))
`,
    wrong: `
def circles(count, friends):
    circle = list(range(count))
    for a, b in friends:
        circle[a] = circle[b]
    return len(set(circle))
`,
  },
  {
    id: "knight-moves",
    kind: "calls",
    signature: "knight_moves(size, start, goal)",
    statement:
      "The fewest moves of a knight from field `start` to field `goal` of a board of `size` times `size`; fields are `[row, column]` from 0. None where there is no way.",
    examples: [
      [[8, [0, 0], [1, 2]], 1],
      [[3, [0, 0], [1, 1]], null],
    ],
    hidden: [
      [[8, [0, 0], [0, 0]], 0],
      [[8, [0, 0], [7, 7]], 6],
      [[5, [0, 0], [1, 1]], 4],
      [[4, [0, 0], [3, 3]], 2],
      [[8, [0, 0], [0, 1]], 3],
      [[2, [0, 0], [1, 1]], null],
      [[6, [2, 2], [3, 2]], 3],
    ],
    solution: `
def knight_moves(size, start, goal):
    seen = {tuple(start)}
    edge = [tuple(start)]
    moves = 0
    while edge:
        if tuple(goal) in edge:
            return moves
        steps = [(a * x, b * y) for a, b in ((1, 2), (2, 1)) for x in (1, -1) for y in (1, -1)]
        reached = {(r + y, c + x) for r, c in edge for y, x in steps}
        edge = [(r, c) for r, c in sorted(reached - seen) if 0 <= r < size and 0 <= c < size]
        seen.update(edge)
        moves += 1
    return None
`,
    wrong: `
def knight_moves(size, start, goal):
    rows, columns = sorted((abs(start[0] - goal[0]), abs(start[1] - goal[1])))
    moves = max((columns + 1) // 2, (rows + columns + 2) // 3)
    return moves + (moves + rows + columns) % 2
`,
  },
  {
    id: "safest-path",
    kind: "calls",
    signature: "narrowest(bridges, start, goal)",
    statement:
      "The greatest load that can be carried from `start` to `goal` over `bridges`, a list of `[end, end, load]` that can be crossed both ways: the load of the weakest bridge of the best way. 0 where there is no way. `start` and `goal` differ.",
    examples: [
      [
        [
          [
            ["a", "b", 5],
            ["b", "c", 3],
            ["a", "c", 2],
          ],
          "a",
          "c",
        ],
        3,
      ],
      [[[], "a", "b"], 0],
    ],
    hidden: [
      [
        [
          [
            ["a", "b", 1],
            ["b", "a", 4],
          ],
          "a",
          "b",
        ],
        4,
      ],
      [[[["x", "y", 7]], "y", "x"], 7],
      [
        [
          [
            ["a", "b", 9],
            ["c", "d", 9],
          ],
          "a",
          "d",
        ],
        0,
      ],
      [
        [
          [
            ["a", "b", 10],
            ["b", "c", 2],
            ["a", "d", 5],
            ["d", "c", 6],
          ],
          "a",
          "c",
        ],
        5,
      ],
      [
        [
          [
            ["s", "a", 8],
            ["a", "b", 7],
            ["b", "t", 9],
            ["s", "t", 6],
          ],
          "s",
          "t",
        ],
        7,
      ],
      [
        [
          [
            ["a", "b", 3],
            ["b", "c", 3],
            ["c", "d", 3],
            ["a", "d", 1],
          ],
          "d",
          "a",
        ],
        3,
      ],
      [
        [
          [
            ["a", "b", 100],
            ["b", "c", 1],
            ["a", "c", 2],
          ],
          "a",
          "c",
        ],
        2,
      ],
    ],
    solution: `
def narrowest(bridges, start, goal):
    best = {start: float("inf")}
    for _ in bridges:
        for a, b, load in bridges:
            for x, y in ((a, b), (b, a)):
                if min(best.get(x, 0), load) > best.get(y, 0):
                    best[y] = min(best[x], load)
    return best.get(goal, 0)
`,
    wrong: `
def narrowest(bridges, start, goal):
    best = {start: float("inf")}
    for a, b, load in bridges:
        if a in best:
            best[b] = max(best.get(b, 0), min(best[a], load))
    return best.get(goal, 0)
`,
  },
];
