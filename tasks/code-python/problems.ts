/** All problems of the task, in a fixed order. */
import type { WrittenProblem } from "rlvr/verifiers";
import { ASSERTS } from "./asserts.ts";
import { DYNAMIC } from "./dynamic.ts";
import { GRAPHS } from "./graphs.ts";
import { LISTS } from "./lists.ts";
import { NUMBERS } from "./numbers.ts";
import { PARSING } from "./parsing.ts";
import { PROGRAMS } from "./programs.ts";
import { RECURSION } from "./recursion.ts";
import { STRINGS } from "./strings.ts";

export const PROBLEMS: readonly WrittenProblem[] = [
  ...STRINGS,
  ...LISTS,
  ...NUMBERS,
  ...RECURSION,
  ...DYNAMIC,
  ...PARSING,
  ...GRAPHS,
  ...PROGRAMS,
  ...ASSERTS,
];
