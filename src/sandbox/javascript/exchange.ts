/** One message to a slot and the answer to it: what sessions and testers are made of. */
import type { RunOutcome } from "../job.ts";
import { isExcused, type RunLimits, watchClock } from "./clock.ts";
import type { ToSlot } from "./protocol.ts";
import type { FromSlot } from "./reply.ts";
import { causeOfDeath, type SlotProcess } from "./slot-process.ts";

/** There is no answer, and the slot is of no use any more. */
export interface NoAnswer {
  readonly is: "no answer";
  readonly outcome: RunOutcome;
  readonly message: string;
}

type Answer<Kind extends FromSlot["is"]> = Extract<FromSlot, { is: Kind }>;

/**
 * A slot that dies, is silent for longer than the limits, or says something else, gives no answer and is killed. Where it had
 * not said that guest code may run, that is "sandbox_error".
 */
export function exchange<Kind extends FromSlot["is"]>(
  slot: SlotProcess,
  message: ToSlot,
  kinds: readonly Kind[],
  limits: RunLimits,
): Promise<Answer<Kind> | NoAnswer> {
  return new Promise((resolve) => {
    let hasBegun = message.do === "answer"; // tests run
    const clock = watchClock(slot, limits);
    function end(answer: Answer<Kind> | NoAnswer): void {
      clock.stop();
      if (slot.isAlive) slot.rest();
      resolve(answer);
    }
    slot.listen({
      message(heard) {
        const isOurs =
          heard.is !== "ready" && heard.job === message.job && (heard.is !== "run" || isExcused(heard.run, clock));
        if (isOurs && heard.is === "began") hasBegun = true;
        else if (isOurs && (kinds as readonly string[]).includes(heard.is)) end(heard as Answer<Kind>);
        else slot.kill("crash", "the slot said what it was not asked");
      },
      died(death) {
        const { outcome, message } = causeOfDeath(death);
        end({ is: "no answer", outcome: hasBegun ? outcome : "sandbox_error", message });
      },
    });
    slot.send(message);
  });
}
