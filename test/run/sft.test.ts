import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import {
  type RunEvent,
  readExamples,
  readManifest,
  replayBadStep,
  sft,
  shuffledExamples,
} from "../../src/run/index.ts";
import { temporaryFolder } from "./temporary.ts";
import { echo, ONE, saveTinyModel, tinyModel } from "./tiny.ts";

const root = temporaryFolder();
let model = "";
beforeAll(async () => {
  model = await saveTinyModel(root);
});

const settings = (name: string) => ({
  ...{ model, out: root, name, engine: ONE, checkpointEvery: 20 },
  sft: { steps: 40, batchSize: 8, learningRate: 1e-2, warmupSteps: 4 },
  eval: { every: 10, quickProblems: 4, problems: 4, samples: 8 },
});
const bytes = (name: string, file: string) => readFileSync(join(root, name, file));
const rows = (name: string): Record<string, number>[] =>
  bytes(name, "metrics.jsonl")
    .toString()
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("sft", () => {
  test("learns the task's solutions, end of sequence included", async () => {
    const { summary, finished } = await sft(settings("echo"), { task: echo });
    expect(finished).toBe(true);
    expect(summary).toMatchObject({ steps: 40, rollouts: 0, after: { greedy: 1, pass8: 1 } });
    expect(summary?.before.greedy).toBeLessThan(1);
    const measured = rows("echo").filter((row) => "eval/loss" in row);
    expect(measured.map(({ step }) => step)).toEqual([10, 20, 30, 40]);
    expect(measured.at(-1)!["eval/loss"]).toBeLessThan(0.05);
    expect(measured.at(-1)).toMatchObject({ "eval/greedy": 1 });
    expect(existsSync(join(root, "echo", "model", "tokenizer.json"))).toBe(true);
  });

  test("the first loss of a fresh model is near that of a uniform choice among its tokens", () => {
    const { loss } = rows("echo").find(({ step }) => step === 1)!;
    expect(Math.abs(loss! - Math.log(tinyModel().config.vocabSize))).toBeLessThan(0.25);
  });

  test("interrupted and resumed, it gives the bytes of a run that was not", async () => {
    const controller = new AbortController();
    const onEvent = (event: RunEvent) => event.kind === "step" && event.step === 25 && controller.abort();
    const stopped = await sft(settings("resumed"), { task: echo, signal: controller.signal, onEvent });
    expect(stopped.finished).toBe(false);
    expect(readManifest(stopped.path).lastCompleteStep).toBe(25);
    await sft(settings("resumed"), { task: echo, resume: true });
    const files = ["metrics.jsonl", "model/model.safetensors", "checkpoints/40/optimizer.safetensors"];
    expect(files.filter((file) => !bytes("resumed", file).equals(bytes("echo", file)))).toEqual([]);
  });

  test("learns a file of prompts and completions without any task", async () => {
    const data = join(root, "data.jsonl");
    writeFileSync(data, ["a", "b"].map((letter) => `{"prompt":"?","completion":"${letter}"}`).join("\n"));
    const { finished, summary } = await sft({ ...settings("file"), data, heldOut: data });
    expect({ finished, summary }).toEqual({ finished: true, summary: null });
    // "a" or "b" with even chance, then surely the end: ln 2 on two tokens
    expect(rows("file").at(-1)!["eval/loss"]).toBeCloseTo(Math.log(2) / 2, 1);
  });

  test("refuses to begin without anything to imitate", async () => {
    await expect(sft(settings("nothing"))).rejects.toThrow("neither task nor data is given");
    const { solution: _, ...unsolved } = echo;
    await expect(sft(settings("unsolved"), { task: unsolved })).rejects.toThrow("has no solution(row) to imitate");
  });

  test("a step that is not finite is not applied, is saved, and can be repeated", async () => {
    const bad: Extract<RunEvent, { kind: "bad-step" }>[] = [];
    const onEvent = (event: RunEvent) => event.kind === "bad-step" && bad.push(event);
    const { sft: config, ...rest } = settings("wild");
    const wild = { ...config, steps: 3, learningRate: 1e30, warmupSteps: 0 }; // the first update makes the weights useless
    await sft({ ...rest, sft: wild, data: join(root, "data.jsonl") }, { onEvent });
    expect(bad.map(({ step }) => step)).toEqual([2, 3]);
    expect(bad[0]!.rows.length).toBeGreaterThan(0);
    expect(rows("wild").map((row) => row["update/count"])).toEqual([1, 1, 1]);
    expect(await replayBadStep(bad[0]!.folder)).toMatchObject({ applied: false, badRows: bad[0]!.rows });
  });
});

describe("readExamples", () => {
  const write = (text: string) => {
    const path = join(root, "lines.jsonl");
    writeFileSync(path, text);
    return path;
  };

  test("encodes prompt and completion, and ends with the end of sequence; the last line needs no newline", async () => {
    const tiny = tinyModel();
    const path = write('{"prompt":"a=","completion":"a","more":1}\r\n\n{"prompt":"b=","completion":""}');
    const [first, second] = await readExamples(path, tiny);
    expect([...first!.prompt]).toEqual([...tiny.tokenizer.encode("a=")]);
    expect([...first!.completion]).toEqual([...tiny.tokenizer.encode("a"), tiny.tokenizer.eosIds[0]]);
    expect([...second!.completion]).toEqual([tiny.tokenizer.eosIds[0]]);
  });

  test("names every wrong line", async () => {
    const long = JSON.stringify({ prompt: "a".repeat(40), completion: "a" });
    const path = write(
      `{"prompt":"a=","completion":"a"}\nnonsense\n{"prompt":"a="}\n{"prompt":"x","completion":"a"}\n${long}\n`,
    );
    const message = await readExamples(path, tinyModel()).catch((error: Error) => error.message);
    expect(String(message).replaceAll(path, "lines")).toBe(
      [
        'lines:2 is not JSON: "nonsense"',
        "  lines:3: completion: Invalid input: expected string, received undefined",
        '  lines:4: character "x" (U+0078) at position 0 is not in the vocabulary',
        "  lines:5 has 42 tokens, expected at most 32, the model's positions",
      ].join("\n"),
    );
  });

  test("refuses a file without examples, and one that is not there", async () => {
    await expect(readExamples(write("\n"), tinyModel())).rejects.toThrow("has no examples");
    await expect(readExamples("nowhere.jsonl", tinyModel())).rejects.toThrow("nowhere.jsonl cannot be read");
  });
});

describe("shuffledExamples", () => {
  const examples = Array.from({ length: 5 }, (_, i) => ({
    ...{ id: String(i), prompt: Int32Array.of(1), completion: Int32Array.of(2) },
  }));
  const ids = async (start: number, count: number) =>
    (await shuffledExamples(examples, 7, start).take(count)).map(({ id }) => id);

  test("gives each example once in a pass, and passes in different orders", async () => {
    const two = await ids(0, 10);
    expect(two.slice(0, 5).toSorted()).toEqual(["0", "1", "2", "3", "4"]);
    expect(two.slice(5).toSorted()).toEqual(["0", "1", "2", "3", "4"]);
    expect(two.slice(0, 5)).not.toEqual(two.slice(5));
  });

  test("goes on from a position as it would have", async () => {
    expect(await ids(3, 6)).toEqual((await ids(0, 9)).slice(3));
  });
});
