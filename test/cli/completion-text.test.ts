import { describe, expect, test } from "vitest";
import { printable, sideBySideText, wrapText } from "../../src/cli/completion-text.ts";

describe("printable", () => {
  test("shows control characters instead of sending them to the terminal", () => {
    expect(printable("a\x1b[31mb\r\tc\nd\u202ee")).toBe("a␛[31mb␍␉c\nd\ufffde");
  });
});

describe("wrapText", () => {
  test.each([
    ["breaks after a comma", "1+2=3,3+4=7,7+5=12", 14, ["1+2=3,3+4=7,", "7+5=12"]],
    ["breaks before a tag", "<think>1+2=3</think>", 16, ["<think>1+2=3", "</think>"]],
    ["breaks after a space", "the quick brown fox", 12, ["the quick", "brown fox"]],
    ["breaks anywhere else", "aaaaaaaaaa", 4, ["aaaa", "aaaa", "aa"]],
    ["keeps lines", "a\nb", 9, ["a", "b"]],
    ["keeps an empty text", "", 9, [""]],
  ])("%s", (_, text, width, lines) => {
    expect(wrapText(text, width)).toEqual(lines);
  });
});

describe("sideBySideText", () => {
  const left = { title: "before", text: "one" };
  const right = { title: "after", text: "two\nlines" };
  test("puts two texts next to each other", () => {
    expect(
      sideBySideText(left, right, 80)
        .split("\n")
        .map((line) => line.replace(/ {2,}/, " | ")),
    ).toEqual(["before | after", "one | two", " | lines"]);
  });
  test("puts them one below the other on a narrow screen", () => {
    expect(sideBySideText(left, right, 40)).toBe("before\n  one\nafter\n  two\n  lines");
  });
});
