/**
 * Units of measure: exact factors to a base unit of the same dimension.
 *
 * 120 mm = 12 cm, and 12 cm ≠ 12 m. A unit that one side leaves out is not held against it. Words that are neither a
 * unit nor a thing to count are no unit: padding an answer with them makes it another answer.
 */
import type { Fraction } from "../fraction.ts";

interface Unit {
  readonly dimension: string;
  readonly factor: Fraction;
}

const unit = (dimension: string, numerator: number | bigint, denominator: number | bigint = 1): Unit => ({
  dimension,
  factor: { numerator: BigInt(numerator), denominator: BigInt(denominator) },
});

/** Names in the singular, lower case. */
const UNITS: ReadonlyMap<string, Unit> = new Map([
  ...names(["m", "meter", "metre"], unit("length", 1)),
  ...names(["cm", "centimeter", "centimetre"], unit("length", 1, 100)),
  ...names(["mm", "millimeter", "millimetre"], unit("length", 1, 1000)),
  ...names(["km", "kilometer", "kilometre"], unit("length", 1000)),
  ...names(["dm", "decimeter", "decimetre"], unit("length", 1, 10)),
  ...names(["nm", "nanometer", "nanometre"], unit("length", 1, 1_000_000_000)),
  ...names(["in", "inch", "inche"], unit("length", 254, 10_000)),
  ...names(["ft", "foot", "feet"], unit("length", 3048, 10_000)),
  ...names(["yd", "yard"], unit("length", 9144, 10_000)),
  ...names(["mi", "mile"], unit("length", 1_609_344, 1000)),
  ...names(["s", "sec", "second"], unit("time", 1)),
  ...names(["ms", "millisecond"], unit("time", 1, 1000)),
  ...names(["min", "minute"], unit("time", 60)),
  ...names(["h", "hr", "hour"], unit("time", 3600)),
  ...names(["day"], unit("time", 86_400)),
  ...names(["week"], unit("time", 604_800)),
  ...names(["month"], unit("month", 1)),
  ...names(["yr", "year"], unit("month", 12)),
  ...names(["kg", "kilogram", "kilo"], unit("mass", 1000)),
  ...names(["g", "gram", "gm"], unit("mass", 1)),
  ...names(["mg", "milligram"], unit("mass", 1, 1000)),
  ...names(["ton", "tonne"], unit("ton", 1)),
  ...names(["lb", "pound"], unit("pound", 16)),
  ...names(["oz", "ounce"], unit("pound", 1)),
  ...names(["l", "liter", "litre"], unit("volume", 1)),
  ...names(["ml", "milliliter", "millilitre"], unit("volume", 1, 1000)),
  ...names(["gallon", "gal"], unit("gallon", 16)),
  ...names(["quart"], unit("gallon", 4)),
  ...names(["pint"], unit("gallon", 2)),
  ...names(["cup"], unit("gallon", 1)),
  ...names(["tablespoon", "tbsp"], unit("spoon", 3)),
  ...names(["teaspoon", "tsp"], unit("spoon", 1)),
  ...names(["$", "dollar", "usd", "buck", "us dollar"], unit("dollar", 1)),
  ...names(["cent", "penny", "pennie", "¢"], unit("dollar", 1, 100)),
  ...names(["euro", "eur"], unit("euro", 1)),
  ...names(["pound sterling", "gbp"], unit("sterling", 1)),
  ...names(["yuan", "rmb", "cny"], unit("yuan", 1)),
  ...names(["yen"], unit("yen", 1)),
  ...names(["rupee", "rs", "inr"], unit("rupee", 1)),
  ...names(["rouble", "ruble", "rub"], unit("ruble", 1)),
  ...names(["degree", "deg", "°"], unit("degree", 1)),
  ...names(["radian", "rad"], unit("radian", 1)),
  ...names(["°c", "degree celsius", "celsius", "degree c"], unit("celsius", 1)),
  ...names(["°f", "degree fahrenheit", "fahrenheit", "degree f"], unit("fahrenheit", 1)),
  ...names(["k", "kelvin"], unit("kelvin", 1)),
  ...names(["unit", "sq unit", "cu unit"], unit("unit", 1)),
  ...names(["mph"], unit("length/time", 1_609_344, 3_600_000)),
  ...names(["kph", "kmh"], unit("length/time", 1000, 3600)),
  ...names(["n", "newton"], unit("force", 1)),
  ...names(["j", "joule"], unit("energy", 1)),
  ...names(["kj", "kilojoule"], unit("energy", 1000)),
  ...names(["w", "watt"], unit("power", 1)),
  ...names(["kw", "kilowatt"], unit("power", 1000)),
  ...names(["v", "volt"], unit("voltage", 1)),
  ...names(["hz", "hertz"], unit("frequency", 1)),
  ...names(["khz", "kilohertz"], unit("frequency", 1000)),
  ...names(["pa", "pascal"], unit("pressure", 1)),
  ...names(["mol", "mole"], unit("amount", 1)),
  ...names(["a.m", "am"], unit("am", 1)),
  ...names(["p.m", "pm"], unit("pm", 1)),
]);

