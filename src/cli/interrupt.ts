/** Ctrl-C: once asks the command to stop cleanly, twice ends the process at once. */
import { EXIT } from "./errors.ts";
import type { Screen } from "./screen.ts";

export interface Interrupt {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** Stops listening. */
  dispose(): void;
}

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

export function onInterrupt(screen: Screen): Interrupt {
  const controller = new AbortController();
  const interrupted = () => {
    if (controller.signal.aborted) process.exit(EXIT.interrupted);
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
