/** What the server has done: totals for /health, and at most one line a second for people. */

/** Latencies of a second that are kept for its percentiles: 64 KB. */
const KEPT = 8192;
const INTERVAL_MS = 1000;

export interface Traffic {
  /** A request was answered. */
  request(status: number, ms: number): void;
  /** Completions were dealt with; of them so many got no reward, for a fault of ours or of the request. */
  completions(count: number, notGraded: number, badInput: number): void;
  readonly totals: Readonly<Counts>;
  /** Stops the lines; what is not yet reported is. */
  close(): void;
}

export interface Counts {
  requests: number;
  /** Answered with 4xx or 5xx. */
  refused: number;
  completions: number;
  notGraded: number;
  badInput: number;
}

const zero = (): Counts => ({ requests: 0, refused: 0, completions: 0, notGraded: 0, badInput: 0 });

/** `log` gets a line for each second in which something was answered. */
export function createTraffic(log?: (line: string) => void): Traffic {
  const totals = zero();
  let window = zero();
  let latencies: number[] = [];
  const report = () => {
    if (window.requests > 0) log?.(describe(window, latencies));
    window = zero();
    latencies = [];
  };
  const timer = log === undefined ? undefined : setInterval(report, INTERVAL_MS);
  timer?.unref();
  return {
    totals,
    request(status, ms) {
      for (const counts of [totals, window]) {
        counts.requests++;
        if (status >= 400) counts.refused++;
      }
      if (log !== undefined && latencies.length < KEPT) latencies.push(ms);
    },
    completions(count, notGraded, badInput) {
      for (const counts of [totals, window]) {
        counts.completions += count;
        counts.notGraded += notGraded;
        counts.badInput += badInput;
      }
    },
    close() {
      clearInterval(timer);
      report();
    },
  };
}

function describe(
  { requests, refused, completions, notGraded, badInput }: Counts,
  latencies: readonly number[],
): string {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number) => (sorted[Math.ceil(share * sorted.length) - 1] ?? 0).toFixed(1);
  const parts = [
    `${requests} requests, ${completions} completions, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`,
    ...(notGraded > 0 ? [`${notGraded} not graded`] : []),
    ...(badInput > 0 ? [`${badInput} with bad input`] : []),
    ...(refused > 0 ? [`${refused} refused`] : []),
  ];
  return parts.join(", ");
}
