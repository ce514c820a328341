/**
 * The only data that crosses the boundary of a box: plain values, as JSON text in one canonical encoding.
 *
 * What JSON has stands for itself. What it lacks is an object whose one tag is the key "$":
 * {"$":"float","v":"nan" | "inf" | "-inf" | "-0" | digits}, {"$":"int","v":digits}, {"$":"undefined"}, {"$":"bytes","v":base64},
 * {"$":"tuple","v":[…]}, {"$":"set","v":[…]}, {"$":"map","v":[[key,value],…]}.
 * An object that has a key "$" or "__proto__" of its own is {"$":"object","v":[[key,value],…]}.
 *
 * In JavaScript: "float" with a whole number is `Float`, "int" a bigint, "tuple" a `Tuple`, "map" a Map, "set" a Set, "bytes" a
 * Uint8Array, an object one without a prototype. In Python: float, int, None for undefined, tuple, dict, set, bytes, dict.
 */

/** Deeper values cross no boundary: what compares them later may recurse. */
export const MAX_DEPTH = 500;

/** A Python tuple. */
export class Tuple {
  readonly items: readonly Plain[];
  constructor(items: readonly Plain[]) {
    this.items = items;
  }
}

/** A whole number that must be a float in Python: 2.0 and not 2. */
export class Float {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export type Plain =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Float
  | Tuple
  | Uint8Array
  | readonly Plain[]
  | ReadonlySet<Plain>
  | ReadonlyMap<Plain, Plain>
  | { readonly [key: string]: Plain };
