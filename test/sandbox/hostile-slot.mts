/**
 * A slot process that a guest has taken over: it passes the control job of its start, and then says what its argument names.
 * A real process of its own for the tests of the pool; nothing in it is the pool's.
 */
import { Socket } from "node:net";

const [behavior = ""] = process.argv.slice(2);
const channel = new Socket({ fd: 3, readable: true, writable: true });
const say = (...messages: unknown[]) => {
  for (const message of messages) channel.write(typeof message === "string" ? message : `${JSON.stringify(message)}\n`);
};
const ended = { outcome: "ok", stdout: "", stderr: "", message: "", ms: 0 };

function misbehave(job: string, ids: string[]): void {
  const began = { is: "began", job };
  const run = (id: string, more: object = {}) => ({ is: "run", job, run: { id, ...ended, value: "42", ...more } });
  const [first = "", second = ""] = ids;
  const done = { is: "done", job };
  const behaviors: Record<string, () => void> = {
    "no JSON": () => say(began, "nothing like it\n"),
    "another shape": () => say(began, { is: "run", job, run: { id: first, verdict: "passed" } }),
    "an unknown outcome": () => say(began, run(first, { outcome: "passed" })),
    "another job": () => say(began, { ...run(first), job: "another" }),
    "another id": () => say(began, run("another")),
    "an id out of turn": () => say(began, run(second), run(first), done),
    "an id twice": () => say(began, run(first), began, run(first), done),
    "runs left out": () => say(began, done),
    "a value that is none": () => say(began, run(first, { value: '{"$":"nothing"}' })),
    "a line without end": () => {
      say(began);
      setInterval(() => say("x".repeat(65536)), 1);
    },
    "a tester's words": () => say(began, { is: "tested", job, asserts: 9, outcome: "ok", message: "" }),
    "the machine blamed": () => say(began, run(first, { outcome: "sandbox_error" })),
    "an exit": () => {
      say(began);
      setTimeout(() => process.exit(0), 20);
    },
    "an exit before it began": () => process.exit(0),
    "nothing at all": () => {
      say(began);
      for (;;);
    },
    "more after it is done": () => say(began, run(first), began, run(second), done, run(first, { value: "43" })),
  };
  behaviors[behavior]?.();
}

let rest = "";
channel.setEncoding("utf8");
channel.on("close", () => process.exit(0));
channel.on("data", (chunk: string) => {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop() as string;
  for (const line of lines) {
    const { job, calls } = JSON.parse(line) as { job: string; calls: { id: string }[] };
    const ids = calls.map(({ id }) => id);
    if (ids[0] !== "control") misbehave(job, ids);
    else if (behavior === "a wrong control")
      say({ is: "run", job, run: { id: "control", ...ended, value: "6" } }, { is: "done", job });
    else say({ is: "run", job, run: { id: "control", ...ended, value: "5" } }, { is: "done", job });
  }
});
if (behavior !== "silence") say({ is: "ready", runtime: "a guest's" });
