import type { Spec } from "./engine.ts";

/** Shorthands for the entries of a signature. */
export const floats = (...shape: number[]): Spec => ({ shape, dtype: "float32" });
export const halves = (...shape: number[]): Spec => ({ shape, dtype: "float16" });
export const ints = (...shape: number[]): Spec => ({ shape, dtype: "int32" });
