import { describe, expect, test } from "vitest";
import { statementText } from "../../tasks/knights-and-knaves/statements.ts";
import task from "../../tasks/knights-and-knaves/task.ts";
import { answerIn, expectSoundRows, LEVELS, rowsOf } from "./seeded-rows.ts";

test("splits share no puzzle, whatever the names; solutions are right and fit", () =>
  expectSoundRows(task, ({ statements }) => JSON.stringify(statements)));

/** Reads a prompt as a person would: each speaker's sentence as a condition on who is a knight. */
function conditions(prompt: string): Map<string, (knights: ReadonlySet<string>) => boolean> {
  const found = new Map<string, (knights: ReadonlySet<string>) => boolean>();
  for (const [, speaker, sentence] of prompt.matchAll(/(\w+) says: "([^"]+)\."/g)) {
    found.set(speaker as string, (knights) =>
      meaning((sentence as string).replaceAll(/\bI am\b/g, `${speaker} is`), speaker as string, knights),
    );
  }
  return found;
}

function meaning(sentence: string, speaker: string, knights: ReadonlySet<string>): boolean {
  const claim = (text: string) => {
    const [, name, kind] = /^(\w+) is a (knight|knave)$/.exec(text) ?? [];
    if (name === undefined) throw new Error(`cannot read ${text}`);
    return knights.has(name) === (kind === "knight");
  };
  const condition = /^If (.*), then (.*)$/.exec(sentence);
  if (condition !== null) return claim(condition[1] as string) ? claim(condition[2] as string) : true;
  const count = /^There (?:is|are) exactly (\d+) knights? among us$/.exec(sentence);
  if (count !== null) return knights.size === Number(count[1]);
  const pair = /^(\w+) and (\w+) are of (the same kind|different kinds)$/.exec(sentence);
  if (pair !== null) {
    const [a, b] = [pair[1], pair[2]].map((name) => knights.has(name === "I" ? speaker : (name as string)));
    return (a === b) === (pair[3] === "the same kind");
  }
  if (sentence.endsWith(", or both")) return sentence.slice(0, -", or both".length).split(" or ").some(claim);
  return sentence.split(" and ").every(claim);
}

describe.each(LEVELS)("difficulty %d", (level) => {
  test("the prompt, read as text, has exactly one solution among all worlds: the one that is answered", async () => {
    for (const row of await rowsOf(task, level)) {
      const says = conditions(task.prompt(row) as string);
      expect([...says.keys()]).toEqual(row.names);
      const fitting: string[] = [];
      for (let bits = 0; bits < 2 ** row.names.length; bits++) {
        const knights = new Set(row.names.filter((_, i) => (bits >> i) & 1));
        const fits = row.names.every((name) => says.get(name)?.(knights) === knights.has(name));
        if (fits)
          fitting.push(row.names.map((name) => `${name}: ${knights.has(name) ? "knight" : "knave"}`).join(", "));
      }
      expect(fitting).toEqual([answerIn(task.solution?.(row))]);
    }
  });

  test("no other world is right", async () => {
    for (const row of (await rowsOf(task, level)).slice(0, 60)) {
      let right = 0;
      for (let bits = 0; bits < 2 ** row.names.length; bits++) {
        const answer = row.names.map((name, i) => `${name}: ${(bits >> i) & 1 ? "knight" : "knave"}`).join(", ");
        const verdict = await task.verify(`<answer>${answer}</answer>`, row);
        if (verdict.status === "graded" && verdict.reward === 1) right++;
      }
      expect(right).toBe(1);
    }
  });

  test("as many people as it says, of both kinds over all", async () => {
    const rows = await rowsOf(task, level);
    const kinds = rows.flatMap((row) =>
      answerIn(task.solution?.(row))
        .split(", ")
        .map((part) => part.split(": ")[1]),
    );
    const share = kinds.filter((kind) => kind === "knight").length / kinds.length;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.8);
    expect(new Set(rows.map(({ names }) => names.length))).toEqual(new Set([{ 1: 3, 2: 3, 3: 4, 4: 5, 5: 6 }[level]]));
  });
});

test("one speaks of oneself as I", () => {
  const names = ["Ada", "Ben"];
  expect(statementText({ kind: "is", person: 1, knight: true }, 1, names)).toBe("I am a knight");
  expect(statementText({ kind: "same", one: 0, other: 1 }, 0, names)).toBe("Ben and I are of the same kind");
  expect(statementText({ kind: "count", knights: 1 }, 0, names)).toBe("There is exactly 1 knight among us");
});

describe("verify", () => {
  const row = {
    ...{ id: "x", difficulty: 1, names: ["Ada", "Ben"] },
    statements: [
      { kind: "and" as const, first: { person: 0, knight: false }, second: { person: 1, knight: false } },
      { kind: "different" as const, one: 0, other: 1 },
    ],
  };

  test.each([
    ["Ada: knave, Ben: knight", 1, "correct"],
    ["ben is a knight, ADA is a knave", 1, "correct"],
    ["Ada=knave; Ben=knight", 1, "correct"],
    ["Ada: knave\nBen: knight.", 1, "correct"],
    ["Ada: knight, Ben: knave", 0, "incorrect"],
    ["Ada: knight, Ben: knight", 0, "incorrect"],
    ["Ada: knave, Ben: knight, Zoe: knave", 0, "unparsed"],
    ["Ada: knave, Zoe: knight", 0, "unparsed"],
    ["Ada: knave, Ada: knave", 0, "unparsed"],
    ["Ada: knave, Ben: not a knave", 0, "unparsed"],
    ["Ada: knave, Ben: knight or knave", 0, "unparsed"],
    ["__proto__: knave, constructor: knight", 0, "unparsed"],
    [`Ada: knave, ${" ".repeat(5000)}Ben: knight`, 0, "unparsed"],
  ])("%j gets %d, %s", async (answer, reward, outcome) => {
    expect(await task.verify(`<answer>${answer}</answer>`, row)).toMatchObject({ reward, outcome });
  });
});
