/** One slot process as the pool sees it: started, spoken to, killed, and what can be told from its death. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { BOX_ENVIRONMENT } from "../containment.ts";
import type { RunOutcome } from "../job.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Launcher } from "./launch.ts";
import { CHANNEL, type ToSlot } from "./protocol.ts";
import { FromSlot } from "./reply.ts";

/** Node, an isolate and a control job on a busy machine. */
const START_TIMEOUT_MS = 20_000;
const STDERR_CHARACTERS = 16_384;
/** A line holds texts of a run that JSON escapes up to twice. */
const ESCAPING = 12;
const LINE_CHARACTERS = 64 * 1024;

export interface Death {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it last wrote to stderr. */
  readonly stderr: string;
  /** Why the pool killed it, where it did. */
  readonly killed: { readonly outcome: RunOutcome; readonly message: string } | null;
}

/** What comes from a slot while somebody listens. */
export interface SlotListener {
  message(message: FromSlot): void;
  died(death: Death): void;
}

export class SlotProcess {
  jobs = 0;
  readonly #child: ChildProcess;
  readonly #channel: Socket;
  #listener: SlotListener | null = null;
  #rest = "";
  #stderr = "";
  #killed: Death["killed"] = null;
  #death: Death | null = null;
  #lineLimit = LINE_CHARACTERS;

  constructor(launcher: Launcher, seat: number) {
    const [file = "", ...argv] = launcher.argv(seat);
    this.#child = spawn(file, argv, { cwd: "/", env: BOX_ENVIRONMENT, stdio: ["ignore", "ignore", "pipe", "pipe"] });
    this.#channel = this.#child.stdio[CHANNEL] as unknown as Socket;
    this.#channel.setEncoding("utf8");
    this.#channel.on("data", (chunk: string) => this.#take(chunk));
    this.#channel.on("error", () => {}); // the process' end says it
    this.#child.stderr?.setEncoding("utf8");
    this.#child.stderr?.on("data", (chunk: string) => {
      this.#stderr = (this.#stderr + chunk).slice(-STDERR_CHARACTERS);
    });
    this.#child.once("error", (error) => this.#end(null, null, error.message));
    // "close" and not "exit": what it said before its end has been read
    this.#child.once("close", (code, signal) => this.#end(code, signal, this.#stderr));
  }

  /**
   * Starts a process and has it do a control job: one that cannot add is no place for anybody's code.
   *
   * @throws Error with what the process said
   */
  static async start(launcher: Launcher, seat: number): Promise<SlotProcess> {
    const slot = new SlotProcess(launcher, seat);
    const job = randomUUID();
    const control: ToSlot = {
      ...{ do: "calls", job, language: "javascript", limits: { ...DEFAULT_LIMITS, wallMs: START_TIMEOUT_MS } },
      ...{ code: "function add(a, b) { return a + b; }", entry: "add", calls: [{ id: "control", args: "[2,3]" }] },
    };
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => slot.kill("sandbox_error", "it did not start in time"), START_TIMEOUT_MS);
      let answer = "nothing";
      slot.listen({
        message(message) {
          if (message.is === "ready") slot.send(control);
          if (message.is === "run") answer = message.run.value ?? message.run.message;
          if (message.is !== "done") return;
          clearTimeout(timer);
          if (answer === "5") resolve();
          else reject(new Error(`a slot says 2 + 3 = ${answer}`));
        },
        died({ stderr, killed, code, signal }) {
          clearTimeout(timer);
          const how = killed?.message ?? `it ended with ${signal ?? `status ${code}`}`;
          reject(new Error(`a slot did not start: ${how}${stderr === "" ? "" : `\n${stderr.trim()}`}`));
        },
      });
    }).catch((error: unknown) => {
      slot.kill("sandbox_error", "it did not start");
      throw error;
    });
    slot.rest();
    return slot;
  }

  /** Of the outermost layer. */
  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get isAlive(): boolean {
    return this.#death === null && this.#killed === null;
  }

  /** Who listens hears of a death that has already been. */
  listen(listener: SlotListener): void {
    this.#listener = listener;
    this.#child.ref();
    this.#channel.ref();
    if (this.#death) listener.died(this.#death);
  }

  /** Nobody waits for it: what it says now is unasked for, and it does not keep the program alive. */
  rest(): void {
    this.#listener = null;
    this.#child.unref();
    this.#channel.unref();
    (this.#child.stderr as Socket | null)?.unref();
  }

  send(message: ToSlot): void {
    if ("limits" in message) this.#lineLimit = LINE_CHARACTERS + ESCAPING * 1024 * message.limits.outputKb;
    this.#channel.write(`${JSON.stringify(message)}\n`);
  }

  kill(outcome: RunOutcome, message: string): void {
    this.#killed ??= { outcome, message };
    this.#child.kill("SIGKILL");
  }

  #take(chunk: string): void {
    const lines = (this.#rest + chunk).split("\n");
    this.#rest = lines.pop() as string;
    for (const line of lines) {
      if (this.#killed) return; // whatever follows is of no interest any more
      const message = line.length > this.#lineLimit ? null : parse(line);
      if (message && this.#listener) this.#listener.message(message);
      else this.kill("crash", "the slot said what no slot says");
    }
    if (this.#rest.length > this.#lineLimit) this.kill("crash", "the slot said more than it may");
  }

  #end(code: number | null, signal: NodeJS.Signals | null, stderr: string): void {
    if (this.#death) return;
    this.#death = { code, signal, stderr, killed: this.#killed };
    this.#listener?.died(this.#death);
  }
}

function parse(line: string): FromSlot | null {
  try {
    return FromSlot.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null; // no JSON is as wrong as JSON of another shape
  }
}

const OUT_OF_MEMORY =
  /out of memory|allocation failed|invalid (?:array|table|string) (?:length|size)|invalid size error|bad_alloc/i;

/** How the run ended during which a slot died. */
export function causeOfDeath({ code, signal, stderr, killed }: Death): { outcome: RunOutcome; message: string } {
  if (killed) return killed;
  const how = signal ?? (code !== null && code > 128 ? `signal ${code - 128}` : `status ${code}`);
  const isMemory = OUT_OF_MEMORY.test(stderr);
  const said = /^(?:#\s*)?(.*(?:FATAL|Fatal|fatal).*)$/m.exec(stderr)?.[1] ?? "";
  const message = `the guest's process ended with ${how}${said === "" ? "" : `: ${said}`}`;
  return { outcome: isMemory ? "memory" : "crash", message };
}
