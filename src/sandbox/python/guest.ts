/**
 * One interpreter in a box, from its start to its death. It serves one job and is never used again.
 *
 * Descriptor 3 carries one message a line, both ways (channel.py); 0, 1 and 2 are the guest's own. All that comes from it is
 * bounded here: what is longer than allowed ends the process.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import type { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BOX_ENVIRONMENT } from "../containment.ts";
import type { Limits } from "../limits.ts";
import { FLAGS, type Python } from "./find.ts";
import { offerToOomKiller, watchMemory } from "./memory-watch.ts";
import { processLimits } from "./process-limits.ts";
import { sweep } from "./sweep.ts";

/** How a wait for the guest ended. */
export type GuestEvent =
  | { readonly kind: "line"; readonly text: string }
  | { readonly kind: "exit"; readonly code: number | null; readonly signal: NodeJS.Signals | null }
  | { readonly kind: "flood" }
  | { readonly kind: "memory" }
  | { readonly kind: "timeout" }
  | { readonly kind: "aborted" };

export interface Launch {
  readonly python: Python;
  /** Source of what runs in the interpreter. */
  readonly program: string;
  readonly limits: Limits;
  /** Distinct among the boxes that run at a time. */
  readonly seat: number;
}

const PYTHON_ENVIRONMENT = { PYTHONHASHSEED: "0", PYTHONUTF8: "1", PYTHONSAFEPATH: "1" };
const READY = '{"ready":true}';
const START_MS = 20_000; // of a machine that is very busy
const CLOSE_MS = 1000; // between the death of a process and that of its pipes
/** Texts are escaped on the channel, at worst to six characters a character; a message has three of them and some names. */
const ESCAPED = 6 * 3;
const NAMES = 16 * 1024;

export class Guest {
  readonly #child: ChildProcess;
  readonly #marker = randomUUID();
  readonly #namespaces: boolean;
  readonly #folder: string | undefined;
  readonly #outputBytes: number;
  readonly #lineBytes: number;
  readonly #closed: Promise<void>;
  readonly #events: GuestEvent[] = [];
  #isBroken = false;
  #wake: (() => void) | undefined;
  #partial: Buffer[] = [];
  #partialBytes = 0;
  #killed: Promise<void> | undefined;
  #unwatch: (() => void) | undefined;
  readonly #memoryMb: number;
  readonly #outputs: Record<"stdout" | "stderr", Buffer[]> = { stdout: [], stderr: [] };
  readonly #written = { stdout: 0, stderr: 0 };

