/** Where commands print: what process.stdout and process.stderr have in common with a buffer in a test. */
import { styleText } from "node:util";

export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** True where a line can be drawn over: a terminal, and no CI job that keeps a log. */
export function isLive(screen: Screen, env: Environment): boolean {
  return screen.isTTY === true && !env.CI && env.TERM !== "dumb";
}

/** Colors text where the screen shows colors; honors NO_COLOR and FORCE_COLOR. */
export function paint(screen: Screen, env: Environment, color: Parameters<typeof styleText>[0], text: string): string {
  const wanted = env.FORCE_COLOR
    ? env.FORCE_COLOR !== "0"
    : screen.isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  return wanted ? styleText(color, text, { validateStream: false }) : text;
}
