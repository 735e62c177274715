#!/usr/bin/env node
// Every check of the repository, from a clone that has nothing but Node and npm:
// install and build where needed, then format and lint, layers, types, tests (packaging among them).
// Ends with the line `N passed, N failed` (and `, N skipped`); exit code 1 when anything failed.
import { spawnSync } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { PrepareError, prepare, root } from "./prepare.mjs";

const report = join(root, "node_modules/.cache/vitest.json");
const totals = { passed: 0, failed: 0, skipped: 0 };

const say = (line) => process.stdout.write(`${line}\n`);

/** Runs one check that passes or fails as a whole. */
function check(name, work) {
  say(`\n== ${name}`);
  const start = performance.now();
  let failure;
  try {
    work();
  } catch (error) {
    if (!(error instanceof PrepareError)) throw error;
    failure = error.message;
  }
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  say(`${name}: ${failure ?? "ok"} (${seconds} s)`);
  totals[failure ? "failed" : "passed"]++;
  return !failure;
}

/** Runs a script of node_modules or of the repository on this Node. */
function runNode(step, script, args = []) {
  const { status } = spawnSync(process.execPath, [join(root, script), ...args], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (status !== 0) throw new PrepareError(`${step} failed; see above`);
}

const ready = check("install and build", () => prepare((line) => say(line)));
if (ready) {
  check("format and lint", () =>
    runNode("biome", "node_modules/@biomejs/biome/bin/biome", ["check"]),
  );
  check("layers", () => runNode("layers", "scripts/check-layers.mjs"));
  // One program over all packages; each package's own, stricter one was checked by its build.
  check("types", () => runNode("tsc", "node_modules/typescript/bin/tsc", ["--project", "."]));
  runTests();
}

const skipped = totals.skipped > 0 ? `, ${totals.skipped} skipped` : "";
say(`\n${totals.passed} passed, ${totals.failed} failed${skipped}`);
process.exitCode = totals.failed > 0 ? 1 : 0;

function runTests() {
  say("\n== tests");
  rmSync(report, { force: true });
  const { status } = spawnSync(
    process.execPath,
    [
      join(root, "node_modules/vitest/vitest.mjs"),
      "run",
      "--reporter=dot",
      "--reporter=json",
      `--outputFile.json=${relative(root, report)}`,
    ],
    { cwd: root, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, CI: "1" } },
  );
  let results;
  try {
    results = JSON.parse(readFileSync(report, "utf8"));
  } catch {
    say("tests: no report was written");
    totals.failed++;
    return;
  }
  totals.passed += results.numPassedTests;
  totals.skipped += results.numPendingTests + results.numTodoTests;
  // A file that fails before its first test, or a stray rejection, fails no test of its own.
  const brokenFiles = results.testResults.filter(
    ({ status, assertionResults }) =>
      status === "failed" && assertionResults.every((test) => test.status !== "failed"),
  ).length;
  const failed = results.numFailedTests + brokenFiles;
  totals.failed += failed === 0 && status !== 0 ? 1 : failed;
}
