/**
 * `npm test`: types, style and every test. `npm test -- test/grpo` runs some tests alone.
 *
 * The last line is "N passed, N failed", whatever happens; types and style count as one each. Exits with 1 on any failure.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const only = process.argv.slice(2);
const counts = { passed: 0, failed: 0, skipped: 0 };

/** Runs one of our packages' programs with this Node; true if it ends with 0. */
function run(program, args) {
  const path = join(root, "node_modules", ...program.split("/"));
  return spawnSync(process.execPath, [path, ...args], { cwd: root, stdio: "inherit" }).status === 0;
}

function check(name, program, args) {
  const passed = run(program, args);
  counts[passed ? "passed" : "failed"]++;
  console.log(`${passed ? "ok" : "FAILED"}: ${name}`);
}

/** The counts that vitest left; a test file that did not load is one failure. */
function readCounts(file) {
  const report = JSON.parse(readFileSync(file, "utf8"));
  const broken = report.testResults.filter(
    ({ status, assertionResults }) => status === "failed" && !assertionResults.some((one) => one.status === "failed"),
  );
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function runTests() {
  const folder = mkdtempSync(join(tmpdir(), "rlvr-test-"));
  const file = join(folder, "report.json");
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const passed = run("vitest/vitest.mjs", ["run", ...reporters, ...only]);
  let found = { passed: 0, failed: 0, skipped: 0 };
  try {
    found = readCounts(file);
  } catch (error) {
    console.error(`vitest left no readable report: ${error.message}`);
  }
  rmSync(folder, { recursive: true, force: true });
  if (!passed && found.failed === 0) found.failed = 1; // it crashed, or an error belongs to no test
  for (const [name, count] of Object.entries(found)) counts[name] += count;
}

if (only.length === 0) {
  check("types", "typescript/bin/tsc", ["-p", ".", "--noEmit"]);
  check("style", "@biomejs/biome/bin/biome", ["check", "."]);
}
runTests();
if (counts.skipped > 0) console.log(`\n${counts.skipped} skipped`);
console.log(`\n${counts.passed} passed, ${counts.failed} failed`);
process.exitCode = counts.failed > 0 ? 1 : 0;
