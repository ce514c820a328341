export interface ResponseMask {
  /** 1 = sampled token, the first end-of-sequence token included. [T] */
  readonly mask: Uint8Array;
  readonly length: number;
  /** Index of the last valid token; −1 if there is none. */
  readonly lastIndex: number;
  /** False means truncated. */
  readonly finishedByEos: boolean;
}

/**
 * Which ids of a padded completion count. By position: the first end-of-sequence id ends it and is trained; padding is
 * what comes after, never "ids equal to pad", because pad may be the end-of-sequence id.
 */
export function responseMask(ids: ArrayLike<number>, eosIds: readonly number[]): ResponseMask {
  const found = Array.from(ids).findIndex((id) => eosIds.includes(id));
  const length = found === -1 ? ids.length : found + 1;
  const mask = new Uint8Array(ids.length).fill(1, 0, length);
  return { mask, length, lastIndex: length - 1, finishedByEos: found !== -1 };
}
