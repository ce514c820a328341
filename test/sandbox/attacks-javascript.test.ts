/**
 * What JavaScript of a model tries on the box: each attack with the endings that it may have, a bound on its time, and neighbors
 * that get right answers meanwhile and afterwards. In both runtimes; what is V8's own is tried in V8 alone.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Box, Run, RunOutcome } from "../../src/sandbox/job.ts";
import { openBox } from "../../src/sandbox/open.ts";
import type { Plain } from "../../src/sandbox/plain.ts";
import { calls, one, SHORT } from "./contract.ts";

/** Of an attack that runs into all limits, its slot's restart included, on a machine that is busy with other things. */
const BOUND_MS = 30_000;

type Attack = readonly [name: string, code: string, ...outcomes: RunOutcome[]];

const ENDLESS: readonly Attack[] = [
  ["a loop", "function f() { for (;;); }", "timeout"],
  ["a loop while it is loaded", "for (;;); function f() {}", "timeout"],
  [
    "a loop of microtasks",
    "const g = () => Promise.resolve().then(g); async function f() { g(); for (;;) await null; }",
    "timeout",
    "memory",
  ],
  ["a regular expression", "function f() { return /^(a+)+$/.test('a'.repeat(60) + 'b'); }", "timeout", "runtime_error"],
  ["a getter", "function f() { return { get x() { for (;;); } }; }", "timeout"],
  ["a proxy", "function f() { return new Proxy({}, { ownKeys() { for (;;); } }); }", "timeout"],
  ["a thenable", "function f() { return { then() { for (;;); } }; }", "timeout"],
  [
    "toString of an error",
    "function f() { const e = new Error(); Object.defineProperty(e, 'message', { get() { for (;;); } }); throw e; }",
    "timeout",
  ],
  ["an array as long as it says", "function f() { return new Array(2 ** 32 - 1); }", "output_limit", "timeout"],
  [
    "an endless length",
    "function f() { return new Proxy([], { get: (t, k) => k === 'length' ? Infinity : 1 }); }",
    "output_limit",
    "timeout",
  ],
  [
    "a generator",
    "function* g() { for (;;) yield 1; } function f() { return [...g()]; }",
    "timeout",
    "memory",
    "runtime_error",
    "crash",
  ],
  ["an interval", "function f() { return new Promise(() => setInterval(() => {}, 1)); }", "timeout"],
  ["a sort", "function f() { return Array.from({ length: 1e5 }, (_, i) => i).sort(() => { for (;;); }); }", "timeout"],
  ["a catch that goes on", "function f() { for (;;) try { for (;;) g(); } catch {} }", "timeout"],
  ["Atomics.wait", "function f() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); }", "runtime_error"],
  [
    "a loop under patched clocks",
    "Date.now = performance.now = () => 0; function f() { const t = Date.now(); while (Date.now() - t < 1); }",
    "timeout",
  ],
];

const BOMBS: readonly Attack[] = [
  ["objects", "function f() { const a = []; for (;;) a.push({ a }); }", "memory", "timeout", "crash"],
  [
    "arrays that double",
    "function f() { let a = [1]; for (;;) a = a.concat(a); }",
    "memory",
    "timeout",
    "runtime_error",
    "crash",
  ],
  ["texts that double", "function f() { let s = 'x'; for (;;) s += s; }", "runtime_error", "memory", "timeout"],
  ["buffers", "function f() { const a = []; for (;;) a.push(new ArrayBuffer(1e7)); }", "memory", "timeout"],
  ["recursion", "function f() { return f() + 1; }", "runtime_error"],
  [
    "recursion of the encoder",
    "function f() { let a = []; for (let i = 0; i < 1e5; i++) a = [a]; return a; }",
    "runtime_error",
  ],
  ["spread", "function f() { return Math.max(...new Array(1e7)); }", "runtime_error", "memory"],
  [
    "JSON",
    "function f() { let o = {}; for (let i = 0; i < 30; i++) o = [o, o]; return JSON.stringify(o); }",
    "memory",
    "timeout",
    "runtime_error",
    "crash",
  ],
  [
    "a shared value that grows when it is written",
    "function f() { let o = {}; for (let i = 0; i < 40; i++) o = [o, o]; return o; }",
    "output_limit",
  ],
  [
    "padStart",
    "function f() { return ''.padStart(2 ** 29 - 25, 'ab'); }",
    "output_limit",
    "memory",
    "timeout",
    "runtime_error",
  ],
  ["console.log without end", "function f() { for (;;) console.log('x'.repeat(1000)); }", "output_limit"],
  [
    "console.log behind a catch",
    "function f() { for (let i = 0; i < 99; i++) try { console.log('x'.repeat(1000)); } catch {} }",
    "output_limit",
  ],
  ["a huge error", "function f() { throw new Error('x'.repeat(1e6)); }", "runtime_error"],
];

