/** Whole numbers in bases 2 to 36, converted as on paper. */

const DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz";

/** Null where the text is no numeral of the base. Capitals are read as small letters. */
export function readDigits(text: string, base: number): number[] | null {
  const digits = [...text.toLowerCase()].map((character) => DIGITS.indexOf(character));
  return digits.length > 0 && digits.every((digit) => digit >= 0 && digit < base) ? digits : null;
}

export function writeDigits(digits: readonly number[]): string {
  return digits.map((digit) => DIGITS[digit]).join("");
}

/** Horner's rule. The running values, of which the last is the number: 2, 0, 3 in base 5 → 2, 10, 53. */
export function runningValues(digits: readonly number[], base: number): number[] {
  let value = 0;
  return digits.map((digit) => (value = value * base + digit));
}

/** The digits of a number ≥ 1, by division with remainder. */
export function toDigits(value: number, base: number): number[] {
  const digits: number[] = [];
  for (let rest = value; rest > 0; rest = Math.floor(rest / base)) digits.unshift(rest % base);
  return digits;
}

/** `1*5+2=7, 7*5+3=38` and then `38/16=2 rest 6, 2/16=0 rest 2`; base 10 needs neither. */
export function workedSteps(digits: readonly number[], from: number, to: number): string[] {
  const values = runningValues(digits, from);
  const gathered = digits.slice(1).map((digit, i) => `${values[i]}*${from}+${digit}=${values[i + 1]}`);
  const divided: string[] = [];
  for (let rest = values.at(-1) as number; rest > 0; rest = Math.floor(rest / to)) {
    divided.push(`${rest}/${to}=${Math.floor(rest / to)} rest ${rest % to}`);
  }
  return [...(from === 10 ? [] : gathered), ...(to === 10 ? [] : divided)];
}
