/** The attack catalog: one file a family. */
import type { Family } from "../attack.ts";
import { BOMBS } from "./bombs.ts";
import { CODE } from "./code.ts";
import { CONSTANT_ANSWERS } from "./constants.ts";
import { CUT_OFF } from "./cut-off.ts";
import { ECHO } from "./echo.ts";
import { JUDGES } from "./judges.ts";
import { NOTHING } from "./nothing.ts";
import { PADDING } from "./padding.ts";
import { REASONING } from "./reasoning.ts";
import { SEVERAL_ANSWERS } from "./several-answers.ts";
import { TOLERANCE } from "./tolerance.ts";
import { TYPES } from "./types.ts";
import { UNICODE } from "./unicode.ts";
import { WRONG_ANSWERS } from "./wrong-answers.ts";

export const FAMILIES: readonly Family[] = [
  WRONG_ANSWERS,
  SEVERAL_ANSWERS,
  CUT_OFF,
  PADDING,
  ECHO,
  NOTHING,
  REASONING,
  TOLERANCE,
  TYPES,
  UNICODE,
  BOMBS,
  JUDGES,
  CONSTANT_ANSWERS,
  CODE,
];
