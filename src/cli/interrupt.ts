/** Ctrl-C: once asks the command to stop cleanly, twice ends the process at once. */
import { EXIT } from "./errors.ts";
import type { Screen } from "./screen.ts";

export interface Interrupt {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

/**
 * A second signal within this time is the first one again: npm passes on the Ctrl-C that the terminal has sent already.
 * Nobody presses twice so fast on purpose.
 */
const ECHO_MS = 300;

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export function onInterrupt(screen: Screen): Interrupt {
  const controller = new AbortController();
  let first = 0;
  const interrupted = () => {
    if (controller.signal.aborted) {
      if (performance.now() - first > ECHO_MS) process.exit(EXIT.interrupted);
      return;
    }
    first = performance.now();
    screen.write("\nStopping. Ctrl-C again exits at once.\n");
    controller.abort();
  };
  for (const name of SIGNALS) process.on(name, interrupted);
  return {
    signal: controller.signal,
    dispose: () => {
      for (const name of SIGNALS) process.off(name, interrupted);
    },
  };
}
