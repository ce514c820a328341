/** Real signals to a real process. */
import { spawn } from "node:child_process";
import { describe, expect, test } from "vitest";

const SCRIPT = `
  import { onInterrupt } from ${JSON.stringify(new URL("../../src/cli/interrupt.ts", import.meta.url).href)};
  const { signal } = onInterrupt(process.stderr);
  const step = setInterval(() => {}, 1000);
  signal.addEventListener("abort", () => {
    if (process.argv[1] === "polite") { clearInterval(step); process.exitCode = 130; }
    if (process.argv[1] === "slow") setTimeout(() => process.exit(7), 500);
  });
  console.log("ready");
`;

async function interrupted(
  manner: "polite" | "slow" | "busy",
  times: number,
  pauseMs = 0,
): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ["--input-type=module", "-e", SCRIPT, manner], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let said = "";
  await new Promise((ready) => child.stdout.once("data", ready));
  const exited = new Promise<number | null>((code) => child.once("exit", code));
  for (let i = 0; i < times; i++) {
    if (i > 0) await new Promise((later) => setTimeout(later, pauseMs));
    const heard = new Promise<void>((done) =>
      child.stderr.once("data", (text) => {
        said += String(text);
        done();
      }),
    );
    child.kill("SIGINT");
    if (i === 0) await heard;
  }
  return { code: await exited, said };
}

describe.runIf(process.platform !== "win32")("onInterrupt", () => {
  test("the first Ctrl-C lets the process end by itself", async () => {
    expect(await interrupted("polite", 1)).toEqual({ code: 130, said: "\nStopping. Ctrl-C again exits at once.\n" });
  });

  test("the second ends a process that is busy", async () => {
    expect((await interrupted("busy", 2, 500)).code).toBe(130);
  });

  test("the same one twice, as npm passes it on, is one", async () => {
    expect(await interrupted("slow", 2)).toEqual({ code: 7, said: "\nStopping. Ctrl-C again exits at once.\n" });
  });
});
