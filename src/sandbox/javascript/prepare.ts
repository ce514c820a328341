/**
 * Source text as a guest can run it: a script. Runs in the slot process, because the parsers read hostile text.
 *
 * TypeScript loses its types. A module's `export` and `import` are tolerated by rewriting them, line by line and only where the
 * text is no script as it stands: exported names stay names, imports become `require`.
 */
import { stripTypeScriptTypes } from "node:module";
import type { Language } from "../job.ts";

export type Prepared = { readonly script: string } | { readonly error: string };

export function prepare(code: string, language: Language): Prepared {
  if (language !== "typescript") return { script: code };
  try {
    return { script: stripTypeScriptTypes(code, { mode: "transform" }) };
  } catch (error) {
    return { error: error instanceof Error ? `${error.name}: ${error.message}` : String(error) };
  }
}

const IMPORT =
  /^[ \t]*import\s+(?:([\w$]+)\s*,?\s*)?(?:\*\s*as\s+([\w$]+)\s+)?(?:(\{[^}]*\})\s*)?(?:from\s*)?(["'][^"']+["']);?/gm;
const EXPORT_LIST = /^[ \t]*export\s*\{[^}]*\}(?:\s*from\s*["'][^"']*["'])?;?/gm;
const EXPORT_DEFAULT = /^[ \t]*export\s+default\s+(?=(?:async\s+)?function\s*\*?\s*[\w$]|class\s+[\w$])/gm;
const EXPORT_VALUE = /^[ \t]*export\s+default\s+/gm;
const EXPORT = /^[ \t]*export\s+(?=(?:async|function|class|const|let|var)\b)/gm;

/** The same lines without module syntax; null where there is none. */
export function withoutModuleSyntax(script: string): string | null {
  const rewritten = script
    .replace(IMPORT, (_, whole?: string, star?: string, names?: string, from?: string) => {
      const all = [whole, star].filter((name) => name !== undefined).map((name) => `var ${name} = require(${from});`);
      if (names) all.push(`var ${names.replaceAll(/\bas\b/g, ":")} = require(${from});`);
      return all.join(" ") || `require(${from});`;
    })
    .replace(EXPORT_LIST, "")
    .replace(EXPORT_DEFAULT, "")
    .replace(EXPORT_VALUE, "module.exports = ")
    .replace(EXPORT, "");
  return rewritten === script ? null : rewritten;
}

/** A program that waits at its top level, as a function that may; what it throws is thrown where nobody can catch it. */
export function insideAsync(script: string): string {
  return `(async () => {${script}\n})().catch((error) => setTimeout(() => { throw error; }));`;
}
