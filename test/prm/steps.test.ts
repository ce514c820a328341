import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createCharTokenizer } from "../../src/policy/char-tokenizer.ts";
import { STEP_RULES, type StepRule, separators, splitSteps, stepPlaces } from "../../src/prm/steps.ts";

const tokenizer = createCharTokenizer("abcé∑😀 \n,.:=+0123456789Sstep#*", [
  "<think>",
  "</think>",
  "<answer>",
  "</answer>",
]);
const ids = (text: string, eos = true) => Int32Array.of(...tokenizer.encode(text), ...(eos ? tokenizer.eosIds : []));

/** Tokens of one UTF-8 byte each: a character is finished by its last byte. */
const BYTE_EOS = 256;
const bytes = {
  stopIds: [BYTE_EOS],
  createDecoder: () => {
    const decoder = new TextDecoder();
    return {
      push: (id: number) => decoder.decode(Uint8Array.of(id), { stream: true }),
      end: () => decoder.decode(),
    };
  },
};

const texts = (text: string, rule: StepRule) => splitSteps(ids(text), tokenizer, rule).texts;

describe("the named rules", () => {
  test("line", () => expect(texts("a\nb\nc", STEP_RULES.line)).toEqual(["a\n", "b\n", "c"]));
  test("blank-line", () => expect(texts("a\nb\n\n \nc", STEP_RULES["blank-line"])).toEqual(["a\nb\n\n \n", "c"]));
  test("step-k", () => {
    const text = "Step 1: a\nStep 2: b Step 3\n# step 3: c";
    expect(texts(text, STEP_RULES["step-k"])).toEqual(["Step 1: a\n", "Step 2: b Step 3\n", "# step 3: c"]);
  });
  test("tag", () => {
    expect(texts("<think>a</think><answer>1</answer>", STEP_RULES.tag)).toEqual([
      "<think>a</think>",
      "<answer>1</answer>",
    ]);
  });
  test("separators", () => {
    const steps = ["<think>1+2=3,", "3+4=7</think>", "<answer>7</answer>"];
    expect(texts(steps.join(""), separators([",", "</think>"]))).toEqual(steps);
    expect(() => separators([""])).toThrow("none of them empty");
  });
});

describe("splitSteps", () => {
  test("ends are token indices, the answer and the end-of-sequence token belong to the last step", () => {
    // tokens: <think> 1 + 2 = 3 , 3 + 4 = 7 </think> <answer> 7 </answer> <eos>
    const { ends } = splitSteps(ids("<think>1+2=3,3+4=7</think><answer>7</answer>"), tokenizer, separators([","]));
    expect(ends).toEqual([6, 16]);
    expect(splitSteps(ids("a\nb\n"), tokenizer, STEP_RULES.line).ends).toEqual([1, 4]);
  });

  test("a piece that says nothing is no step", () => {
    expect(texts("\n\n,,,\na\n\n\n<think></think>\nb\n...\n", STEP_RULES.line)).toEqual([
      "\n\n,,,\na\n",
      "\n\n<think></think>\nb\n...\n",
    ]);
    expect(splitSteps(ids("\n\n\n"), tokenizer, STEP_RULES.line)).toEqual({ ends: [3], texts: ["\n\n\n"] });
    expect(splitSteps(ids(""), tokenizer, STEP_RULES.line)).toEqual({ ends: [0], texts: [""] });
    expect(splitSteps(new Int32Array(0), tokenizer, STEP_RULES.line)).toEqual({ ends: [], texts: [] });
  });

  test("a token that crosses an end belongs to the step that it ends", () => {
    const words = ["a\nb", "c", "\nd\ne", "f"]; // each a token
    const decoder = { stopIds: [], createDecoder: () => ({ push: (id: number) => words[id]!, end: () => "" }) };
    expect(splitSteps(Int32Array.of(0, 1, 2, 3), decoder, STEP_RULES.line)).toEqual({
      ends: [0, 2, 3],
      texts: ["a\nb", "c\nd\ne", "f"],
    });
  });

  test("a character of several tokens is over with its last", () => {
    const tokens = Int32Array.of(...new TextEncoder().encode("é\n日\nz"), BYTE_EOS);
    expect(splitSteps(tokens, bytes, separators(["é", "日"]))).toEqual({
      ends: [1, 5, 8],
      texts: ["é", "\n日", "\nz"],
    });
  });

  test("refuses a rule whose places do not rise", () => {
    expect(() => stepPlaces("abc", () => [2, 1])).toThrow("gave the place 1 after 2");
    expect(() => stepPlaces("abc", () => [4])).toThrow("expected up to 3");
  });
});

const text = fc.string({ unit: fc.constantFrom(..."abé∑😀 \n,.0", "</think>", "Step 1:"), maxLength: 40 });
const rule = fc.constantFrom(...Object.values(STEP_RULES), separators([",", "\n"]));

describe("for any text", () => {
  test.each([
    ["characters", (t: string) => [ids(t.replaceAll("Step 1:", "b")), tokenizer] as const],
    ["bytes", (t: string) => [Int32Array.of(...new TextEncoder().encode(t), BYTE_EOS), bytes] as const],
  ])("every token belongs to one step, and the steps are the text (%s)", (_, encode) => {
    fc.assert(
      fc.property(text, rule, (t, chosen) => {
        const [tokens, decoder] = encode(t);
        const { ends, texts } = splitSteps(tokens, decoder, chosen);
        expect(ends.at(-1)).toBe(tokens.length - 1);
        expect(ends.every((end, i) => i === 0 || end > ends[i - 1]!)).toBe(true);
        // each text is what its own tokens decode to
        const whole = texts.join("");
        let from = 0;
        for (const [i, end] of ends.entries()) {
          const upTo = decoderText(decoder, tokens.slice(0, end + 1));
          if (i < ends.length - 1) expect(upTo.startsWith(texts.slice(0, i + 1).join(""))).toBe(true);
          from = end;
        }
        expect(from).toBe(tokens.length - 1);
        expect(decoderText(decoder, tokens)).toBe(whole);
      }),
    );
  });

  test("more separators make no more steps", () => {
    fc.assert(
      fc.property(text, fc.nat(40), (t, at) => {
        const padded = `${t.slice(0, at)}\n\n.\n${t.slice(at)}`;
        const steps = (x: string) => stepPlaces(x, STEP_RULES.line).length;
        expect(steps(padded)).toBeLessThanOrEqual(steps(t) + 1); // one cut may part a line in two
        expect(steps(`${t}\n,\n.\n`)).toBe(steps(t));
      }),
    );
  });
});

test("hostile text takes no time", { timeout: 300_000 }, () => {
  const started = performance.now();
  for (const t of ["\n", "\n ", " \n\n", "</a", "</a>", ",", "Step 1\n", "#", "\t", "<think>", "é"]) {
    for (const rule of [...Object.values(STEP_RULES), separators([",", ",,"])]) stepPlaces(t.repeat(100_000), rule);
  }
  expect(performance.now() - started).toBeLessThan(120_000);
});

function decoderText(
  { createDecoder, stopIds }: Pick<typeof tokenizer, "createDecoder" | "stopIds">,
  tokens: Int32Array,
) {
  const decoder = createDecoder();
  const pieces = Array.from(tokens, (id) => (stopIds.includes(id) ? "" : decoder.push(id)));
  return pieces.join("") + decoder.end();
}
