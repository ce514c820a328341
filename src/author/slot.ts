/** The place of the answer in a right completion, so that another answer can be put there. */

/** Its parts make up the completion: before + open + answer + close + after. */
export interface Slot {
  readonly before: string;
  /** The format directly around the answer: `<answer>` and `</answer>`, `\boxed{` and `}`; empty where there is none. */
  readonly open: string;
  readonly answer: string;
  readonly close: string;
  readonly after: string;
}

/** The completion with another answer. */
export function fill({ before, open, close, after }: Slot, answer: string): string {
  return before + open + answer + close + after;
}

/** An answer in its format, without the rest of the completion. */
export function inFormat({ open, close }: Slot, answer: string): string {
  return open + answer + close;
}

/** True where a format marks the answer, so that the same text elsewhere is no answer. */
export function hasFormat({ open }: Slot): boolean {
  return open !== "";
}

/** A program: white space may mean something, and what stands beside it may be harmless. */
export function holdsProgram({ open }: Slot): boolean {
  return open.startsWith("```");
}

/**
 * Finds the slot: what the verifier understood to be the answer, at its last place; else what stands in the last answer
 * tag, box or fence, or after ####; else the last number; else all of the text.
 */
export function findSlot(solution: string, understood: string | null): Slot {
  const at = understood === null || understood === "" ? -1 : solution.lastIndexOf(understood);
  const [start, end] = at >= 0 ? [at, at + (understood as string).length] : guess(solution);
  const [outer, answer, rest] = [solution.slice(0, start), solution.slice(start, end), solution.slice(end)];
  const open = OPEN.exec(outer)?.[0] ?? "";
  const close = open === "" ? "" : (CLOSE.exec(rest)?.[0] ?? "");
  return {
    before: outer.slice(0, outer.length - open.length),
    open,
    answer,
    close,
    after: rest.slice(close.length),
  };
}

/** At the end of what precedes an answer. */
const OPEN = /(?:<[a-z][\w-]{0,30}>|\\f?boxed\{|#{3,5}|\*\*|```\w{0,20})\s*$/i;
/** At the beginning of what follows it. */
const CLOSE = /^\s*(?:<\/[a-z][\w-]{0,30}>|\}|\*\*|```)/i;

const MARKED = [
  /<answer>([^<]*)<\/answer>/g,
  /\\boxed\{((?:[^{}]|\{[^{}]*\})*)\}/g,
  /####[ \t]*([^\n]+)/g,
  /```\w*\n(.*?)```/gs,
  /([+-]?\d+(?:\.\d+)?)/g,
];

function guess(solution: string): readonly [start: number, end: number] {
  for (const pattern of MARKED) {
    const last = [...solution.matchAll(pattern)].at(-1);
    const inner = last?.[1]?.trim();
    if (last === undefined || !inner) continue;
    const start = last.index + last[0].indexOf(inner);
    return [start, start + inner.length];
  }
  return [0, solution.length];
}