/** What V8 or isolated-vm does not stop by itself. */
const UNSTOPPABLE: readonly Attack[] = [
  [
    "map of a huge array",
    "function f() { return new Array(2 ** 28).fill(0).map((x) => x); }",
    "memory",
    "timeout",
    "crash",
  ],
  ["split of a huge text", "function f() { return 'x'.repeat(2 ** 28).split(''); }", "memory", "crash"],
  ["BigInt that squares", "function f() { let n = 9n; for (;;) n = n * n; }", "timeout", "runtime_error"],
  ["BigInt power", "function f() { return 9n ** (9n ** 9n); }", "timeout", "runtime_error"],
  [
    "a Map without end",
    "function f() { const m = new Map(); for (let i = 0; ; i++) m.set(i, i); }",
    "memory",
    "timeout",
    "crash",
  ],
  ["WebAssembly", "function f() { return new WebAssembly.Memory({ initial: 20000 }); }", "runtime_error"],
];

/** Leaving, and what a guest must not have. */
const ESCAPES: readonly Attack[] = [
  ["process.exit", "function f() { process.exit(0); }", "runtime_error"],
  ["process.exit while it is loaded", "process.exit(0); function f() {}", "runtime_error"],
  ["process.exit behind a catch", "function f() { try { process.exit(0); } catch {} throw 1; }", "runtime_error"],
  ["process.abort", "function f() { process.abort(); }", "runtime_error"],
  ["process.kill", "function f() { process.kill(process.pid, 9); }", "runtime_error"],
  ["child_process", "function f() { return require('child_process').execSync('id').toString(); }", "runtime_error"],
  ["node:net", "function f() { return require('node:net').connect(80).toString(); }", "runtime_error"],
  [
    "worker_threads",
    "function f() { return new (require('worker_threads').Worker)('1', { eval: true }); }",
    "runtime_error",
  ],
  ["fetch", "async function f() { return (await fetch('http://127.0.0.1')).status; }", "runtime_error"],
  [
    "import()",
    "async function f() { return (await import('node:fs')).readFileSync('/etc/passwd', 'utf8'); }",
    "runtime_error",
  ],
  ["a file", "function f() { return require('fs').readFileSync('/etc/passwd', 'utf8'); }", "runtime_error"],
  ["/proc", "function f() { return require('fs').readFileSync('/proc/self/environ', 'utf8'); }", "runtime_error"],
  ["a file to write", "function f() { require('fs').writeFileSync('/tmp/left', 'x'); }", "runtime_error"],
  ["process.binding", "function f() { return process.binding('fs'); }", "runtime_error"],
  ["process.dlopen", "function f() { process.dlopen(module, '/x.node'); }", "runtime_error"],
  ["process.mainModule", "function f() { return process.mainModule.require('fs').readdirSync('/'); }", "runtime_error"],
  ["isolated-vm", "function f() { return new ivm.ExternalCopy({}); }", "runtime_error"],
  ["a function as result", "function f() { return () => 1; }", "runtime_error"],
  [
    "an object that cannot be read",
    "function f() { return new Proxy({}, { ownKeys() { throw 1; } }); }",
    "runtime_error",
  ],
  [
    "an error that cannot be shown",
    "function f() { throw new Proxy(new Error(), { get() { throw 1; } }); }",
    "runtime_error",
  ],
];

/** What is patched, and f returns 41 where 42 is right: nothing may turn it into something else. */
const TAMPERING = [
  "JSON.stringify = () => '42'; JSON.parse = () => 42; globalThis.JSON = { stringify: () => '42', parse: () => 42 };",
  "Number.prototype.toJSON = Object.prototype.toJSON = () => 42;",
  "for (const k of Object.getOwnPropertyNames(Array.prototype)) try { Array.prototype[k] = () => 42; } catch {}",
  "for (const k of Object.getOwnPropertyNames(String.prototype)) try { String.prototype[k] = () => '42'; } catch {}",
  "Object.keys = Object.entries = Reflect.ownKeys = () => []; Object.defineProperty = () => {};",
  "Array.prototype[Symbol.iterator] = function* () { yield 42; };",
  "Object.defineProperty(Object.prototype, 'value', { get: () => '42', set() {}, configurable: true });",
  "Object.defineProperty(Object.prototype, 'state', { value: 'done' }); Object.prototype.outcome = 'ok';",
  "Object.defineProperty(Array.prototype, '0', { get: () => 42, set() {} });",
  "Promise.prototype.then = (ok) => ok(42); Promise.resolve = () => 42;",
  "globalThis.eval = () => () => 42; globalThis.Function = () => () => 42;",
  "Number.isFinite = Number.isNaN = Object.is = () => false; Math.max = () => 42; String = Number = () => 42;",
  "console.log = process.stdout.write = () => {}; globalThis.globalThis = {}; globalThis.module = { exports: { f: () => 42 } };",
  "Error.prepareStackTrace = () => '42'; Error.stackTraceLimit = 0;",
  "Object.freeze(Object.prototype); Object.freeze(Array.prototype); Object.freeze(globalThis);",
  'console.log(\'{"is":"run","job":"x","run":{"id":"#0","outcome":"ok","value":"42"}}\\n\');',
];

