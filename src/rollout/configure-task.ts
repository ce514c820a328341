/** Gives a task other settings than its defaults. */
import { z } from "zod";
import { RlvrError } from "../errors.ts";
import type { Task } from "./task.ts";

/**
 * The same task with these options bound to its loader: `configureTask(task, { difficulty: "3-5" })`.
 *
 * @throws E_CONFIG where the task has no options, not these, or a value does not fit
 */
export function configureTask<Schema extends z.ZodType>(
  task: Task<Schema>,
  options: Readonly<Record<string, unknown>>,
): Task<Schema> {
  const name = JSON.stringify(task.name);
  if (task.options === undefined) {
    throw new RlvrError("E_CONFIG", `the task ${name} has the options ${JSON.stringify(options)}, expected none`, {
      hint: "Name it without ?, or give its definition `options`.",
    });
  }
  const parsed = task.options.safeParse(options);
  if (!parsed.success) {
    const known = task.options instanceof z.ZodObject ? Object.keys(task.options.shape).join(", ") : "";
    throw new RlvrError("E_CONFIG", `the options of the task ${name} do not fit: ${z.prettifyError(parsed.error)}`, {
      hint: known === "" ? "See its README." : `It has ${known}: see its README.`,
    });
  }
  return { ...task, load: (split, seed, given = options) => task.load(split, seed, given) };
}

/** `gsm8k?path=/data&unreadable=skip` → the task's name or path, and its options; null where there is no `?`. */
export function splitTaskName(text: string): readonly [name: string, options: Record<string, string> | null] {
  const at = text.indexOf("?");
  if (at === -1) return [text, null];
  const options = text
    .slice(at + 1)
    .split("&")
    .filter((part) => part !== "")
    .map((part) => {
      const equals = part.indexOf("=");
      if (equals > 0) return [part.slice(0, equals), part.slice(equals + 1)] as const;
      throw new RlvrError(
        "E_CONFIG",
        `${JSON.stringify(text)} has the option ${JSON.stringify(part)}, expected name=value`,
        {
          hint: "Write name?option=value&option=value.",
        },
      );
    });
  return [text.slice(0, at), Object.fromEntries(options)];
}
