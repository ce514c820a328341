/** The source text of a guest's prelude: the functions of this folder, as they are written, put together in one script. */
import { MAX_DEPTH } from "../plain.ts";
import { guestBuffer } from "./buffer.ts";
import { guestClock } from "./clock.ts";
import { guestData } from "./data.ts";
import { type GuestSettings, guestMain } from "./main.ts";
import { guestNode } from "./node.ts";
import { guestTesting } from "./testing.ts";
import { guestText } from "./text.ts";

const PARTS = { guestBuffer, guestClock, guestData, guestNode, guestTesting, guestText };
const DECLARATIONS = Object.entries(PARTS)
  .map(([name, part]) => `${name}: ${part}`)
  .join(",\n");

/** The names under which guest code and the prelude appear in stack traces; text.ts leaves out the latter's frames. */
export const GUEST_FILE = "solution.js";
export const PRELUDE_FILE = "prelude.js";

/**
 * A script whose value is a function: of the settings as JSON text, and in a tester's guest of what asks the candidate, a function
 * or isolated-vm's Reference to one. It returns the guest's `dispatch`.
 */
export const PRELUDE = `((settings, ask) => {
"use strict";
const bridge = typeof ask === "object" ? (entry, args) => ask.applySyncPromise(undefined, [entry, args]) : ask;
return (${guestMain})({ ${DECLARATIONS}, settings: JSON.parse(settings), bridge });
})`;

export function settingsText(settings: Omit<GuestSettings, "maxDepth">): string {
  return JSON.stringify({ ...settings, maxDepth: MAX_DEPTH } satisfies GuestSettings);
}
