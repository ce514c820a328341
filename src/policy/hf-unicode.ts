/**
 * Unicode as Hugging Face's Rust library knows it. Its parts carry tables of their own age, and Node's are newer: without
 * this, some thousand characters would be cut or composed in another way than in Python, and get other ids.
 *
 * Both lists were found by asking tokenizers 0.23.3 about every code point, against Node 24's Unicode 17; the tests ask
 * again, of the Node that runs them. Code points and ranges, hexadecimal.
 */

/** Letters, numbers, marks, punctuation and symbols that Oniguruma's Unicode 16, the regular expressions there, lacks. */
const UNKNOWN_TO_PATTERNS = anyOf(`
  88f c5c cdc 1acf-1add 1ae0-1aeb 20c1 2b96 a7ce-a7cf a7d2 a7d4 a7f1 fbc3-fbd2 fd90-fd91 fdc8-fdce 10940-10959
  10ec5-10ec7 10ed0-10ed8 10efa-10efb 11b60-11b67 11db0-11ddb 11de0-11de9 16ea0-16eb8 16ebb-16ed3 16ff2-16ff6
  187f8-187ff 18d09-18d1e 18d80-18df2 1ccfa-1ccfc 1ceba-1ced0 1cee0-1cef0 1e6c0-1e6de 1e6e0-1e6f5 1e6fe-1e6ff
  1f6d8 1f777-1f77a 1f8d0-1f8d8 1fa54-1fa57 1fa8a 1fa8e 1fac8 1facd 1faea 1faef 1fbfa 2b73a-2b73f 2cea2-2cead
  323b0-33479
`);

/** A letter that was lower case (Ll) in Unicode 16 and is of no case (Lo) in 17, and another that still is. */
const RECLASSIFIED = /\u0295/g;
const LOWER_CASE = "\u0250";

/** What the normalization tables there, of Unicode 9, neither decompose, compose nor reorder. */
const UNKNOWN_TO_NORMALIZATION = anyOf(`
  7fd 897-89f 8ca-8d3 9fe c3c d3b-d3c eba 1715 1abf-1add 1ae0-1aeb 1df6-1dfa 32ff a7f1-a7f4 a82c ab69 105c9
  105d2 105da 105e4 10781-10785 10787-107b0 107b2-107ba 10d24-10d27 10d69-10d6d 10eab-10eac 10efa-10efb
  10efd-10eff 10f46-10f50 10f82-10f85 11070 1133b 11382-11385 1138b 1138e 11390-11391 113b8 113bb 113c2 113c5
  113c7-113c9 113ce-113d0 1145e 11839-1183a 11930 11935 11938 1193d-1193e 11943 119e0 11a34 11a47 11a99 11d42
  11d44-11d45 11d97 11f41-11f42 1611e-16129 1612f 16d63 16d67-16d6a 16ff0-16ff1 1ccd6-1ccf9 1e030-1e06d 1e08f
  1e130-1e136 1e2ae 1e2ec-1e2ef 1e4ec-1e4ef 1e5ee-1e5ef 1e6e3 1e6e6 1e6ee-1e6ef 1e6f5 1f16c 1fbf0-1fbf9
`);

/** The text with stand-ins of equal length, on which a pattern matches where Oniguruma's would on the text itself. */
export function asPatternsSeeIt(text: string): string {
  return text
    .replace(UNKNOWN_TO_PATTERNS, ({ length }) => (length === 1 ? "\uffff" : "\u{1ffff}")) // never assigned
    .replace(RECLASSIFIED, LOWER_CASE);
}

export type NormalForm = "NFC" | "NFD" | "NFKC" | "NFKD";

/** An unknown character is a starter that composes with nothing, so what lies between two of them stands alone. */
export function normalForm(text: string, form: NormalForm): string {
  let normal = "";
  let end = 0;
  for (const { 0: unknown, index } of text.matchAll(UNKNOWN_TO_NORMALIZATION)) {
    normal += text.slice(end, index).normalize(form) + unknown;
    end = index + unknown.length;
  }
  return normal + text.slice(end).normalize(form);
}

function anyOf(ranges: string): RegExp {
  const classes = ranges
    .trim()
    .split(/\s+/)
    .map((range) => range.replace(/[0-9a-f]+/g, (hex) => `\\u{${hex}}`));
  return new RegExp(`[${classes.join("")}]`, "gu");
}
