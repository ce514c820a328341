/**
 * The `decoder` of a tokenizer.json: tokens into text, as they come.
 *
 * Every decoder of Hugging Face's Rust library that a language model uses, as a stage that may hold back what the next
 * token can still change. Given all tokens, the stages give what the library gives for the whole list.
 */
import { z } from "zod";
import { tokenBytes } from "./hf-bytes.ts";
import type { Refuse } from "./hf-pattern.ts";

/** What becomes of tokens one after the other; `end` gives what was held back. */
interface Stage {
  push(token: string): string[];
  end(): string[];
}

const ByteLevel = z.looseObject({ type: z.literal("ByteLevel") });
const ByteFallback = z.looseObject({ type: z.literal("ByteFallback") });
const Fuse = z.looseObject({ type: z.literal("Fuse") });
const Replace = z.looseObject({
  type: z.literal("Replace"),
  pattern: z.strictObject({ String: z.string().min(1) }),
  content: z.string(),
});
const Strip = z.looseObject({
  type: z.literal("Strip"),
  content: z.string(),
  start: z.int().min(0),
  stop: z.int().min(0),
});
const Metaspace = z.looseObject({
  type: z.literal("Metaspace"),
  replacement: z.string().default("▁"),
  add_prefix_space: z.boolean().default(true).describe("older than prepend_scheme"),
  prepend_scheme: z.enum(["always", "first", "never"]).optional(),
});
const Sequence = z.looseObject({
  type: z.literal("Sequence"),
  get decoders() {
    return z.array(DecoderJson);
  },
});
export const DecoderJson = z.discriminatedUnion("type", [
  ByteLevel,
  ByteFallback,
  Fuse,
  Replace,
  Strip,
  Metaspace,
  Sequence,
]);
export type DecoderJson = z.infer<typeof DecoderJson>;
type Step = Exclude<DecoderJson, { type: "Sequence" }>;

/** Makes fresh decoders. @param json null = tokens joined by spaces */
export function tokenDecoder(json: DecoderJson | null, refuse: Refuse): () => Stage {
  if (json === null) return spaced;
  const makers: (() => Stage)[] = [];
  let isFused = false; // all tokens have become one, which comes in parts
  for (const step of steps(json)) {
    if (!isFused) makers.push(stageOf(step));
    else if (step.type === "Strip" && step.stop === 0) makers.push(() => stripStartOfAll(step.content, step.start));
    else if (step.type !== "Fuse") refuse(`a decoder ${step.type} after all tokens are joined is not supported`);
    isFused ||= step.type === "ByteLevel" || step.type === "Fuse";
  }
  return () => chain(makers.map((make) => make()));
}

function steps(json: DecoderJson): Step[] {
  return json.type === "Sequence" ? json.decoders.flatMap(steps) : [json];
}

function chain(stages: readonly Stage[]): Stage {
  const through = (tokens: string[], from: number) =>
    stages.slice(from).reduce((current, stage) => current.flatMap((token) => stage.push(token)), tokens);
  return {
    push: (token) => through([token], 0),
    end: () => stages.flatMap((stage, i) => through(stage.end(), i + 1)),
  };
}

function stageOf(step: Step): () => Stage {
  switch (step.type) {
    case "ByteLevel":
      return byteLevel;
    case "ByteFallback":
      return byteFallback;
    case "Fuse":
      return () => each((token) => token);
    case "Replace":
      return () => each((token) => token.replaceAll(step.pattern.String, () => step.content));
    case "Strip":
      return () => each((token) => stripped(token, step));
    case "Metaspace": {
      const { replacement, prepend_scheme, add_prefix_space } = step;
      const begins = (prepend_scheme ?? (add_prefix_space ? "always" : "never")) !== "never";
      return () => {
        let isFirst = begins; // the space that was put before the text
        return each((token) => {
          const text = token.replaceAll(replacement, isFirst ? "" : " ");
          isFirst = false;
          return text;
        });
      };
    }
    default:
      return step satisfies never;
  }
}

function each(change: (token: string) => string): Stage {
  return { push: (token) => [change(token)], end: () => [] };
}

/** A character that is unfinished is held back; U+FFFD for each longest part of broken UTF-8, as in Rust. */
function byteLevel(): Stage {
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
  return {
    push: (token) => [utf8.decode(tokenBytes(token), { stream: true })],
    end: () => [utf8.decode()],
  };
}

const BYTE = /^<0x([0-9A-Fa-f]{2})>$/;

/** A run of tokens such as <0xE2> is held back until it ends: one wrong byte makes U+FFFD of each of them. */
function byteFallback(): Stage {
  const utf8 = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
  let run: number[] = [];
  const flush = (): string[] => {
    if (run.length === 0) return [];
    const bytes = run;
    run = [];
    try {
      return [utf8.decode(Uint8Array.from(bytes))];
    } catch {
      return bytes.map(() => "\ufffd"); // not UTF-8
    }
  };
  return {
    push(token) {
      const hex = BYTE.exec(token)?.[1];
      if (hex === undefined) return [...flush(), token];
      run.push(Number.parseInt(hex, 16));
      return [];
    },
    end: flush,
  };
}

/** Up to `start` times `content` off the beginning, and up to `stop` times off the end. */
function stripped(token: string, { content, start, stop }: z.infer<typeof Strip>): string {
  const characters = [...token];
  let from = 0;
  while (from < start && characters[from] === content) from++;
  let to = characters.length;
  while (to > from && characters.length - to < stop && characters[to - 1] === content) to--;
  return characters.slice(from, to).join("");
}

function stripStartOfAll(content: string, start: number): Stage {
  let left = start;
  return each((part) => {
    let from = 0;
    while (left > 0 && part.startsWith(content, from)) {
      from += content.length;
      left--;
    }
    if (from < part.length) left = 0; // the beginning is over
    return part.slice(from);
  });
}

function spaced(): Stage {
  let isFirst = true;
  return each((token) => {
    const text = isFirst ? token : ` ${token}`;
    isFirst = false;
    return text;
  });
}