for (const runtime of ["isolated-vm", "quickjs"] as const) {
  describe(`in ${runtime}`, () => {
    let box: Box;
    let isOver = false;
    const neighbors: Promise<void>[] = [];
    let served = 0;
    const wrong: Run[] = [];

    const call = (code: string, ...args: Plain[]) => one(box, calls({ language: "javascript" }, code, "f", args));

    beforeAll(async () => {
      box = await openBox({ languages: ["javascript"], runtime, slots: 2 });
      neighbors.push(serveNeighbors());
    });
    afterAll(async () => {
      isOver = true;
      await Promise.all(neighbors);
      await box?.close();
    });

    /** One after the other, so that an attack is never alone. */
    async function serveNeighbors(): Promise<void> {
      while (!isOver) {
        const run = await call("const f = (n) => { globalThis.left ??= 0; return n + ++globalThis.left; }", served);
        if (run.value !== served + 1) wrong.push(run);
        served++;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }

    const attacks = [...ENDLESS, ...BOMBS, ...UNSTOPPABLE, ...ESCAPES];
    test.each(attacks)("%s", { timeout: BOUND_MS }, async (_, code, ...outcomes) => {
      const { outcome, message } = await call(code);
      expect(outcomes, message).toContain(outcome);
    });

    test.each(TAMPERING)("a wrong answer stays wrong under %s", async (patch) => {
      const run = await call(`${patch}\nfunction f() { return 41; }`);
      expect([41, undefined]).toContain(run.value);
      expect(["ok", "runtime_error"]).toContain(run.outcome);
      expect((await call("function f() { return 42; }")).value).toBe(42);
    });

    test("objects that claim to equal anything arrive as plain data", async () => {
      const code = `function f() {
        return { valueOf: 1, toJSON: "x", get secret() { return 3; }, __proto__: { inherited: true }, ["__proto__"]: { admin: true } };
      }`;
      const { value } = await call(code);
      expect(Object.getPrototypeOf(value)).toBe(null);
      expect(JSON.stringify(Object.entries(value as object))).toBe(
        '[["valueOf",1],["toJSON","x"],["secret",3],["__proto__",{"admin":true}]]',
      );
      expect(({} as { admin?: boolean }).admin).toBe(undefined);
    });

    test("the guest holds neither ids, other calls, expected values nor the host's secrets", async () => {
      process.env.RLVR_TEST_SECRET = "secret-of-the-host";
      const code = `
        Error.prepareStackTrace = (_, frames) => frames;
        function f(own) {
          const seen = new Set(), texts = [];
          const visit = (value, depth) => {
            if (typeof value === "string") return void texts.push(value);
            if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value) || depth > 9) return;
            seen.add(value);
            for (const key of Reflect.ownKeys(value)) try { texts.push(String(key)); visit(value[key], depth + 1); } catch {}
            visit(Object.getPrototypeOf(value), depth + 1);
            if (typeof value === "function") texts.push(Function.prototype.toString.call(value));
          };
          visit(globalThis, 0);
          visit((() => {}).constructor("return this")(), 0);
          const frames = new Error().stack;
          if (Array.isArray(frames)) for (const frame of frames) {
            visit(frame.getThis(), 0); visit(frame.getFunction(), 0); texts.push(String(frame.getFileName()));
          }
          const needles = [["first", "argument"], ["second", "argument"], ["id", "of-a-call"], ["secret", "of-the-host"]].map((words) => words.join("-"));
          return needles.filter((needle) => needle !== own && texts.some((text) => text.includes(needle)));
        }`;
      const job = {
        ...calls({ language: "javascript" }, code, "f"),
        limits: { ...SHORT, cpuMs: 10_000, wallMs: 20_000 },
      };
      const ids = ["id-of-a-call 1", "id-of-a-call 2"];
      const { runs } = await box.run({
        ...job,
        calls: ids.map((id, i) => ({ id, args: [["first-argument", "second-argument"][i] as string] })),
      });
      delete process.env.RLVR_TEST_SECRET;
      expect(runs.map(({ value, message }) => [value, message])).toEqual(Array(2).fill([[], ""]));
    });

    test("the constructor of a constructor finds a process without the host's powers", async () => {
      const code = `function f() {
        const found = f.constructor.constructor("return process")();
        return [Object.keys(found.env).length, ...["binding", "dlopen", "kill", "mainModule", "_linkedBinding", "getBuiltinModule"].map((k) => typeof found[k])];
      }`;
      expect((await call(code)).value).toEqual([0, ...Array(6).fill("undefined")]);
    });

    test("a promise that settles after its verdict changes nothing", async () => {
      const code = `
        let resolveLater; const later = new Promise((resolve) => { resolveLater = resolve; });
        function f(n) {
          if (n === 0) { setTimeout(() => { console.log("late"); resolveLater(42); throw new Error("late"); }, 1); return 41; }
          return n;
        }`;
      const { runs } = await box.run(calls({ language: "javascript" }, code, "f", [0], [1], [2]));
      expect(runs.map(({ outcome, value }) => [outcome, value])).toEqual([
        ["ok", 41],
        ["ok", 1],
        ["ok", 2],
      ]);
    });

    test("a rejection that nobody handles is at most an error, as in Node, and of that run alone", async () => {
      const code = "function f(n) { if (n === 0) Promise.reject(new Error('late')); return n; }";
      const { runs } = await box.run(calls({ language: "javascript" }, code, "f", [0], [1]));
      expect(["ok", "runtime_error"]).toContain(runs[0]?.outcome);
      expect(runs[1]).toMatchObject({ outcome: "ok", value: 1 });
    });

    test("tests see nothing of what a candidate does to its own asserts", async () => {
      const code =
        "globalThis.assert = () => {}; assert.equal = () => {}; console.assert = () => {}; const f = () => 41;";
      const candidate = await box.open({ language: "javascript", code, limits: SHORT });
      const tests = "assert.equal(f(), 42);";
      const result = await box.test({ language: "javascript", tests, entries: ["f"], limits: SHORT }, candidate);
      expect(result.outcome).toBe("failed");
      await candidate.close();
    });

    test("a candidate that leads the tests past their asserts has not passed", async () => {
      const candidate = await box.open({ language: "javascript", code: "const f = () => [];", limits: SHORT });
      const tests = "for (const x of f()) assert.equal(x, 1);";
      const result = await box.test({ language: "javascript", tests, entries: ["f"], limits: SHORT }, candidate);
      expect(result).toMatchObject({ outcome: "failed", asserts: 0 });
      await candidate.close();
    });

    test("a candidate that keeps the tests busy has not passed, and is graded", async () => {
      const candidate = await box.open({ language: "javascript", code: "const f = () => 1e15;", limits: SHORT });
      const tests = "let sum = 0; for (let i = 0; i < f(); i++) sum += i; assert(sum > 0);"
        .replace("f()", "n")
        .replace("let", "const n = f(); let");
      const limits = { ...SHORT, totalMs: 800 };
      const result = await box.test({ language: "javascript", tests, entries: ["f"], limits }, candidate);
      expect(result.outcome).toBe("failed");
      await candidate.close();
    });

    test("neither a file nor a port of the host can be reached", async () => {
      const folder = mkdtempSync(join(tmpdir(), "rlvr-secret-"));
      writeFileSync(join(folder, "secret"), "secret-of-the-host", { mode: 0o644 });
      let connections = 0;
      const server = createServer(() => connections++).listen(0, "127.0.0.1");
      await new Promise((resolve) => server.once("listening", resolve));
      const { port } = server.address() as AddressInfo;
      const code = `async function f() {
        const tries = [() => require("fs").readFileSync(${JSON.stringify(join(folder, "secret"))}, "utf8"),
          () => fetch("http://127.0.0.1:${port}"), () => require("net").connect(${port}), () => new WebSocket("ws://127.0.0.1:${port}"),
          () => import(${JSON.stringify(join(folder, "secret"))})];
        const got = [];
        for (const attempt of tries) try { got.push(String(await attempt())); } catch {}
        return got;
      }`;
      expect((await call(code)).value).toEqual([]);
      expect(connections).toBe(0);
      server.close();
      rmSync(folder, { recursive: true });
    });

    test("neighbors got right answers all the time, and still do", async () => {
      isOver = true;
      await Promise.all(neighbors);
      expect(wrong).toEqual([]);
      expect(served).toBeGreaterThan(attacks.length);
      const values = await Promise.all(Array.from({ length: 8 }, (_, n) => call("const f = (n) => n * n;", n)));
      expect(values.map(({ value }) => value)).toEqual([0, 1, 4, 9, 16, 25, 36, 49]);
    });
  });
}
