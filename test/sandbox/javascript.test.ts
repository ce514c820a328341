/** The contract of boxes on both JavaScript runtimes, and what only JavaScript has. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Box, Language, Run } from "../../src/sandbox/job.ts";
import { openBox } from "../../src/sandbox/open.ts";
import type { Plain } from "../../src/sandbox/plain.ts";
import { calls, describeBox, one, SHORT } from "./contract.ts";
import { JAVASCRIPT } from "./javascript-snippets.ts";

for (const runtime of ["isolated-vm", "quickjs"] as const) {
  const open = () => openBox({ languages: ["javascript", "typescript"], runtime, slots: 2 });
  describeBox(`the box of ${runtime}`, open, JAVASCRIPT);

  describe(`JavaScript in ${runtime}`, () => {
    let box: Box;
    beforeAll(async () => {
      box = await open();
    });
    afterAll(() => box?.close());

    const call = (code: string, ...args: Plain[]) => one(box, calls({ language: "javascript" }, code, "f", args));
    async function program(code: string, stdin = "", language: Language = "javascript"): Promise<Run> {
      const { runs } = await box.run({ kind: "program", language, code, limits: SHORT, inputs: [{ id: "a", stdin }] });
      return runs[0] as Run;
    }

    test.each([
      ["a promise", "async function f() { await null; return 7; }"],
      ["timers", "const f = () => new Promise((done) => setTimeout(done, 3_600_000, 7));"],
      [
        "a chain of callbacks",
        "const f = () => new Promise((done) => { let n = 0; const next = () => ++n > 6 ? done(n) : setImmediate(next); next(); });",
      ],
      ["export", "export function f() { return 7; }"],
      ["export default", "export default function f() { return 7; }"],
      ["export list", "const f = () => 7;\nexport { f };"],
      ["module.exports", "module.exports = { f: () => 7 };"],
      ["module.exports itself", "module.exports = () => 7;"],
      [
        "import",
        'import { readFileSync as read } from "node:fs";\nexport const f = () => typeof read === "function" ? 7 : 0;',
      ],
    ])("waits for and finds %s", async (_, code) => {
      expect(await call(code)).toMatchObject({ outcome: "ok", value: 7, message: "" });
    });

    test("is an error where a promise never settles or rejects", async () => {
      expect(await call("const f = () => new Promise(() => {})")).toMatchObject({ outcome: "runtime_error" });
      const rejected = await call("async function f() { throw new TypeError('no'); }");
      expect(rejected).toMatchObject({ outcome: "runtime_error", error: "TypeError" });
      expect(rejected.message).toContain("TypeError: no");
    });

    test("says where an error came from, in the lines of the code", async () => {
      const { message } = await call("function f() {\n  return g();\n}\nfunction g() {\n  null.x;\n}");
      expect(message).toMatch(/solution\.js:5/);
      expect(message).not.toContain("prelude");
    });

    test("runs TypeScript, enums included", async () => {
      const code =
        "enum Color { Red = 3 }\nexport function f<T extends number>(x: T): number { return x * Color.Red; }";
      const run = await one(box, calls({ language: "typescript" }, code, "f", [2]));
      expect(run).toMatchObject({ outcome: "ok", value: 6 });
      const broken = await one(box, calls({ language: "typescript" }, "function f(: number) {}", "f", [2]));
      expect(broken.outcome).toBe("compile_error");
    });

    test.each([
      ["fs", 'console.log(require("fs").readFileSync("/dev/stdin").toString().trim().split("\\n").join("+"));'],
      [
        "readline events",
        'const all = []; require("readline").createInterface({ input: process.stdin }).on("line", (l) => all.push(l)).on("close", () => console.log(all.join("+")));',
      ],
      [
        "async lines",
        'const rl = require("node:readline").createInterface({ input: process.stdin }); (async () => { const all = []; for await (const l of rl) all.push(l); console.log(all.join("+")); })();',
      ],
      [
        "questions",
        'const rl = require("readline").createInterface({}); rl.question("", (a) => rl.question("", (b) => { console.log(a + "+" + b); rl.close(); }));',
      ],
      [
        "data events",
        'let text = ""; process.stdin.on("data", (c) => { text += c; }); process.stdin.on("end", () => console.log(text.trim().replace("\\n", "+")));',
      ],
      [
        "readable events",
        'let t = ""; process.stdin.setEncoding("utf8"); process.stdin.on("readable", () => { let c; while ((c = process.stdin.read()) !== null) t += c; }); process.stdin.on("end", () => console.log(t.trim().replace("\\n", "+")));',
      ],
      [
        "chunks",
        'const c = []; process.stdin.on("data", (d) => c.push(d)).on("end", () => console.log(Buffer.concat(c).toString("utf8").trim().replace("\\n", "+")));',
      ],
      [
        "async chunks",
        '(async () => { let t = ""; for await (const c of process.stdin) t += c; console.log(t.trim().replace("\\n", "+")); })();',
      ],
      ["readline()", 'const a = readline(), b = readline(); print(a + "+" + b);'],
      [
        "top-level await",
        'import * as readline from "node:readline/promises"; const rl = readline.createInterface({ input: process.stdin }); const a = await rl.question(""); const b = await rl.question(""); console.log(a + "+" + b);',
      ],
      [
        "main",
        'if (require.main === module) { const [a, b] = require("fs").readFileSync(0, "utf8").split("\\n"); process.stdout.write(a + "+" + b + "\\n"); process.exit(0); }',
      ],
    ])("reads standard input by %s", async (_, code) => {
      expect(await program(code, "ä\nb\n")).toMatchObject({ outcome: "ok", stdout: "ä+b\n", message: "" });
    });

    test("runs a program in TypeScript", async () => {
      const code =
        'import * as fs from "fs";\nconst n: number = Number(fs.readFileSync(0, "utf-8"));\nconsole.log(n * 2);';
      expect(await program(code, "21", "typescript")).toMatchObject({ outcome: "ok", stdout: "42\n" });
    });

    test("ends a program as its exit code says", async () => {
      expect(await program("console.log(1); process.exit(0); console.log(2);")).toMatchObject({
        outcome: "ok",
        stdout: "1\n",
      });
      expect(await program("try { process.exit(3); } catch {} console.log(2);")).toMatchObject({
        outcome: "runtime_error",
        stdout: "",
      });
      expect((await program("setTimeout(() => { throw new Error('late'); }, 5)")).outcome).toBe("runtime_error");
      expect((await program("const x = await Promise.reject(new Error('no'));")).outcome).toBe("runtime_error");
    });

    test("keeps stdout and stderr apart, and shows values as Node does", async () => {
      const code = `
        console.log("%s is %d%%", "a", 5, [1, "x", { y: null }], new Map([["k", new Set([1])]]));
        console.error(new Error("bad").message); console.log(-0, 5n, undefined, [undefined, -0], { "a-b": [[[[]]]] });`;
      expect(await program(code)).toMatchObject({
        stdout:
          "a is 5% [ 1, 'x', { y: null } ] Map(1) { 'k' => Set(1) { 1 } }\n-0 5n undefined [ undefined, -0 ] { 'a-b': [ [ [Array] ] ] }\n",
        stderr: "bad\n",
      });
    });

    test("passes a candidate's error on to the tests that expect it", async () => {
      const code = "function f(x) { if (x < 0) throw new RangeError('negative'); return [x]; }";
      const candidate = await box.open({ language: "javascript", code, limits: SHORT });
      const tests = `
        const assert = require("node:assert");
        assert.deepStrictEqual(f(1), [1]);
        assert.throws(() => f(-1), RangeError);
        assert.throws(() => f(-1), { message: "negative" });
        assert.strictEqual((await f(2))[0], 2);
        console.assert(f(3).length === 1);`;
      const result = await box.test({ language: "javascript", tests, entries: ["f"], limits: SHORT }, candidate);
      expect(result).toMatchObject({ outcome: "ok", asserts: 5, message: "" });
      await candidate.close();
    });
  });
}
