/**
 * Units and their exact sizes: value in the base unit = (value + offset) · factor. The foot, the pound and what is made of
 * them are the international ones of 1959: 0.3048 m and 0.45359237 kg, exactly.
 */
import { combineFractions, type Fraction, parseNumber } from "rlvr/verifiers";

interface Unit {
  readonly base: string;
  /** A number in the base unit, as `parseNumber` reads it. */
  readonly factor: string;
  /** Only of temperatures; 0 where it is left out. */
  readonly offset?: string;
}

const of = (base: string, factors: Readonly<Record<string, string>>): Record<string, Unit> =>
  Object.fromEntries(Object.entries(factors).map(([name, factor]) => [name, { base, factor }]));

export const UNITS: Readonly<Record<string, Unit>> = {
  ...of("meters", { millimeters: "0.001", centimeters: "0.01", decimeters: "0.1", meters: "1", kilometers: "1000" }),
  ...of("meters", { inches: "0.0254", feet: "0.3048", yards: "0.9144", miles: "1609.344" }),
  ...of("kilograms", { milligrams: "0.000001", grams: "0.001", kilograms: "1", "metric tons": "1000" }),
  ...of("kilograms", { ounces: "0.028349523125", pounds: "0.45359237" }),
  ...of("seconds", {
    milliseconds: "0.001",
    seconds: "1",
    minutes: "60",
    hours: "3600",
    days: "86400",
    weeks: "604800",
  }),
  ...of("liters", { milliliters: "0.001", centiliters: "0.01", liters: "1", hectoliters: "100" }),
  ...of("liters", { "cubic centimeters": "0.001", "cubic decimeters": "1", "cubic meters": "1000" }),
  ...of("square meters", {
    "square millimeters": "0.000001",
    "square centimeters": "0.0001",
    "square meters": "1",
    hectares: "10000",
    "square kilometers": "1000000",
    "square inches": "0.00064516",
    "square feet": "0.09290304",
  }),
  ...of("meters per second", {
    "meters per second": "1",
    "meters per minute": "1/60",
    "kilometers per hour": "5/18",
    "feet per second": "0.3048",
    "miles per hour": "0.44704",
  }),
  kelvins: { base: "kelvins", factor: "1" },
  "degrees Celsius": { base: "kelvins", factor: "1", offset: "273.15" },
  "degrees Fahrenheit": { base: "kelvins", factor: "5/9", offset: "459.67" },
};

const unit = (name: string) => UNITS[name] as Unit;

/** The exact value in another unit of the same base. */
export function convert(value: string, from: string, to: string): Fraction {
  const inBase = compute(compute(number(value), "+", number(unit(from).offset ?? "0")), "*", number(unit(from).factor));
  return compute(compute(inBase, "/", number(unit(to).factor)), "-", number(unit(to).offset ?? "0"));
}

/** `feet: 0.3048 meters, inches: …` and the sum that follows, without its result. */
export function workedSteps(value: string, from: string, to: string): string {
  const [source, target] = [unit(from), unit(to)];
  const sizes = [from, to].filter((name) => name !== unit(name).base).map((name) => sizeText(name));
  const inBase = source.offset === undefined ? value : `(${value}+${source.offset})`;
  const scaled = `${inBase}${times(source.factor)}${target.factor === "1" ? "" : `/${wrapped(target.factor)}`}`;
  return [...sizes, `${scaled}${target.offset === undefined ? "" : `-${target.offset}`}`].join(", ");
}

function sizeText(name: string): string {
  const { base, factor, offset } = unit(name);
  return offset === undefined ? `${name}: ${factor} ${base}` : `${name}: (x+${offset})${times(factor)} ${base}`;
}

const wrapped = (factor: string) => (factor.includes("/") ? `(${factor})` : factor);
const times = (factor: string) => (factor === "1" ? "" : `*${wrapped(factor)}`);

/** A decimal where it ends, else a fraction. */
export function exactText({ numerator, denominator }: Fraction): string {
  let [places, power] = [0, 1n];
  while (power % denominator !== 0n && places < MAX_PLACES) [places, power] = [places + 1, power * 10n];
  if (power % denominator !== 0n) return `${numerator}/${denominator}`;
  const digits = String((numerator < 0n ? -numerator : numerator) * (power / denominator)).padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  return `${numerator < 0n ? "-" : ""}${whole}${places === 0 ? "" : `.${digits.slice(-places)}`}`;
}

const MAX_PLACES = 24;

function number(text: string): Fraction {
  const value = parseNumber(text);
  if (value === null) throw new RangeError(`${JSON.stringify(text)} is no number`);
  return value;
}

function compute(a: Fraction, operator: "+" | "-" | "*" | "/", b: Fraction): Fraction {
  const value = combineFractions(a, operator, b);
  if (value === null) throw new RangeError("a unit has the size 0");
  return value;
}
