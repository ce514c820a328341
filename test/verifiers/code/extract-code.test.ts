import { describe, expect, test } from "vitest";
import type { Language } from "../../../src/sandbox/job.ts";
import { extractCode } from "../../../src/verifiers/code/extract-code.ts";

const block = (tag: string, code: string, fence = "```") => `${fence}${tag}\n${code}\n${fence}`;

describe("extractCode", () => {
  test.each<[string, Language, string, string]>([
    ["a tagged block", "python", block("python", "print(1)"), "print(1)"],
    ["other names of the language", "python", block("py3", "print(1)"), "print(1)"],
    ["capitals in the tag", "python", block("Python", "print(1)"), "print(1)"],
    ["attributes after the tag", "python", block('python title="a.py"', "print(1)"), "print(1)"],
    ["attributes in braces", "python", block("{.python}", "print(1)"), "print(1)"],
    ["javascript for typescript", "typescript", block("js", "f()"), "f()"],
    ["the last of several", "python", `${block("python", "one()")}\nbetter:\n${block("python", "two()")}`, "two()"],
    ["the language before an output", "python", `${block("python", "one()")}\n${block("", "1")}`, "one()"],
    ["the language before another", "javascript", `${block("js", "one()")}\n${block("python", "two()")}`, "one()"],
    ["the last without a tag", "python", `${block("", "one()")}\n${block("", "two()")}`, "two()"],
    ["the only block, whatever its tag", "python", block("code", "one()"), "one()"],
    ["tildes", "python", block("python", "one()", "~~~"), "one()"],
    ["longer fences around shorter ones", "python", block("python", 's = """\n```\n"""', "````"), 's = """\n```\n"""'],
    ["a fence inside a string", "javascript", block("js", 'const s = "```";\nf(s);'), 'const s = "```";\nf(s);'],
    [
      "a fence deep inside a docstring",
      "python",
      block("python", 'def f():\n    """\n    ```\n    """'),
      'def f():\n    """\n    ```\n    """',
    ],
    ["a block in a list", "python", "1. so:\n   ```python\n   if x:\n       f()\n   ```", "if x:\n    f()"],
    ["a block that is never closed", "python", "```python\nprint(1)\nprint(2)", "print(1)\nprint(2)"],
    ["Windows line ends", "python", "```python\r\nprint(1)\r\n```\r\n", "print(1)"],
    [
      "a block after the reasoning",
      "python",
      `<think>${block("python", "no()")}</think>\n${block("python", "yes()")}`,
      "yes()",
    ],
    ["an answer tag", "python", "<answer>print(1)</answer>", "print(1)"],
    [
      "a block in an answer tag",
      "python",
      `${block("python", "no()")}<answer>\n${block("python", "yes()")}\n</answer>`,
      "yes()",
    ],
    ["a block beside an answer tag without one", "python", `${block("python", "yes()")}\n<answer>42</answer>`, "yes()"],
  ])("finds %s", (_, language, completion, code) => {
    expect(extractCode(completion, language)).toMatchObject({ found: true, code });
  });

  test.each([
    ["nothing", "", /no fenced block/],
    ["words", "print(1)", /no fenced block/],
    ["inline code", "use ```print(1)``` here", /no fenced block/],
    ["a fence of one line", "```print(1)```", /no fenced block/],
    ["an empty block", block("python", " \n"), /empty/],
    ["blocks of other languages", `${block("js", "a")}\n${block("sh", "b")}`, /2 fenced blocks, none of python/],
    ["a block inside the reasoning", `<think>\n${block("python", "f()")}\n</think>`, /no fenced block/],
    ["reasoning without end", `<think>\n${block("python", "f()")}`, /never closed/],
    ["a huge block", block("python", "#".repeat(300_000)), /characters/],
  ])("finds no code in %s", (_, completion, reason) => {
    expect(extractCode(completion, "python")).toEqual({ found: false, reason: expect.stringMatching(reason) });
  });

  test("is linear: eleven texts of two million characters take seconds, not hours", () => {
    const start = performance.now();
    for (const piece of ["```", "```\n", "`\n", "~~~\n", " ", "\n", "<answer>", "```py\n", "    ```\n", "\r", "`"]) {
      extractCode(piece.repeat(Math.floor(2_000_000 / piece.length)), "python");
    }
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
