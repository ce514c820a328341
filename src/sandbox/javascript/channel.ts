/** The slot's end of the line to its pool. When the pool's end closes, however it died, the slot ends too. */
import { readSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { CHANNEL, type SlotAnswer, type ToSlot } from "./protocol.ts";
import type { FromSlot } from "./reply.ts";

export interface Channel {
  send(message: FromSlot): void;
  /** Hands messages on as they come. */
  listen(take: (message: ToSlot) => void): void;
  /** Blocks until the next message, for a guest that cannot wait otherwise. */
  nextSync(): SlotAnswer;
}

const PAUSE_MS = 1;

export function openChannel(): Channel {
  const socket = new Socket({ fd: CHANNEL, readable: true, writable: true });
  let rest = "";

  /** Synchronous, so that a verdict is out before a process that cannot be trusted any more ends itself. */
  function send(message: FromSlot): void {
    let bytes = Buffer.from(`${JSON.stringify(message)}\n`);
    while (bytes.length > 0) {
      try {
        bytes = bytes.subarray(writeSync(CHANNEL, bytes));
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") process.exit(1);
        pause();
      }
    }
  }

  function listen(take: (message: ToSlot) => void): void {
    socket.setEncoding("utf8");
    socket.on("data", (chunk: string) => {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop() as string;
      for (const line of lines) take(JSON.parse(line) as ToSlot);
    });
    socket.on("close", () => process.exit(0));
    socket.on("error", () => process.exit(0));
  }

  function nextSync(): SlotAnswer {
    const chunk = Buffer.alloc(65536);
    let bytes = Buffer.from(rest);
    while (!bytes.includes(10)) {
      try {
        const count = readSync(CHANNEL, chunk);
        if (count === 0) process.exit(0);
        bytes = Buffer.concat([bytes, chunk.subarray(0, count)]);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") process.exit(1);
        pause();
      }
    }
    const end = bytes.indexOf(10);
    rest = bytes.subarray(end + 1).toString();
    return JSON.parse(bytes.subarray(0, end).toString()) as SlotAnswer;
  }

  return { send, listen, nextSync };
}

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
}
