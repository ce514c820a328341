/**
 * Runs inside the guest: `Plain` as text and back, for values that hostile code made.
 *
 * The function is sent to the guest as source text, so it refers to nothing outside itself. What it needs is captured before
 * guest code runs; texts are joined, never collected in arrays, because `Array.prototype` belongs to the guest by then.
 */
export type GuestData = ReturnType<typeof guestData>;

export function guestData(maxDepth: number) {
  const { stringify, parse } = JSON;
  const { isArray } = Array;
  const { isView } = ArrayBuffer;
  const { keys, hasOwn, defineProperty } = Object;
  const { isFinite: isFiniteNumber, isNaN: isNotANumber } = Number;
  const { max } = Math;
  const { is } = Object;
  const { fromCharCode } = String;
  const GuestSet = Set;
  const GuestMap = Map;
  const GuestDate = Date;
  const Bytes = Uint8Array;
  const Buffer = ArrayBuffer;
  const GuestTypeError = TypeError;
  const toBigInt = BigInt;
  const toNumber = Number;
  const uncurry = Function.prototype.bind.bind(Function.prototype.call) as <Self, Rest extends unknown[], Result>(
    method: (this: Self, ...rest: Rest) => Result,
  ) => (self: Self, ...rest: Rest) => Result;
  const eachOfSet = uncurry(Set.prototype.forEach as (this: Set<unknown>, each: (item: unknown) => void) => void);
  const eachOfMap = uncurry(
    Map.prototype.forEach as (this: Map<unknown, unknown>, each: (item: unknown, key: unknown) => void) => void,
  );
  const addToSet = uncurry(Set.prototype.add as (this: Set<unknown>, item: unknown) => Set<unknown>);
  const setInMap = uncurry(
    Map.prototype.set as (this: Map<unknown, unknown>, key: unknown, item: unknown) => Map<unknown, unknown>,
  );
  const isoOf = uncurry(Date.prototype.toISOString);
  const codeAt = uncurry(String.prototype.charCodeAt);
  const indexOf = uncurry(String.prototype.indexOf as (this: string, text: string) => number);
  const charAt = uncurry(String.prototype.charAt);
  const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

  function toBase64(bytes: Uint8Array): string {
    let text = "";
    for (let i = 0; i < bytes.length; i += 3) {
      const left = bytes.length - i;
      const bits = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
      text += charAt(ALPHABET, bits >> 18) + charAt(ALPHABET, (bits >> 12) & 63);
      text += (left > 1 ? charAt(ALPHABET, (bits >> 6) & 63) : "=") + (left > 2 ? charAt(ALPHABET, bits & 63) : "=");
    }
    return text;
  }

  function fromBase64(text: string): Uint8Array {
    const padding =
      text.length === 0 || charAt(text, text.length - 1) !== "=" ? 0 : charAt(text, text.length - 2) === "=" ? 2 : 1;
    const bytes = new Bytes((text.length / 4) * 3 - padding);
    for (let i = 0, at = 0; i < text.length; i += 4) {
      let bits = 0;
      for (let j = 0; j < 4; j++) {
        const digit = indexOf(ALPHABET, charAt(text, i + j));
        bits = (bits << 6) | max(0, digit);
      }
      for (let shift = 16; shift >= 0 && at < bytes.length; shift -= 8) bytes[at++] = (bits >> shift) & 255;
    }
    return bytes;
  }

  /** Thrown where a text gets longer than it may; what hides it is not told apart from it. */
  const tooLong = new GuestTypeError("the value is too large");

  /** @throws for what is no plain data, or too deep; `tooLong` for what is too large */
  function encode(value: unknown, room: number): string {
    let left = room;

    function spend(text: string): string {
      left -= text.length;
      if (left < 0) throw tooLong;
      return text;
    }

    function list(length: number, at: (index: number) => unknown, depth: number): string {
      let text = spend("[");
      for (let i = 0; i < length; i++) text += (i > 0 ? spend(",") : "") + write(at(i), depth + 1);
      return text + spend("]");
    }

    function setItems(set: Set<unknown>, depth: number): string {
      let text = "";
      eachOfSet(set, (item) => {
        text += (text === "" ? "" : spend(",")) + write(item, depth + 1);
      });
      return `${spend('{"$":"set","v":[')}${text}${spend("]}")}`;
    }

    function mapItems(map: Map<unknown, unknown>, depth: number): string {
      let text = "";
      eachOfMap(map, (item, key) => {
        text +=
          (text === "" ? "" : spend(",")) + spend("[") + write(key, depth + 1) + spend(",") + write(item, depth + 1);
        text += spend("]");
      });
      return `${spend('{"$":"map","v":[')}${text}${spend("]}")}`;
    }

    function object(item: Record<string, unknown>, depth: number): string {
      const names = keys(item);
      const isOdd = hasOwn(item, "$") || hasOwn(item, "__proto__");
      let text = spend(isOdd ? '{"$":"object","v":[' : "{");
      for (let i = 0; i < names.length; i++) {
        const name = names[i] as string;
        text += (i > 0 ? spend(",") : "") + spend((isOdd ? "[" : "") + stringify(name) + (isOdd ? "," : ":"));
        text += write(item[name], depth + 1) + spend(isOdd ? "]" : "");
      }
      return text + spend(isOdd ? "]}" : "}");
    }

    function write(item: unknown, depth: number): string {
      if (depth > maxDepth) throw new GuestTypeError(`the value is nested deeper than ${maxDepth}, or contains itself`);
      switch (typeof item) {
        case "string":
          if (item.length > left) throw tooLong; // before the work, not after
          return spend(stringify(item));
        case "boolean":
          return spend(item ? "true" : "false");
        case "undefined":
          return spend('{"$":"undefined"}');
        case "bigint":
          return spend(`{"$":"int","v":"${item}"}`);
        case "number": {
          if (isFiniteNumber(item) && !is(item, -0)) return spend(`${item}`);
          const name = is(item, -0) ? "-0" : isNotANumber(item) ? "nan" : item > 0 ? "inf" : "-inf";
          return spend(`{"$":"float","v":"${name}"}`);
        }
        case "object":
          break;
        default:
          throw new GuestTypeError(`a ${typeof item} is no plain data`);
      }
      if (item === null) return spend("null");
      if (isArray(item)) return list(item.length, (i) => item[i], depth);
      if (item instanceof GuestSet) return setItems(item, depth);
      if (item instanceof GuestMap) return mapItems(item, depth);
      if (item instanceof GuestDate) return spend(stringify(isoOf(item)));
      if (item instanceof Buffer) return spend(`{"$":"bytes","v":"${toBase64(new Bytes(item))}"}`);
      if (item instanceof Bytes) return spend(`{"$":"bytes","v":"${toBase64(item)}"}`);
      if (isView(item)) {
        const view = item as Int32Array; // or another with a length and numbers; a DataView has none and is empty
        return list(view.length ?? 0, (i) => view[i], depth);
      }
      return object(item as Record<string, unknown>, depth);
    }

    return write(value, 0);
  }

  function decode(text: string): unknown {
    return read(parse(text));
  }

  function read(json: unknown): unknown {
    if (typeof json !== "object" || json === null) return json;
    if (isArray(json)) {
      for (let i = 0; i < json.length; i++) json[i] = read(json[i]);
      return json;
    }
    const object = json as Record<string, unknown>;
    if (hasOwn(object, "$")) return readTagged(object.$, object.v);
    const names = keys(object);
    for (let i = 0; i < names.length; i++) object[names[i] as string] = read(object[names[i] as string]);
    return object;
  }

  function readTagged(tag: unknown, v: unknown): unknown {
    const items = v as unknown[];
    const pairs = v as [unknown, unknown][];
    switch (tag) {
      case "undefined":
        return undefined;
      case "int":
        return toBigInt(v as string);
      case "float":
        return v === "nan" ? toNumber.NaN : v === "inf" ? Infinity : v === "-inf" ? -Infinity : toNumber(v);
      case "bytes":
        return fromBase64(v as string);
      case "tuple":
        return read(v);
      case "set": {
        const set = new GuestSet();
        for (let i = 0; i < items.length; i++) addToSet(set, read(items[i]));
        return set;
      }
      case "map": {
        const map = new GuestMap();
        for (let i = 0; i < pairs.length; i++) setInMap(map, read(pairs[i]?.[0]), read(pairs[i]?.[1]));
        return map;
      }
      default: {
        const object = {};
        for (let i = 0; i < pairs.length; i++) {
          const value = read(pairs[i]?.[1]);
          defineProperty(object, pairs[i]?.[0] as string, {
            value,
            writable: true,
            enumerable: true,
            configurable: true,
          });
        }
        return object;
      }
    }
  }

  return { encode, decode, tooLong, stringify, parse, fromCharCode, codeAt };
}
