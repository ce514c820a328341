/**
 * The program in a completion: the last fenced block of the language, found in one pass over the lines.
 *
 * Fences are those of CommonMark (https://spec.commonmark.org, section 4.5): three or more backticks or tildes at the start of
 * a line, closed by a line of at least as many of the same and nothing else. So a fence inside a string of the program closes
 * nothing unless it stands on a line of its own. A block may be indented as a whole, as in a list; what is never closed
 * reaches to the end.
 *
 * Only what follows the last `</think>` counts. Where an answer tag holds a fence, or the text holds none, the tag's content
 * counts alone. Accepted: a fence tagged `python`, one without a tag, `<answer>print(1)</answer>`.
 * Refused: text without fence and tag, an empty block, a block inside the reasoning, more than 256 KiB.
 */
import type { Language } from "../../sandbox/job.ts";
import { afterThink, answerTag } from "../answer-tag.ts";

export type ExtractedCode =
  | { readonly found: true; readonly code: string; readonly rule: "fence" | "answer-tag" }
  | { readonly found: false; readonly reason: string };

/** How people tag a block. TypeScript takes JavaScript too: every such program is one of both. */
const JAVASCRIPT = ["javascript", "js", "mjs", "cjs", "jsx", "node", "nodejs"];
const TAGS: Record<Language, readonly string[]> = {
  javascript: JAVASCRIPT,
  typescript: ["typescript", "ts", "mts", "cts", "tsx", ...JAVASCRIPT],
  python: ["python", "py", "python3", "py3"],
};

const MAX_CHARACTERS = 256 * 1024; // no solution of a public problem set comes near

/** Never throws, whatever the text; linear in its length. */
export function extractCode(completion: string, language: Language): ExtractedCode {
  const text = afterThink(completion);
  if (text === null) return { found: false, reason: "<think> is never closed" };

  const answer = answerTag(text);
  const inAnswer = answer.found ? fencedBlocks(answer.answer) : [];
  const blocks = inAnswer.length > 0 ? inAnswer : fencedBlocks(text);
  const code = blocks.length > 0 ? chooseBlock(blocks, TAGS[language]) : answer.found ? answer.answer : null;

  if (code === null) {
    const seen = blocks.length === 0 ? "no fenced block" : `${blocks.length} fenced blocks, none of ${language}`;
    return { found: false, reason: seen };
  }
  if (code.trim() === "") return { found: false, reason: "the block is empty" };
  if (code.length > MAX_CHARACTERS) {
    return { found: false, reason: `the block has ${code.length} characters, expected at most ${MAX_CHARACTERS}` };
  }
  return { found: true, code, rule: blocks.length > 0 ? "fence" : "answer-tag" };
}

interface Block {
  /** First word of the info string, in lower case. */
  readonly tag: string;
  readonly code: string;
}

/** The last block of the language, else the last without a tag, else the only one. */
function chooseBlock(blocks: readonly Block[], tags: readonly string[]): string | null {
  const chosen =
    blocks.findLast(({ tag }) => tags.includes(tag)) ??
    blocks.findLast(({ tag }) => tag === "") ??
    (blocks.length === 1 ? blocks[0] : undefined);
  return chosen?.code ?? null;
}

/** One reading for each character: linear time. */
const FENCE = /^( *)(`{3,}|~{3,})([^\n]*)$/;

/** How much further than its opening a closing fence may be indented (CommonMark). Further in, it is part of the code. */
const CLOSING_INDENT = 3;

/** All fenced blocks of a text, in order. */
export function fencedBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  let open: { indent: number; fence: string; tag: string; lines: string[] } | null = null;
  const close = () => {
    if (open !== null) blocks.push({ tag: open.tag, code: open.lines.join("\n") });
    open = null;
  };
  for (const line of text.split("\n").map((one) => (one.endsWith("\r") ? one.slice(0, -1) : one))) {
    const [, spaces = "", fence = "", info = ""] = FENCE.exec(line) ?? [];
    const current = open as { indent: number; fence: string; tag: string; lines: string[] } | null;
    if (current === null) {
      const inlineCode = fence.startsWith("`") && info.includes("`"); // such as ```x```, which opens nothing
      if (fence !== "" && !inlineCode) open = { indent: spaces.length, fence, tag: tagOf(info), lines: [] };
    } else if (closes(current, fence, info, spaces.length)) {
      close();
    } else {
      current.lines.push(withoutIndent(line, current.indent));
    }
  }
  close();
  return blocks;
}

function closes(open: { indent: number; fence: string }, fence: string, info: string, indent: number): boolean {
  const same = fence[0] === open.fence[0] && fence.length >= open.fence.length;
  return same && info.trim() === "" && indent <= open.indent + CLOSING_INDENT;
}

/** `python title="x"`, `{.python}` and `Python` are all "python". */
function tagOf(info: string): string {
  const [word = ""] = info
    .trim()
    .toLowerCase()
    .split(/[\s,{}:]+/, 2)
    .filter((part) => part !== "");
  return word.replace(/^\./, "");
}

/** At most `indent` spaces less. */
function withoutIndent(line: string, indent: number): string {
  let at = 0;
  while (at < indent && line[at] === " ") at++;
  return line.slice(at);
}
