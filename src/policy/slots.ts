/**
 * The sequences that one executor decodes side by side, and their key-value cache.
 *
 * The cache has room for S positions, a multiple of a bucket that grows with the longest sequence; at the end, when no
 * request is left to refill a slot, the batch shrinks by halves.
 */
import type { BoundProgram, Engine } from "../engine/engine.ts";
import { decodeWeights } from "./decode.ts";
import type { ModelConfig } from "./model-config.ts";
import type { Prompt } from "./prefiller.ts";
import { decodeProgram } from "./programs.ts";
import type { ModelWeights } from "./weights.ts";

/** The cache grows by so many positions. */
export const POSITION_BUCKET = 32;
const SMALLEST_BATCH = 4;

interface Slot<Item> {
  readonly item: Item;
  /** The token that the next step reads. */
  token: number;
  /** Positions in the cache. */
  position: number;
}

export class DecodeSlots<Item> {
  readonly #engine: Engine;
  readonly #executor: number;
  readonly #config: ModelConfig;
  readonly #weights: ModelWeights;
  readonly #most: number;
  #slots: (Slot<Item> | null)[] = [];
  /** Room in the cache, for each sequence. */
  #S = 0;
  #keys: Float32Array[] = []; // [L] of [B, Hkv, S, d]
  #values: Float32Array[] = [];
  #bound: BoundProgram | undefined;
  used = 0;

  constructor(engine: Engine, executor: number, config: ModelConfig, weights: ModelWeights, most: number) {
    this.#engine = engine;
    this.#executor = executor;
    this.#config = config;
    this.#weights = weights;
    this.#most = most;
  }

  get free(): number {
    return this.#most - this.used;
  }

  add(item: Item, prompt: Prompt, token: number): void {
    if (!this.#slots.includes(null)) {
      const larger = Math.min(this.#most, Math.max(SMALLEST_BATCH, this.#slots.length * 2));
      this.#resize(larger, this.#S);
    }
    const needed = Math.ceil((prompt.length + 1) / POSITION_BUCKET) * POSITION_BUCKET;
    if (needed > this.#S) this.#resize(this.#slots.length, needed);
    const b = this.#slots.indexOf(null);
    this.#slots[b] = { item, token, position: prompt.length };
    this.used++;
    const { kvHeads, headDim } = this.#config;
    const size = prompt.length * headDim;
    for (const [caches, parts] of [
      [this.#keys, prompt.keys],
      [this.#values, prompt.values],
    ] as const) {
      for (const [layer, part] of parts.entries()) {
        for (let h = 0; h < kvHeads; h++) {
          const to = (b * kvHeads + h) * this.#S * headDim;
          (caches[layer] as Float32Array).set(part.subarray(h * size, (h + 1) * size), to);
        }
      }
    }
  }

  /** One token further for every slot. → logits [B, V]; rows of empty slots mean nothing. */
  async step(): Promise<Float32Array> {
    const longest = Math.max(...this.#slots.map((slot) => slot?.position ?? 0));
    if (longest >= this.#S) this.#resize(this.#slots.length, this.#S + POSITION_BUCKET);
    this.#bound ??= await this.#bind();
    const tokens = Int32Array.from(this.#slots, (slot) => slot?.token ?? this.#config.padId);
    const positions = Int32Array.from(this.#slots, (slot) => slot?.position ?? 0);
    const out = await this.#bound.run({ tokens, positions });
    this.#store(out.keys as Float32Array, this.#keys);
    this.#store(out.values as Float32Array, this.#values);
    for (const slot of this.#slots) if (slot) slot.position++;
    return out.logits as Float32Array;
  }

  /** Gives each running sequence its next token; null ends it and frees the slot. */
  advance(next: (item: Item, row: number) => number | null): void {
    for (const [b, slot] of this.#slots.entries()) {
      if (!slot) continue;
      const token = next(slot.item, b);
      if (token !== null) slot.token = token;
      else {
        this.#slots[b] = null;
        this.used--;
      }
    }
  }

  /** Halves the batch while it is at most half full and nothing will refill it. */
  compact(last: boolean): void {
    let B = this.#slots.length;
    while (last && this.used > 0 && this.used <= B / 2 && B > SMALLEST_BATCH) B = Math.ceil(B / 2);
    if (B < this.#slots.length) this.#resize(B, this.#S);
  }

  release(): void {
    this.#bound?.release();
    this.#bound = undefined;
  }

  async #bind(): Promise<BoundProgram> {
    const config = this.#config;
    const { name, fn, signature } = decodeProgram({ config, weights: this.#weights }, this.#slots.length, this.#S);
    const program = await this.#engine.compile(name, fn, signature);
    const caches = Object.fromEntries(
      this.#keys.flatMap((keys, i) => [
        [`keys.${i}`, keys],
        [`values.${i}`, this.#values[i] as Float32Array],
      ]),
    );
    return program.bind({ ...decodeWeights(this.#weights, config).views, ...caches }, this.#executor);
  }

  /** Writes new keys or values [L, B, Hkv·d] at each slot's position. */
  #store(rows: Float32Array, caches: readonly Float32Array[]): void {
    const { kvHeads, headDim } = this.#config;
    const B = this.#slots.length;
    for (const [layer, cache] of caches.entries()) {
      for (const [b, slot] of this.#slots.entries()) {
        if (!slot) continue;
        for (let h = 0; h < kvHeads; h++) {
          const from = ((layer * B + b) * kvHeads + h) * headDim;
          const to = ((b * kvHeads + h) * this.#S + slot.position) * headDim;
          for (let j = 0; j < headDim; j++) cache[to + j] = rows[from + j]!;
        }
      }
    }
  }

  /** New room: B slots of S positions; running sequences move to the front. */
  #resize(B: number, S: number): void {
    const { kvHeads, headDim, layers } = this.#config;
    const running = this.#slots.flatMap((slot, b) => (slot ? [{ slot, b }] : []));
    const moved = (caches: readonly Float32Array[]) =>
      Array.from({ length: layers }, (_, layer) => {
        const fresh = new Float32Array(new SharedArrayBuffer(4 * B * kvHeads * S * headDim));
        for (const [to, { slot, b }] of running.entries()) {
          for (let h = 0; h < kvHeads; h++) {
            const from = (b * kvHeads + h) * this.#S * headDim;
            const part = (caches[layer] as Float32Array).subarray(from, from + slot.position * headDim);
            fresh.set(part, (to * kvHeads + h) * S * headDim);
          }
        }
        return fresh;
      });
    this.#keys = moved(this.#keys);
    this.#values = moved(this.#values);
    this.#slots = Array.from({ length: B }, (_, b) => running[b]?.slot ?? null);
    this.#S = S;
    this.release();
  }
}
