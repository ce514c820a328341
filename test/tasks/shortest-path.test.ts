import { describe, expect, test } from "vitest";
import task from "../../tasks/shortest-path/task.ts";
import { answerIn, expectSoundRows, LEVELS, rowsOf } from "./seeded-rows.ts";

type Row = Awaited<ReturnType<typeof rowsOf<typeof task.row>>>[number];

test("splits share no problem: edges in any order, both ways where they lead both ways; solutions are right and fit", () =>
  expectSoundRows(task, ({ edges, directed, start, end }) => {
    const pair = (a: string, b: string) => (directed ? [a, b] : [a, b].sort()).join("");
    return [...edges.map(({ from, to, length }) => pair(from, to) + length).sort(), pair(start, end)].join();
  }));

/** Lengths of shortest paths between all nodes, by Floyd and Warshall. */
function allLengths({ edges, directed }: Row): Map<string, number> {
  const nodes = [...new Set(edges.flatMap(({ from, to }) => [from, to]))];
  const lengths = new Map(nodes.map((node) => [node + node, 0]));
  for (const { from, to, length } of edges) {
    lengths.set(from + to, length);
    if (!directed) lengths.set(to + from, length);
  }
  const get = (key: string) => lengths.get(key) ?? Number.POSITIVE_INFINITY;
  for (const k of nodes) {
    for (const i of nodes) for (const j of nodes) lengths.set(i + j, Math.min(get(i + j), get(i + k) + get(k + j)));
  }
  return lengths;
}

/** Every path without a repeated node, by walking: for small graphs. */
function allPaths(row: Row, path: string[] = [row.start]): string[][] {
  const node = path.at(-1) as string;
  if (node === row.end) return [path];
  const next = row.edges.flatMap(({ from, to }) => [
    ...(from === node ? [to] : []),
    ...(to === node && !row.directed ? [from] : []),
  ]);
  return next.filter((one) => !path.includes(one)).flatMap((one) => allPaths(row, [...path, one]));
}

describe.each(LEVELS)("difficulty %d", (level) => {
  test("Floyd and Warshall find the same length", async () => {
    for (const row of await rowsOf(task, level)) {
      expect(allLengths(row).get(row.start + row.end)).toBe(row.length);
      expect(row.edges.every(({ length }) => (row.weighted ? length <= 9 : length === 1))).toBe(true);
      const pairs = row.edges.map(({ from, to }) => [from, to].sort().join());
      expect(new Set(pairs).size).toBe(pairs.length);
    }
  });

  test("of all paths exactly the shortest are right", async () => {
    let several = 0;
    for (const row of (await rowsOf(task, level)).slice(0, level === 5 ? 40 : 100)) {
      const paths = allPaths(row);
      let right = 0;
      for (const path of paths.slice(0, 300)) {
        const length = path.slice(1).reduce((sum, node, i) => {
          const before = path[i];
          const edge = row.edges.find(
            ({ from, to }) => (from === before && to === node) || (!row.directed && from === node && to === before),
          );
          return sum + (edge?.length ?? Number.NaN);
        }, 0);
        const verdict = await task.verify(`<answer>${path.join("-")}</answer>`, row);
        expect(verdict).toMatchObject({ reward: length === row.length ? 1 : 0 });
        if (length === row.length) right++;
      }
      if (right > 1) several++;
    }
    if (level === 2) expect(several).toBeGreaterThan(5); // ties occur, and all of them count
  });
});

describe("verify", () => {
  const edge = (from: string, to: string, length: number) => ({ from, to, length });
  const edges = [edge("A", "B", 2), edge("B", "C", 2), edge("A", "C", 5)];
  const row = { id: "x", difficulty: 3, directed: false, weighted: true, edges, start: "A", end: "C", length: 4 };

  test.each([
    ["A-B-C", 1, "correct"],
    ["A->B->C", 1, "correct"],
    ["A → B → C", 1, "correct"],
    ["A B C", 1, "correct"],
    ["A, B, C", 1, "correct"],
    ["A-C", 0, "incorrect"],
    ["C-B-A", 0, "incorrect"],
    ["A-B-A-B-C", 0, "incorrect"],
    ["A-B-B-C", 0, "incorrect"],
    ["A-C-C", 0, "incorrect"],
    ["ABC", 0, "unparsed"],
    ["A-B-C (length 4)", 0, "unparsed"],
    ["A-B-Z", 0, "unparsed"],
    ["A", 0, "unparsed"],
    ["A-".repeat(5000), 0, "unparsed"],
  ])("%j gets %d, %s", async (answer, reward, outcome) => {
    expect(await task.verify(`<answer>${answer}</answer>`, row)).toMatchObject({ reward, outcome });
  });

  test("the written solution is a path", () => {
    expect(answerIn(task.solution?.(row))).toBe("A-B-C");
    expect(task.solution?.(row)).toContain("A 0, B 2 via A, C 4 via B");
  });
});
