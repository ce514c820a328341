import { describe, expect, test } from "vitest";
import { createCharTokenizer } from "../../src/policy/char-tokenizer.ts";
import { encodeLabeled } from "../../src/prm/encode.ts";
import { type LabelFormat, parseLabelLine, stepwiseLine } from "../../src/prm/label-formats.ts";

const parse = (value: unknown, format: LabelFormat) => parseLabelLine(JSON.stringify(value), format, "file.jsonl:7");

describe("stepwise (TRL)", () => {
  test("each step gets the newline that TRL puts after it", () => {
    const line = { prompt: "1+1=", completions: ["one", "two\n"], labels: [true, false], extra: 1 };
    expect(parse(line, "stepwise")).toEqual({ prompt: "1+1=", steps: ["one\n", "two\n"], labels: [1, 0] });
  });

  test("what we write is read back as it was, ids and soft labels included", () => {
    const labeled = {
      ...{ prompt: "1+1=", steps: ["1,", "2"], labels: [0.25, null] },
      ids: { prompt: [1, 2], completion: [3, 4, 5], ends: [1, 2] },
    };
    const written = stepwiseLine(labeled);
    expect(written).toMatchObject({ completions: ["1,", "2"], labels: [true, null], values: [0.25, null] });
    expect(parse(written, "stepwise")).toEqual(labeled);
    expect(stepwiseLine({ ...labeled, labels: [1, 0] })).not.toHaveProperty("values");
  });

  test.each([
    [{ prompt: "a", completions: ["b"], labels: [true, true] }, "labels has 2 entries, expected 1, one a step"],
    [{ prompt: "a", completions: [], labels: [] }, "completions"],
    [{ prompt: "a", completions: ["b"], labels: ["yes"] }, "labels.0"],
    [
      {
        prompt: "a",
        completions: ["b", "c"],
        labels: [true, true],
        prompt_ids: [1],
        completion_ids: [1, 2],
        step_ends: [1, 1],
      },
      "step_ends are [1,1], expected rising ones below 2",
    ],
  ])("names the line and what is wrong with %j", (line, message) => {
    expect(() => parse(line, "stepwise")).toThrow(`file.jsonl:7 is not a line of stepwise: ${message}`);
  });

  test("names a line that is no JSON", () => {
    expect(() => parseLabelLine("{oops", "stepwise", "file.jsonl:9")).toThrow('file.jsonl:9 is not JSON: "{oops"');
  });
});

describe("math-shepherd", () => {
  const input = "Janet has 3 eggs. Step 1: 3+1=4 ки\nStep 2: 4*2=9 ки";

  test("the text before step 1 is the question; + and - stand where the tag was", () => {
    const label = "Janet has 3 eggs. Step 1: 3+1=4 +\nStep 2: 4*2=9 -";
    expect(parse({ input, label, task: "GSM8K" }, "math-shepherd")).toEqual({
      prompt: "Janet has 3 eggs. ",
      steps: ["Step 1: 3+1=4 ", "\nStep 2: 4*2=9 "],
      labels: [1, 0],
    });
  });

  test.each([
    [{ input, label: "Janet has 3 eggs. Step 1: 3+1=5 +\nStep 2: 4*2=9 -" }, "label differs from input at step 1"],
    [{ input, label: "Janet has 3 eggs. Step 1: 3+1=4 ?\nStep 2: 4*2=9 -" }, 'the label of step 1 is "?"'],
    [{ input: `${input} and so`, label: "" }, "expected ки after the last step"],
    [{ input: "3 ки", label: "3 +" }, 'input has no "Step 1:"'],
  ])("names what is wrong with %j", (line, message) => {
    expect(() => parse(line, "math-shepherd")).toThrow(message);
  });
});

describe("prm800k", () => {
  const completion = (text: string, rating: number | null) => ({ text, rating, flagged: null });
  const step = (completions: unknown, chosen: number | null, human: unknown = null) => ({
    ...{ completions, human_completion: human, chosen_completion: chosen },
  });
  const line = (steps: unknown[], finish_reason = "solution") => ({
    ...{
      labeler: "x",
      timestamp: "2022",
      question: { problem: "2x=4?" },
      label: { steps, total_time: 1, finish_reason },
    },
  });

  test("follows the chosen completions; neutral is right; nothing is known after the first error", () => {
    const steps = [
      step([completion("a", -1), completion("b", 1)], 1),
      step([completion("c", 0)], 0),
      step([completion("d", -1), completion("e", -1)], null),
      step([completion("f", 1)], 0),
    ];
    expect(parse(line(steps, "found_error"), "prm800k")).toEqual({
      prompt: "2x=4?\n",
      steps: ["b\n", "c\n", "d\n"],
      labels: [1, 1, 0],
    });
  });

  test("a step that the labeler wrote is right", () => {
    expect(parse(line([step([completion("a", -1)], null, completion("mine", null))]), "prm800k")).toMatchObject({
      ...{ steps: ["mine\n"], labels: [1] },
    });
  });

  test("a bad problem is left out; a choice that does not exist is an error", () => {
    expect(parse(line([step([completion("a", 1)], 0)], "bad_problem"), "prm800k")).toBe(null);
    expect(() => parse(line([step([completion("a", 1)], 3)]), "prm800k")).toThrow("step 1 has no completion 3");
  });
});

describe("encodeLabeled", () => {
  const tokenizer = createCharTokenizer("0123456789+=,\n", []);
  const labeled = { prompt: "1+1=", steps: ["1,", "2\n"], labels: [1, 0] };

  test("encodes each step by itself, so that its last token is its end", () => {
    const { prompt, completion, ends, labels } = encodeLabeled("a", labeled, tokenizer);
    expect(tokenizer.decode(prompt)).toBe("1+1=");
    expect(tokenizer.decode(completion)).toBe("1,2\n");
    expect([ends, labels]).toEqual([
      [1, 3],
      [1, 0],
    ]);
    expect(encodeLabeled("a", { ...labeled, steps: ["", "2\n"] }, tokenizer).labels).toEqual([0]);
  });

  test("takes the ids of the file where they say the same, and not those of another tokenizer", () => {
    const eos = tokenizer.eosIds[0]!;
    const own = {
      prompt: [...tokenizer.encode("1+1=")],
      completion: [...tokenizer.encode("1,2\n"), eos],
      ends: [1, 4],
    };
    expect(encodeLabeled("a", { ...labeled, ids: own }, tokenizer).ends).toEqual([1, 4]);
    const foreign = { ...own, completion: own.completion.map((id) => (id + 1) % 10) };
    expect(encodeLabeled("a", { ...labeled, ids: foreign }, tokenizer).ends).toEqual([1, 3]);
    expect(encodeLabeled("a", { ...labeled, ids: { ...own, prompt: [99_999] } }, tokenizer).ends).toEqual([1, 3]);
  });
});
