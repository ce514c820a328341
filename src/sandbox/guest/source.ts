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
 * An expression whose value is the guest's `dispatch`.
 *
 * @param bridge an expression for the function that asks the candidate, in a tester's guest
 */
export function preludeSource(settings: Omit<GuestSettings, "maxDepth">, bridge = "undefined"): string {
  const json = JSON.stringify({ ...settings, maxDepth: MAX_DEPTH } satisfies GuestSettings);
  return `(() => { "use strict"; return (${guestMain})({ ${DECLARATIONS}, settings: ${json}, bridge: ${bridge} }); })()`;
}
