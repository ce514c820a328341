/** A shortest path in a small graph. Any shortest path is right: the verifier walks its edges and adds their lengths. */
import { DifficultyOptions, defineTask, graded, proceduralRows, type Rng, withDifficulty } from "rlvr/task";
import { answerTag } from "rlvr/verifiers";
import { z } from "zod";
import { type Edge, pathLength, pathTo, settle } from "./graph.ts";

const MAX_CHARACTERS = 200; // of an answer; a path through all nodes has 12 names
const NAMES = "ABCDEFGHIJKL";

const Row = z.strictObject({
  id: z.string(),
  difficulty: z.int().min(1).max(5),
  directed: z.boolean(),
  weighted: z.boolean().describe("false: every edge has the length 1"),
  edges: z.array(z.strictObject({ from: z.string(), to: z.string(), length: z.int().min(1) })),
  start: z.string(),
  end: z.string(),
  length: z.int().min(2).describe("of a shortest path"),
});
type Problem = Omit<z.infer<typeof Row>, "id" | "difficulty">;

interface Level {
  readonly nodes: number;
  /** Edges beyond those that join all nodes. */
  readonly more: number;
  readonly weighted: boolean;
  readonly directed: boolean;
  /** Fewest edges on the path that Dijkstra finds. */
  readonly steps: number;
}

const LEVELS: Readonly<Record<number, Level>> = {
  1: { nodes: 6, more: 3, weighted: false, directed: false, steps: 2 },
  2: { nodes: 8, more: 5, weighted: false, directed: false, steps: 3 },
  3: { nodes: 7, more: 6, weighted: true, directed: false, steps: 2 },
  4: { nodes: 9, more: 9, weighted: true, directed: false, steps: 3 },
  5: { nodes: 12, more: 16, weighted: true, directed: true, steps: 4 },
};

/** A tree that joins all nodes, and more edges; null where no node is far enough from the start. */
function draw(rng: Rng, difficulty: number): Problem | null {
  const { nodes, more, weighted, directed, steps } = LEVELS[difficulty] as Level;
  const names = rng.shuffle([...NAMES.slice(0, nodes)]);
  const edges: Edge[] = [];
  const join = (a: string, b: string) => {
    const [from, to] = directed && rng.next() < 0.5 ? [b, a] : [a, b];
    const known = edges.some((edge) => [edge.from, edge.to].sort().join() === [from, to].sort().join());
    if (!known) edges.push({ from, to, length: weighted ? rng.integer(1, 9) : 1 });
  };
  for (let i = 1; i < nodes; i++) join(names[rng.integer(0, i - 1)] as string, names[i] as string);
  for (let i = 0; i < more; i++) {
    const [a, b] = rng.shuffle([...names]) as [string, string];
    join(a, b);
  }
  rng.shuffle(edges);
  const start = rng.pick(names);
  const settled = settle({ directed, edges }, start);
  const far = settled.filter(({ node }) => pathTo(settled, node).length > steps);
  if (far.length === 0) return null;
  const { node: end, distance } = rng.pick(far);
  return { directed, weighted, edges, start, end, length: distance };
}

function question({ directed, weighted, edges, start, end }: Problem): string {
  const arrow = directed ? "->" : "-";
  const list = edges.map(({ from, to, length }) => `${from}${arrow}${to}${weighted ? ` ${length}` : ""}`).join(", ");
  const what = weighted ? "edges and their lengths" : "edges, each of length 1";
  return `A${directed ? " directed" : "n undirected"} graph has these ${what}: ${list}. Find a shortest path from ${start} to ${end}. Give its nodes, joined by -, in <answer></answer>.\n`;
}

/** Dijkstra's algorithm, written down: each node with its distance and the node before it. */
function solution(problem: Problem): string {
  const settled = settle(problem, problem.start);
  const until = settled.slice(0, settled.findIndex(({ node }) => node === problem.end) + 1);
  const steps = until.map(({ node, distance, via }) => `${node} ${distance}${via === null ? "" : ` via ${via}`}`);
  return `<think>${steps.join(", ")}</think><answer>${pathTo(settled, problem.end).join("-")}</answer>`;
}

/** 1 for a path from start to end over edges that are there, as short as any. Between nodes stand - -> , or spaces. */
function verifyPath(completion: string, problem: Problem) {
  const extracted = answerTag(completion);
  if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
  const { answer } = extracted;
  const { start, end, length: shortest } = problem;
  const path = answer.length > MAX_CHARACTERS ? [] : answer.split(/\s*(?:->|→|-|,|\s)\s*/);
  if (path.length < 2 || !path.every((node) => /^[A-L]$/.test(node))) {
    return graded(0, "unparsed", answer.slice(0, MAX_CHARACTERS), "no path such as A-B-C");
  }
  if (path[0] !== start || path.at(-1) !== end) {
    return graded(0, "incorrect", answer, `leads from ${path[0]} to ${path.at(-1)}, expected ${start} to ${end}`);
  }
  const length = pathLength(problem, path);
  if (length === null) return graded(0, "incorrect", answer, "takes an edge that is not there", { path: 0 });
  return length === shortest
    ? graded(1, "correct", answer, `has the length ${length}`, { path: 1 })
    : graded(0, "incorrect", answer, `has the length ${length}, expected ${shortest}`, { path: 1 });
}

/** Equal for graphs whose edges come in another order, and for the way back where edges lead both ways. */
function content({ directed, edges, start, end }: Problem): string {
  const pair = (a: string, b: string) => (directed ? [a, b] : [a, b].sort()).join(directed ? ">" : "-");
  const list = edges.map(({ from, to, length }) => `${pair(from, to)}${length}`).sort();
  return `${list.join()} ${pair(start, end)}`;
}

const edge = (from: string, to: string, length: number): Edge => ({ from, to, length });
const example: z.infer<typeof Row> = {
  id: "example",
  difficulty: 3,
  directed: false,
  weighted: true,
  edges: [edge("A", "B", 2), edge("B", "C", 2), edge("A", "C", 5), edge("A", "D", 1), edge("D", "C", 3)],
  start: "A",
  end: "C",
  length: 4,
};
const oneWay: z.infer<typeof Row> = { ...example, directed: true, edges: [...example.edges, edge("C", "D", 1)] };

export default defineTask({
  name: "shortest-path",
  description: "a shortest path between two nodes of a small graph",
  row: Row,
  options: DifficultyOptions,
  prompt: question,
  solution,
  verify: withDifficulty(verifyPath),
  audit: { answers: "many" },
  maxTokens: 240, // characters; twelve nodes with their distances, and a path

  *load(split, seed, { difficulty }) {
    yield* proceduralRows({ name: "shortest-path", draw, content }, { split, seed, difficulty });
  },

  cases: [
    {
      row: example,
      completion: "<think>A 0, D 1 via A, B 2 via A, C 4 via B</think><answer>A-B-C</answer>",
      reward: 1,
    },
    { row: example, completion: "<answer>A -> D -> C</answer>", reward: 1 }, // as short
    { row: example, completion: "<answer>A-C</answer>", reward: 0 }, // 5
    { row: example, completion: "<answer>A-D-B-C</answer>", reward: 0 }, // no edge D-B
    { row: example, completion: "<answer>A-B</answer>", reward: 0 },
    { row: oneWay, completion: "<answer>A-D-C</answer>", reward: 1 },
    { row: { ...oneWay, start: "C", end: "B", length: 2 }, completion: "<answer>C-B</answer>", reward: 0 }, // the wrong way
    { row: example, completion: "<answer>4</answer>", reward: 0 },
    { row: example, completion: "A-B-C", reward: 0 },
  ],
});
