/**
 * Knights always tell the truth, knaves always lie: who is what? Every puzzle has exactly one solution, which all 2^n worlds
 * were tried for. The verifier asks whether the statements fit the answer; it stores no solution.
 */
import { DifficultyOptions, defineTask, graded, proceduralRows, type Rng, withDifficulty } from "rlvr/task";
import { answerTag } from "rlvr/verifiers";
import { z } from "zod";
import { drawStatement, misfit, type Statement, statementText, worlds } from "./statements.ts";

const MAX_CHARACTERS = 300; // of an answer; six names with their kinds have 90
const NAMES = ["Ada", "Ben", "Cleo", "Dan", "Eva", "Finn", "Gus", "Hana", "Ivo", "Jill", "Kai", "Lea"];

const Claim = { person: z.int().min(0), knight: z.boolean() };
const Said = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("is"), ...Claim }),
  z.strictObject({ kind: z.enum(["and", "or", "if"]), first: z.strictObject(Claim), second: z.strictObject(Claim) }),
  z.strictObject({ kind: z.enum(["same", "different"]), one: z.int().min(0), other: z.int().min(0) }),
  z.strictObject({ kind: z.literal("count"), knights: z.int().min(0) }),
]);

const Row = z.strictObject({
  id: z.string(),
  difficulty: z.int().min(1).max(5),
  names: z
    .array(z.string().regex(/^[A-Z][a-z]+$/))
    .min(2)
    .max(6),
  statements: z.array(Said).describe("what each of them says, in the order of the names"),
});
type Problem = Pick<z.infer<typeof Row>, "names" | "statements">;

const SIMPLE = ["is", "same", "different", "and", "or"] as const;
const ALL = [...SIMPLE, "count", "if"] as const;

/** By difficulty: how many people, and what they say. */
const LEVELS: Readonly<Record<number, { people: number; kinds: readonly Statement["kind"][] }>> = {
  1: { people: 3, kinds: SIMPLE },
  2: { people: 3, kinds: ALL },
  3: { people: 4, kinds: ALL },
  4: { people: 5, kinds: ALL },
  5: { people: 6, kinds: ["same", "different", "and", "or", "count", "if"] },
};

function draw(rng: Rng, difficulty: number): Problem | null {
  const { people, kinds } = LEVELS[difficulty] as (typeof LEVELS)[number];
  const names = rng
    .shuffle([...NAMES])
    .slice(0, people)
    .sort();
  const statements = Array.from({ length: people }, () => drawStatement(rng, people, kinds));
  const fitting = worlds(people).filter((world) => misfit(statements, world) === null);
  return fitting.length === 1 ? { names, statements } : null;
}

function question({ names, statements }: Problem): string {
  const says = statements.map((statement, i) => `${names[i]} says: "${statementText(statement, i, names)}."`);
  return `Knights always tell the truth, and knaves always lie. Each of ${names.join(", ")} is one of the two. ${says.join(" ")} Who is what? Give each name and its kind, as in "Zoe: knave, Yan: knight", in <answer></answer>.\n`;
}

/** Every world up to the one that fits, in letters (K knight, N knave), with the person whose statement does not fit. */
function solution({ names, statements }: Problem): string {
  const all = worlds(names.length);
  const letters = (world: readonly boolean[]) => world.map((knight) => (knight ? "K" : "N")).join("");
  const found = all.findIndex((world) => misfit(statements, world) === null);
  const tried = all.slice(0, found).map((world) => `${letters(world)} ${names[misfit(statements, world) as number]}`);
  const world = all[found] as readonly boolean[];
  const answer = names.map((name, i) => `${name}: ${world[i] ? "knight" : "knave"}`).join(", ");
  return `<think>${[...tried, `${letters(world)} fits`].join(", ")}</think><answer>${answer}</answer>`;
}

/** Name → knight; null where a part is no name with its kind, or a name is missing or comes twice. */
function readWorld(answer: string, names: readonly string[]): boolean[] | null {
  const parts = answer
    .split(/[,;\n]/)
    .map((part) => /^\s*([A-Za-z]+)\s*(?::|=|is an?)\s*(knight|knave)\s*\.?\s*$/i.exec(part));
  const kinds = new Map(parts.map((part) => [part?.[1]?.toLowerCase(), part?.[2]?.toLowerCase() === "knight"]));
  if (parts.length !== names.length || kinds.size !== names.length) return null;
  const world = names.map((name) => kinds.get(name.toLowerCase()));
  return world.every((knight) => knight !== undefined) ? world : null;
}

/** 1 for a kind for everyone under which knights tell the truth and knaves lie. */
function verifyWorld(completion: string, { names, statements }: Problem) {
  const extracted = answerTag(completion);
  if (!extracted.found) return graded(0, "unparsed", null, extracted.reason);
  const { answer } = extracted;
  if (answer.length > MAX_CHARACTERS) return graded(0, "unparsed", null, `more than ${MAX_CHARACTERS} characters`);
  const world = readWorld(answer, names);
  if (world === null) return graded(0, "unparsed", answer, "no kind for each of the names");
  const wrong = misfit(statements, world);
  if (wrong === null) return graded(1, "correct", answer, "fits all statements");
  return graded(0, "incorrect", answer, `${names[wrong]}'s statement does not fit`);
}

const example: z.infer<typeof Row> = {
  id: "example",
  difficulty: 1,
  names: ["Ada", "Ben"],
  statements: [
    { kind: "and", first: { person: 0, knight: false }, second: { person: 1, knight: false } },
    { kind: "different", one: 0, other: 1 },
  ],
};

export default defineTask({
  name: "knights-and-knaves",
  description: "who tells the truth and who lies, from what they say of each other",
  row: Row,
  options: DifficultyOptions,
  prompt: question,
  solution,
  verify: withDifficulty(verifyWorld),
  maxTokens: 1000, // characters; 64 worlds, and six names with their kinds

  *load(split, seed, { difficulty }) {
    // Names make no difference.
    const content = ({ statements }: Problem) => JSON.stringify(statements);
    yield* proceduralRows({ name: "knights-and-knaves", draw, content }, { split, seed, difficulty });
  },

  cases: [
    {
      row: example,
      completion: "<think>KK Ada, KN Ada, NK fits</think><answer>Ada: knave, Ben: knight</answer>",
      reward: 1,
    },
    { row: example, completion: "<answer>Ben is a Knight; Ada is a Knave.</answer>", reward: 1 },
    { row: example, completion: "<answer>Ada: knight, Ben: knight</answer>", reward: 0 },
    { row: example, completion: "<answer>Ada: knave, Ben: knave</answer>", reward: 0 },
    { row: example, completion: "<answer>Ada: knave</answer>", reward: 0 },
    { row: example, completion: "<answer>Ada: knave, Ada: knight, Ben: knight</answer>", reward: 0 },
    { row: example, completion: "<answer>Ada: knave or knight, Ben: knight</answer>", reward: 0 },
    { row: example, completion: "Ada: knave, Ben: knight", reward: 0 },
  ],
});
