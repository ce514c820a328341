/** `\boxed{…}` and `\fbox{…}`, found in one pass: braces are matched by a stack, escaped braces are skipped. */

export interface Span {
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

/** Outermost boxes with something in them, in order. With `unclosed`, a box that never closes reaches to the end. */
export function findBoxes(text: string, unclosed: boolean): readonly Span[] {
  const boxes: Span[] = [];
  const open: { start: number; inside: number; box: boolean }[] = [];
  for (let at = 0; at < text.length; at++) {
    const c = text[at];
    if (c === "\\") {
      const length = boxCommand(text, at);
      if (length === 0) {
        const next = text[at + 1];
        if (next === "{" || next === "}" || (next === "\\" && boxCommand(text, at + 1) === 0)) at++;
        continue;
      }
      let inside = at + length;
      while (text[inside] === " ") inside++;
      if (text[inside] === "{") {
        open.push({ start: at, inside: inside + 1, box: true });
        at = inside;
      } else if (open.every(({ box }) => !box)) {
        const end = bareEnd(text, inside); // \boxed 5
        if (end > inside) boxes.push({ text: text.slice(inside, end), start: at, end });
        at = Math.max(at, end - 1);
      }
    } else if (c === "{") open.push({ start: at, inside: at + 1, box: false });
    else if (c === "}") {
      const group = open.pop();
      if (group?.box && !open.some(({ box }) => box)) {
        boxes.push({ text: text.slice(group.inside, at), start: group.start, end: at + 1 });
      }
    }
    if (open.length > 512) return boxes; // no answer nests like this
  }
  const last = open.find(({ box }) => box);
  if (unclosed && last !== undefined) {
    boxes.push({ text: text.slice(last.inside).replace(/[$\s]+$/, ""), start: last.start, end: text.length });
  }
  return boxes.filter((box) => box.text.trim() !== "");
}

function boxCommand(text: string, at: number): number {
  for (const name of ["\\boxed", "\\fbox"]) {
    const after = text[at + name.length] ?? "";
    if (text.startsWith(name, at) && !/[a-zA-Z]/.test(after)) return name.length;
  }
  return 0;
}

function bareEnd(text: string, start: number): number {
  let end = start;
  while (end < text.length && end - start < 40 && /[^\s$\\{},;]/.test(text[end]!)) end++;
  return end;
}

/** The last box, or the last boxes where they are one list: side by side, or joined by a comma, "and", "or". */
export function lastBoxes(text: string, unclosed: boolean): readonly Span[] {
  const boxes = findBoxes(text, unclosed);
  const group: Span[] = [];
  for (let at = boxes.length - 1; at >= 0; at--) {
    const box = boxes[at]!;
    const next = group[0];
    if (next !== undefined && !joins(text.slice(box.end, next.start))) break;
    if (next?.text.trim() === box.text.trim()) group[0] = { ...next, start: box.start };
    else group.unshift(box);
    if (group.length > 64) break;
  }
  return group;
}

function joins(gap: string): boolean {
  if (gap.length >= 70 || /[.!?](?:\s|\\|\$|$)|\n\s*\n/.test(gap)) return false;
  if (/\b(?:and|or)\b|[,;]/.test(gap)) return true;
  return gap.length < 10 && !/=|[a-zA-Z]/.test(gap.replaceAll(/\\[a-zA-Z]+/g, ""));
}