  constructor({ python, program, limits, seat }: Launch) {
    const { chain } = python.containment;
    this.#namespaces = /bwrap|unshare/.test(chain);
    this.#memoryMb = limits.addressSpaceMb;
    this.#outputBytes = limits.outputKb * 1024;
    this.#lineBytes = this.#outputBytes * ESCAPED + NAMES;
    if (!chain.includes("bwrap")) {
      // bubblewrap shows an empty /tmp; elsewhere a folder of its own is the best there is
      this.#folder = mkdtempSync(join(tmpdir(), "rlvr-box-"));
      chmodSync(this.#folder, 0o777);
    }
    const argv = python.containment.wrap([python.executable, ...FLAGS, "-c", program], seat, processLimits(limits)) as [
      string,
      ...string[],
    ];
    this.#child = spawn(argv[0], argv.slice(1), {
      cwd: this.#folder ?? "/",
      detached: true, // a process group, so that a signal reaches all of it
      env: { ...BOX_ENVIRONMENT, ...PYTHON_ENVIRONMENT, RLVR_BOX: this.#marker, HOME: this.#folder ?? "/tmp" },
      stdio: ["pipe", "pipe", "pipe", "pipe"],
    });
    this.#closed = new Promise((resolve) => {
      this.#child.once("close", () => resolve());
    });
    if (this.#child.pid !== undefined) offerToOomKiller(this.#child.pid);
    this.#listen();
  }

  /** Whether the interpreter is up and waits for its job. False is our fault: no guest code has run. */
  async ready(): Promise<boolean> {
    const event = await this.next(START_MS);
    return event.kind === "line" && event.text === READY;
  }

  /** Whether the process is gone. */
  get hasEnded(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  /** Guest code may run from now on. */
  send(line: string): void {
    this.#unwatch ??= watchMemory(this.#child.pid as number, this.#memoryMb, () => this.#break("memory"));
    this.#channel.write(`${line}\n`);
  }

  /** Gives the guest its standard input, up to its end. */
  endStdin(text = ""): void {
    this.#child.stdin?.end(text);
  }

  /** What the guest wrote to descriptors 1 and 2 so far, up to the limit. */
  written(stream: "stdout" | "stderr"): string {
    return Buffer.concat(this.#outputs[stream]).subarray(0, this.#outputBytes).toString("utf8");
  }

  /** Waits for the next line or the end of the process, at most `wallMs` milliseconds. Only the wait holds Node's loop. */
  async next(wallMs: number, signal?: AbortSignal): Promise<GuestEvent> {
    const deadline = performance.now() + wallMs;
    for (;;) {
      const event = this.#events[0];
      if (event !== undefined) {
        if (event.kind !== "exit") this.#events.shift(); // the end stays the end
        return event;
      }
      if (signal?.aborted) return { kind: "aborted" };
      const rest = deadline - performance.now();
      if (rest <= 0) return { kind: "timeout" };
      await this.#something(rest, signal);
    }
  }

  #something(ms: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", done);
        this.#wake = undefined;
        resolve();
      };
      const timer = setTimeout(done, Math.max(1, ms));
      signal?.addEventListener("abort", done);
      this.#wake = done;
    });
  }

  /** Ends every process of the box; resolves when they are gone. */
  kill(): Promise<void> {
    this.#killed ??= this.#end();
    return this.#killed;
  }

  async #end(): Promise<void> {
    this.#unwatch?.();
    if (!this.hasEnded || !this.#namespaces) this.#signal();
    if (!this.#namespaces) await sweep(this.#marker);
    await Promise.race([this.#closed, new Promise((resolve) => setTimeout(resolve, CLOSE_MS))]);
    for (const stream of this.#child.stdio) stream?.destroy();
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }

  /** At once, also where nobody can wait. */
  #signal(): void {
    const { pid } = this.#child;
    if (pid === undefined) return; // it never started
    try {
      process.kill(-pid, "SIGKILL");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error; // gone already
    }
  }

  get #channel(): Socket {
    return this.#child.stdio[3] as Socket;
  }

  #listen(): void {
    const child = this.#child;
    child.unref();
    for (const stream of child.stdio) {
      (stream as Socket | null)?.unref();
      stream?.on("error", () => {}); // a pipe that breaks is the death of the process, which is told by "exit"
    }
    for (const name of ["stdout", "stderr"] as const)
      child[name]?.on("data", (data: Buffer) => this.#onOutput(name, data));
    this.#channel.on("data", (data: Buffer) => this.#onChannel(data));
    child.once("error", () => this.#push({ kind: "exit", code: null, signal: null }));
    child.once("exit", (code, signal) => void this.#onExit(code, signal));
  }

  /** What was written before the end is still in the pipes; a child that holds them open is not waited for. */
  async #onExit(code: number | null, signal: NodeJS.Signals | null): Promise<void> {
    const timer = new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref());
    await Promise.race([this.#closed, timer]);
    this.#push({ kind: "exit", code, signal });
  }

  #onOutput(name: "stdout" | "stderr", data: Buffer): void {
    const room = this.#outputBytes - this.#written[name];
    this.#written[name] += data.length;
    if (room > 0) this.#outputs[name].push(data.subarray(0, room));
    if (this.#written[name] > this.#outputBytes) this.#break("flood");
  }

  #onChannel(data: Buffer): void {
    let rest = data;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      const text = Buffer.concat([...this.#partial, rest.subarray(0, end)]).toString("utf8");
      this.#partial = [];
      this.#partialBytes = 0;
      this.#push({ kind: "line", text });
      rest = rest.subarray(end + 1);
    }
    if (rest.length > 0) this.#partial.push(rest);
    this.#partialBytes += rest.length;
    if (this.#partialBytes > this.#lineBytes || this.#events.length > MOST_LINES) this.#break("flood");
  }

  /** Ends the process for what it did; the first such reason counts. */
  #break(kind: "flood" | "memory"): void {
    if (this.#isBroken) return;
    this.#isBroken = true;
    this.#signal();
    this.#push({ kind });
  }

  #push(event: GuestEvent): void {
    this.#events.push(event);
    this.#wake?.();
  }
}

/** Lines that wait to be read. Who keeps to the protocol has one. */
const MOST_LINES = 100;
