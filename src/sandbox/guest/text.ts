/**
 * Runs inside the guest, sent as source text: how `console.log` shows values, in the manner of Node.
 *
 * Where Node's own format is kept: texts, numbers, nested arrays and objects on one line up to 72 characters, Map, Set, errors,
 * %s %d %i %f %j %o. Where it is not: long lists of numbers are not put in columns, and a class's accessors are not shown.
 */
export type GuestText = ReturnType<typeof guestText>;

export function guestText() {
  const { stringify } = JSON;
  const { isArray } = Array;
  const LINE = 72;
  const DEPTH = 2;
  const ITEMS = 100;

  function quoted(text: string): string {
    const json = stringify(text).slice(1, -1).replaceAll('\\"', '"');
    if (!text.includes("'")) return `'${json}'`;
    return text.includes('"') ? `'${json.replaceAll("'", "\\'")}'` : `"${json}"`;
  }

  function named(key: PropertyKey): string {
    if (typeof key === "symbol") return `[${String(key)}]`;
    return /^[A-Za-z_$][\w$]*$/.test(String(key)) ? String(key) : quoted(String(key));
  }

  function block(prefix: string, [open, close]: readonly [string, string], entries: string[], indent: string): string {
    const before = prefix === "" ? open : `${prefix} ${open}`;
    if (entries.length === 0) return before + close;
    const line = `${before} ${entries.join(", ")} ${close}`;
    if (line.length <= LINE && !line.includes("\n")) return line;
    const inner = `\n${indent}  `;
    return `${before}${inner}${entries.join(`,${inner}`)}\n${indent}${close}`;
  }

  function prefixOf(value: object, usual: string): string {
    const prototype = Object.getPrototypeOf(value) as object | null;
    if (prototype === null) return `[${usual || "Object"}: null prototype]`;
    const name = (value.constructor as { name?: unknown } | undefined)?.name;
    return typeof name === "string" && name !== usual ? name : "";
  }

  function some<Item>(items: Item[], show: (item: Item) => string): string[] {
    const shown = items.slice(0, ITEMS).map(show);
    const left = items.length - shown.length;
    return left > 0 ? [...shown, `... ${left} more item${left > 1 ? "s" : ""}`] : shown;
  }

  function inspect(value: unknown, depth = 0, above: readonly object[] = []): string {
    switch (typeof value) {
      case "string":
        return quoted(value);
      case "bigint":
        return `${value}n`;
      case "number":
        return Object.is(value, -0) ? "-0" : String(value);
      case "function": {
        const kind = /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "Function";
        return `[${kind}${kind === "class" ? " " : value.name ? ": " : " "}${value.name || "(anonymous)"}]`;
      }
      case "object":
        return value === null ? "null" : inspectObject(value, depth, above);
      default:
        return String(value);
    }
  }

  function inspectObject(value: object, depth: number, above: readonly object[]): string {
    if (above.includes(value)) return "[Circular *1]";
    if (value instanceof Error) return describe(value);
    if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
    if (value instanceof RegExp) return String(value);
    if (depth > DEPTH) return isArray(value) ? "[Array]" : `[${prefixOf(value, "") || "Object"}]`;
    const indent = "  ".repeat(depth);
    const inner = (item: unknown) => inspect(item, depth + 1, [...above, value]);
    if (isArray(value)) {
      const prefix = value.constructor === Array ? "" : `${prefixOf(value, "Array")}(${value.length})`;
      return block(prefix, ["[", "]"], some(Array.from(value), inner), indent);
    }
    if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
      const items = Array.from(value as Uint8Array);
      return block(`${prefixOf(value, "")}(${items.length})`, ["[", "]"], some(items, inner), indent);
    }
    if (value instanceof Set) return block(`Set(${value.size})`, ["{", "}"], some([...value], inner), indent);
    if (value instanceof Map) {
      const entries = some([...value], ([key, item]) => `${inner(key)} => ${inner(item)}`);
      return block(`Map(${value.size})`, ["{", "}"], entries, indent);
    }
    if (value instanceof Promise) return "Promise { <pending> }";
    if (value instanceof Number || value instanceof String || value instanceof Boolean) {
      return `[${prefixOf(value, "")}: ${inspect(value.valueOf())}]`;
    }
    const keys = Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
    const entries = keys.map((key) => `${named(key)}: ${inner((value as Record<PropertyKey, unknown>)[key])}`);
    return block(prefixOf(value, "Object"), ["{", "}"], entries, indent);
  }

  /** An error as people read it; anything else that was thrown, shown. Never throws. */
  function describe(error: unknown): string {
    try {
      if (!(error instanceof Error)) return `Uncaught ${inspect(error)}`;
      const { stack, name, message } = error;
      // V8 begins the stack with name and message, QuickJS does not
      const frames = typeof stack === "string" ? stack.replace(/\n? {4}at [^\n]*prelude\.js[^\n]*/g, "") : "";
      return frames === "" || /^\s*at /.test(frames) ? `${name}: ${message}\n${frames}`.trimEnd() : frames;
    } catch {
      return "an error that cannot be shown"; // the guest made it so
    }
  }

  /** The name of an error; "Error" for what has none. Never throws. */
  function nameOf(error: unknown): string {
    try {
      const { name } = error as Error;
      return typeof name === "string" && name.length < 100 ? name : "Error";
    } catch {
      return "Error"; // the guest made it so
    }
  }

  function format(values: readonly unknown[]): string {
    const [first, ...rest] = values;
    if (typeof first !== "string") return values.map((value) => show(value)).join(" ");
    const text = rest.length === 0 ? first : first.replace(/%[sdifjoOc%]/g, (spec) => fill(spec, rest));
    return [text, ...rest.map((value) => show(value))].join(" ");
  }

  function fill(spec: string, rest: unknown[]): string {
    if (spec === "%%") return "%";
    if (rest.length === 0) return spec;
    const value = rest.shift();
    switch (spec) {
      case "%s":
        return typeof value === "object" ? inspect(value) : typeof value === "bigint" ? `${value}n` : String(value);
      case "%d":
        return typeof value === "bigint" ? `${value}n` : String(Number(value));
      case "%i":
        return typeof value === "bigint" ? `${value}n` : String(Number.parseInt(String(value), 10));
      case "%f":
        return String(Number.parseFloat(String(value)));
      case "%j":
        return stringify(value);
      case "%c":
        return "";
      default:
        return inspect(value);
    }
  }

  const show = (value: unknown) => (typeof value === "string" ? value : inspect(value));

  return { inspect, describe, nameOf, format };
}