/** Things that problems count: each is a dimension of its own, and leaving it out is fine. */
const COUNTED: ReadonlySet<string> = new Set(
  (
    "apple animal answer arrangement bag ball bean bear bike bill bin bird book bottle box boy bus cake camel candie candy " +
    "car card case cat chair child children choice circle coin color combination committee cookie couple cow cube customer " +
    "digit dog edge egg element employee face factor family fish flight flower frog function game gift girl goal group " +
    "guest hand handshake house integer item job kid kitten ladie lap lesson letter line list man marble match member men " +
    "mice mouse move multiple number orange outcome pack page paint pair paper parent part passenger path pear pen pencil " +
    "people permutation person piece plant player point possibilitie possible postcard prime prize problem puppie question " +
    "ring root rope route row sandwich score seat segment set sheep shirt shoe sibling side slice snack sock solution " +
    "song square stamp star step stick stone student subset sweet table task teacher team term ticket tile time total toy " +
    "tree triangle trip trial truck tuple value vertice vote way win woman women word worker zero"
  ).split(" "),
);

function names(aliases: readonly string[], value: Unit): (readonly [string, Unit])[] {
  return aliases.map((name) => [name, value] as const);
}

/** Is a word, as written, the name of a unit or of a thing to count? */
export function isUnitWord(word: string): boolean {
  const name = singular(word);
  return UNITS.has(name) || COUNTED.has(name) || WORD_PARTS.has(name) || PERCENT_WORDS.has(name);
}

/** Words that occur inside names of units. */
const WORD_PARTS: ReadonlySet<string> = new Set(["square", "sq", "cubic", "cu", "squared", "cubed", "per", "each"]);

/** "28 pct" is 28 %. */
export const PERCENT_WORDS: ReadonlySet<string> = new Set(["percent", "pct", "percentage", "per cent"]);

function singular(word: string): string {
  const lower = word.toLowerCase().replace(/\.$/, "");
  if (UNITS.has(lower) || lower.length <= 2) return lower;
  return lower.endsWith("s") && !lower.endsWith("ss") ? lower.slice(0, -1) : lower;
}

/** One spelling for a unit: `square centimeters` and `cm^2` → `cm^2`. Empty for words that say nothing. */
export function unitName(text: string): string {
  const spaced = text
    .toLowerCase()
    .replaceAll(/\\[a-z]+|[{}\\$~,]/g, (sign) => (sign === "$" ? "$" : " "))
    .replaceAll(/\s*([/^])\s*/g, "$1")
    .replaceAll("²", "^2")
    .replaceAll("³", "^3")
    .trim();
  const whole = singular(spaced);
  if (UNITS.has(whole)) return whole;
  const out: string[] = [];
  let power = "";
  for (const word of spaced.replaceAll("/", " per ").split(/\s+/)) {
    const [name = "", exponent = ""] = word.split("^");
    const one = singular(name);
    if (one === "square" || one === "sq") power = "^2";
    else if (one === "cubic" || one === "cu") power = "^3";
    else if (one === "squared") out.push(`${out.pop() ?? ""}^2`);
    else if (one === "cubed") out.push(`${out.pop() ?? ""}^3`);
    else if (one === "per") out.push("/");
    else if (one !== "") {
      out.push(one + (exponent === "" ? power : `^${exponent}`));
      power = "";
    }
  }
  if (power !== "") out.push(`square${power}`); // "4 squares": a thing to count
  return out.join(" ").replaceAll(" / ", "/");
}

/** What is known of a unit: its dimension and its factor; null for words that are no unit. */
export function unitOf(name: string): Unit | null {
  let dimension = "";
  let factor: Fraction = { numerator: 1n, denominator: 1n };
  let inverse = false;
  for (const part of name.split(/([/ ])/)) {
    if (part === " " || part === "") continue;
    if (part === "/") {
      inverse = true;
      continue;
    }
    const [base = "", exponent = "1"] = part.split("^");
    const known = UNITS.get(base) ?? (COUNTED.has(base) ? unit(`count:${base}`, 1) : undefined);
    const power = Number(exponent);
    if (known === undefined || !(power >= 1 && power <= 9)) return null;
    dimension += `${inverse ? "/" : dimension === "" ? "" : "*"}${known.dimension}${power === 1 ? "" : power}`;
    const { numerator, denominator } = known.factor;
    const up = numerator ** BigInt(power);
    const down = denominator ** BigInt(power);
    factor = inverse
      ? { numerator: factor.numerator * down, denominator: factor.denominator * up }
      : { numerator: factor.numerator * up, denominator: factor.denominator * down };
  }
  return dimension === "" ? null : { dimension, factor };
}
