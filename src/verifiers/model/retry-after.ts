/**
 * How long a server asks to wait: `Retry-After` in seconds or as a date (RFC 9110 §10.2.3).
 * @returns milliseconds, null where it says nothing that can be read
 */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header.trim())) return Number(header) * 1000;
  const date = Date.parse(header);
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}
