/** All problems of the task, in a fixed order. */
import type { WrittenProblem } from "rlvr/verifiers";
import { ARRAYS } from "./arrays.ts";
import { ASSERTS } from "./asserts.ts";
import { DYNAMIC } from "./dynamic.ts";
import { GRAPHS } from "./graphs.ts";
import { GRIDS } from "./grids.ts";
import { NUMBERS } from "./numbers.ts";
import { PARSING } from "./parsing.ts";
import { PROGRAMS } from "./programs.ts";
import { RECURSION } from "./recursion.ts";
import { STRINGS } from "./strings.ts";

export const PROBLEMS: readonly WrittenProblem[] = [
  ...STRINGS,
  ...ARRAYS,
  ...GRIDS,
  ...NUMBERS,
  ...RECURSION,
  ...DYNAMIC,
  ...PARSING,
  ...GRAPHS,
  ...PROGRAMS,
  ...ASSERTS,
];
