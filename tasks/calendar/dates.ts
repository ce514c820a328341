/**
 * Dates of the Gregorian calendar as numbers of days, without the computer's clock or time zones.
 *
 *   number = 365·(y−1) + ⌊(y−1)/4⌋ − ⌊(y−1)/100⌋ + ⌊(y−1)/400⌋ + day in the year
 *
 * so that 0001-01-01 is day 1, and number mod 7 is 0 for a Sunday (Reingold and Dershowitz, Calendrical Calculations: the
 * fixed date, R.D.).
 */

export interface Day {
  readonly year: number;
  /** 1..12 */
  readonly month: number;
  readonly day: number;
}

export const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"] as const;

export const isLeap = (year: number) => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

export function daysInMonth(year: number, month: number): number {
  if (month === 2) return isLeap(year) ? 29 : 28;
  return [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** 1 for January 1. */
export function dayOfYear({ year, month, day }: Day): number {
  let days = day;
  for (let before = 1; before < month; before++) days += daysInMonth(year, before);
  return days;
}

/** Days before January 1 of the year, counted from 0001-01-01. */
export function daysBefore(year: number): number {
  const y = year - 1;
  return 365 * y + Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400);
}

export const toNumber = (day: Day): number => daysBefore(day.year) + dayOfYear(day);

export function fromNumber(number: number): Day {
  let year = Math.floor(number / 365.2425); // at most one too small or too large
  while (daysBefore(year + 1) < number) year++;
  while (daysBefore(year) >= number) year--;
  let month = 1;
  let day = number - daysBefore(year);
  for (; day > daysInMonth(year, month); month++) day -= daysInMonth(year, month);
  return { year, month, day };
}

export const weekday = (number: number): string => WEEKDAYS[number % 7] as string;

/** `2024-03-05` */
export function dateText({ year, month, day }: Day): string {
  const padded = (n: number, width: number) => String(n).padStart(width, "0");
  return `${padded(year, 4)}-${padded(month, 2)}-${padded(day, 2)}`;
}

/** The inverse of `dateText`; null for a day that the calendar does not have. */
export function readDate(text: string): Day | null {
  const [, year, month, day] = (/^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined) return null;
  const exists = year >= 1 && month >= 1 && month <= 12 && day >= 1 && day <= daysInMonth(year, month);
  return exists ? { year, month, day } : null;
}
