/** Plain data as text and back: round trips of anything, and texts that no encoder writes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { guestData } from "../../src/sandbox/guest/data.ts";
import { Float, MAX_DEPTH, type Plain, Tuple } from "../../src/sandbox/plain.ts";
import { decodePlain, encodePlain } from "../../src/sandbox/wire.ts";

const key = fc.oneof(fc.string(), fc.constantFrom("$", "__proto__", "constructor", "toJSON", "length"));
const whole = fc.maxSafeInteger().map((value) => new Float(value));
const object = <Value>(value: fc.Arbitrary<Value>) =>
  fc.array(fc.tuple(key, value), { maxLength: 4 }).map((pairs) => {
    const made = Object.create(null) as Record<string, Value>;
    for (const [name, item] of pairs) made[name] = item;
    return made;
  });

/** What JavaScript has of its own. */
const { native } = fc.letrec<{ native: Plain }>((tie) => ({
  native: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(
      fc.constantFrom(null, undefined, true, false),
      fc.double(),
      fc.integer(),
      fc.bigInt(),
      fc.string({ unit: "binary" }),
    ),
    fc.uint8Array({ maxLength: 9 }),
    fc.array(tie("native"), { maxLength: 4 }),
    object(tie("native")),
    fc.array(tie("native"), { maxLength: 4 }).map((items) => new Set(items)),
    fc.array(fc.tuple(tie("native"), tie("native")), { maxLength: 4 }).map((pairs) => new Map(pairs)),
  ),
}));
const { plain } = fc.letrec<{ plain: Plain }>((tie) => ({
  plain: fc.oneof(
    { maxDepth: 3 },
    native,
    whole,
    fc.array(tie("plain"), { maxLength: 4 }).map((items) => new Tuple(items)),
    fc.array(tie("plain"), { maxLength: 4 }),
  ),
}));

describe("the encoding", () => {
  test("gives every value back, and the same text for it again", () => {
    fc.assert(
      fc.property(plain, (value) => {
        const text = encodePlain(value);
        const back = decodePlain(text);
        expect(back).toEqual(value);
        expect(encodePlain(back)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test.each<[string, Plain]>([
    ['{"$":"float","v":"nan"}', Number.NaN],
    ['{"$":"float","v":"-0"}', -0],
    ['{"$":"float","v":"-inf"}', -Infinity],
    ["2", 2],
    ['{"$":"float","v":"2"}', new Float(2)],
    ["2.5", new Float(2.5)],
    ['{"$":"int","v":"12"}', 12n],
    ['[{"$":"undefined"}]', [undefined]],
    ['{"$":"bytes","v":"AP8Q"}', new Uint8Array([0, 255, 16])],
    ['{"$":"tuple","v":[1,"a"]}', new Tuple([1, "a"])],
    ['{"$":"map","v":[[1,[2]]]}', new Map<Plain, Plain>([[1, [2]]])],
    ['{"$":"object","v":[["$",1]]}', { $: 1 }],
    ['"\\ud800"', "\ud800"],
  ])("writes %s for its value", (text, value) => {
    expect(encodePlain(value)).toBe(text);
  });

  test("keeps a key __proto__ a key", () => {
    const hostile = JSON.parse('{"__proto__":{"admin":true}}') as Plain;
    const back = decodePlain(encodePlain(hostile)) as Record<string, Plain>;
    expect(Object.getPrototypeOf(back)).toBe(null);
    expect(Object.keys(back)).toEqual(["__proto__"]);
    expect(back.admin).toBe(undefined);
  });

  test.each([
    "",
    "nothing",
    "1e999",
    '{"__proto__":1}',
    '{"$":"object"}',
    '{"$":"undefined","v":1}',
    '{"$":"float","v":"two"}',
    '{"$":"float","v":"1e999"}',
    '{"$":"int","v":"1.5"}',
    '{"$":"int","v":5}',
    '{"$":"bytes","v":"*"}',
    '{"$":"bytes","v":[1]}',
    '{"$":"tuple","v":{}}',
    '{"$":"set","v":"abc"}',
    '{"$":"map","v":[[1]]}',
    '{"$":"object","v":[[1,2]]}',
    '{"$":"int","v":"5","more":1}',
    '{"$":"function","v":"f"}',
  ])("refuses %s, which no encoder writes", (text) => {
    expect(() => decodePlain(text)).toThrow(expect.objectContaining({ code: "E_SANDBOX" }));
  });

  test("refuses what is too deep, too long or no plain data", () => {
    const deep = `${"[".repeat(MAX_DEPTH + 2)}${"]".repeat(MAX_DEPTH + 2)}`;
    expect(() => decodePlain(deep)).toThrow("deeper");
    expect(() => decodePlain('"abcdef"', { maxCharacters: 7 })).toThrow("8 characters long");
    expect(() => encodePlain("abcdef", { maxCharacters: 7 })).toThrow("8 characters long");
    for (const value of [() => 1, Symbol("s"), new (class Person {})()]) {
      expect(() => encodePlain(value as never)).toThrow(expect.objectContaining({ code: "E_SANDBOX" }));
    }
  });
});

describe("the guest's own encoder", () => {
  const guest = guestData(MAX_DEPTH);
  const ROOM = 1_000_000;

  test("writes what the host's writes, and reads what it wrote", () => {
    fc.assert(
      fc.property(native, (value) => {
        const text = encodePlain(value);
        expect(guest.encode(value, ROOM)).toBe(text);
        expect(guest.encode(guest.decode(text), ROOM)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  test("never writes more than there is room for", () => {
    fc.assert(
      fc.property(native, fc.nat(40), (value, room) => {
        const fits = encodePlain(value).length <= room;
        if (fits) expect(guest.encode(value, room).length).toBeLessThanOrEqual(room);
        else expect(() => guest.encode(value, room)).toThrow("too large");
      }),
    );
  });

  test("ends on values without an end", () => {
    const ring: unknown[] = [];
    ring.push(ring, ring);
    expect(() => guest.encode(ring, ROOM)).toThrow(/deeper|too large/);
    const endless = {
      get next(): unknown {
        return endless;
      },
    };
    expect(() => guest.encode(endless, ROOM)).toThrow("deeper");
  });

  test("reads typed arrays as lists, and dates as their text", () => {
    expect(guest.encode(new Int32Array([1, -2]), ROOM)).toBe("[1,-2]");
    expect(guest.encode(new Date(0), ROOM)).toBe('"1970-01-01T00:00:00.000Z"');
  });
});
