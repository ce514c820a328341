/** Keeps so many connections busy, each with one request at a time. */
import { Agent, request } from "node:http";

export interface Load {
  readonly path: string;
  readonly body: unknown;
}

export interface Rate {
  readonly requests: number;
  readonly requestsPerSecond: number;
  /** From the call to the last byte of the answer. */
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** @throws where an answer is not 200 */
export async function drive(url: string, { path, body }: Load, connections: number, seconds: number): Promise<Rate> {
  const text = Buffer.from(JSON.stringify(body));
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const latencies: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  const one = async () => {
    while (performance.now() < end) {
      const sent = performance.now();
      await post(new URL(path, url), text, agent);
      latencies.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  const elapsed = (performance.now() - start) / 1000;
  agent.destroy();
  const sorted = latencies.toSorted((a, b) => a - b);
  return {
    requests: sorted.length,
    requestsPerSecond: sorted.length / elapsed,
    p50Ms: sorted[Math.floor(0.5 * sorted.length)] as number,
    p99Ms: sorted[Math.floor(0.99 * sorted.length)] as number,
  };
}

function post(url: URL, body: Buffer, agent: Agent): Promise<void> {
  const headers = { "content-type": "application/json", "content-length": body.byteLength };
  return new Promise((resolve, reject) => {
    const sending = request(url, { method: "POST", agent, headers }, (reply) => {
      if (reply.statusCode !== 200) reject(new Error(`${url.pathname} answered ${reply.statusCode}`));
      reply.resume().once("end", resolve);
    });
    sending.once("error", reject).end(body);
  });
}
