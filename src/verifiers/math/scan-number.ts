/** Number literals: separators of thousands and decimals, repeating decimals, exponents, bases. */
import type { Tokenizer } from "./tokens.ts";

const MAX_DIGITS = 2_000;

const BASE_WORDS = [
  ...["", "", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"],
];

export function scanNumber(scan: Tokenizer): boolean {
  const { text } = scan;
  const start = scan.at;
  if (scan.singleDigit.has(start)) {
    scan.at++;
    return scan.push("num", text[start]!, { n: BigInt(text[start]!), places: -1 });
  }
  let digits = takeDigits(scan);
  let marked = false;
  for (let group = takeGroup(scan, digits, marked); group !== null; group = takeGroup(scan, digits, true)) {
    digits += group;
    marked = true;
  }
  let places = -1;
  let repeat = "";
  const decimalComma = commaLength(scan, marked);
  if (decimalComma > 0 || (text[scan.at] === "." && isDigit(text[scan.at + 1] ?? ""))) {
    scan.at += decimalComma > 0 ? decimalComma : 1;
    const decimals = takeDigits(scan);
    places = decimals.length;
    digits += decimals;
    repeat = takeRepetend(scan);
  } else if (text[scan.at] === ".") {
    const next = /^\.\s*(?:\\overline|\\bar|\\dot)\{/.exec(text.slice(scan.at, scan.at + 24));
    if (next !== null) {
      scan.at++;
      places = 0;
      repeat = takeRepetend(scan);
      if (repeat === "") return false;
    } else if (text[scan.at + 1] !== "." && (text[scan.at + 1] ?? " ").trim() === "") scan.at++; // "5. "
  }
  if (digits.length > MAX_DIGITS) return false;
  scan.fuel.spend(digits.length >> 2);
  return numberToken(scan, digits, places, repeat, text.slice(start, scan.at));
}

function numberToken(scan: Tokenizer, digits: string, places: number, repeat: string, raw: string): boolean {
  const { text } = scan;
  if (repeat !== "") {
    // 0.1 2 2 2…: (digits and repetend − digits) / 10^places (10^r − 1)
    const all = BigInt(`${digits}${repeat}`) - BigInt(digits);
    return scan.push("num", raw, {
      n: all,
      d: 10n ** BigInt(Math.max(places, 0)) * (10n ** BigInt(repeat.length) - 1n),
      places: -1,
    });
  }
  const based = /^\s*_\s*(?:\{\s*(?:\\text(?:rm|bf)?\{\s*)?([a-z]+|\d{1,2})\s*\}?\s*\}|(\d{1,2})(?!\d))/.exec(
    text.slice(scan.at, scan.at + 40),
  );
  if (based !== null && places === -1) {
    const base = Number(based[1] ?? based[2]) || BASE_WORDS.indexOf(based[1] ?? "");
    if (base >= 2 && base <= 36 && (base <= 10 ? !digits.includes(":") : true)) {
      scan.at += based[0].length;
      return scan.push("base", digits, { n: BigInt(base) });
    }
  }
  // No capital E: it is a unit or a letter more often than an exponent, except before a sign.
  const exponent = /^(?:e([+-]?\d{1,4})|E([+-]?\d{1,4}))(?![\d.])/.exec(text.slice(scan.at, scan.at + 8));
  if (exponent !== null) {
    scan.at += exponent[0].length;
    const power = Number(exponent[1] ?? exponent[2]) - Math.max(places, 0);
    const scaled = 10n ** BigInt(Math.abs(power));
    const n = BigInt(digits) * (power > 0 ? scaled : 1n);
    return scan.push("num", raw + exponent[0], { n, d: power < 0 ? scaled : 1n, places: power < 0 ? -power : -1 });
  }
  return scan.push("num", raw, { n: BigInt(digits), places });
}

function takeDigits(scan: Tokenizer): string {
  const start = scan.at;
  while (isDigit(scan.text[scan.at] ?? "")) scan.at++;
  return scan.text.slice(start, scan.at);
}

/** The next group of three digits with its separator, consumed; null where the number ends. */
function takeGroup(scan: Tokenizer, digits: string, marked: boolean): string | null {
  if (digits === "" || (!marked && digits.length > 3)) return null;
  const match = /^(\s?\{,\s?\}|,\s*\\!\s*|\\,|\\;|\\:|\\ |,| )\s?(\d{3})(?!\d)/.exec(
    scan.text.slice(scan.at, scan.at + 16),
  );
  if (match === null) return null;
  const [whole, separator, group] = match as unknown as [string, string, string];
  if (separator === "," && (whole.length !== 4 || scan.comma !== "thousands")) return null;
  if (!marked && (digits === "0" || digits.startsWith("0"))) return null;
  if (separator === " " && !spacedThousands(scan)) return null;
  scan.at += whole.length;
  return group;
}

/** "1 000" is one number, but not "2 100/3" and not "1 000 1". */
function spacedThousands(scan: Tokenizer): boolean {
  const rest = /^(?: \d{3})+(.{0,2})/.exec(scan.text.slice(scan.at, scan.at + 80));
  return rest !== null && !/^(?:\d| ?\/| \d|, ?\d)/.test(rest[1] ?? "");
}

/** Length of a decimal comma at `at`, 0 where there is none. `3{,}5` is one in every reading. */
function commaLength(scan: Tokenizer, marked: boolean): number {
  const next = scan.text.slice(scan.at, scan.at + 4);
  if (next.startsWith("{,}") && isDigit(next[3] ?? "")) return 3;
  if (scan.comma !== "decimal" || marked || next[0] !== "," || !isDigit(next[1] ?? "")) return 0;
  return scan.depth === 0 || scan.text.includes(";") ? 1 : 0;
}

/** The digits under a repetition bar at `at`, consumed. */
function takeRepetend(scan: Tokenizer): string {
  const match = /^\s*\\(?:overline|bar|dot)\s*\{\s*(\d{1,40})\s*\}/.exec(scan.text.slice(scan.at, scan.at + 64));
  if (match === null) return "";
  scan.at += match[0].length;
  return match[1]!;
}

export function isDigit(c: string): boolean {
  return c >= "0" && c <= "9" && c.length === 1;
}
