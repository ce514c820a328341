/**
 * Is my verifier right, and can it be gamed? The contract, run on a task of one's own.
 *
 *   node --conditions=rlvr-source examples/custom-task/check.ts
 *
 * prints
 *
 *   custom-task: 3 cases, 0 findings
 *   without its third case: 1 finding
 *   cases: no case is unparsed, expected at least one
 */
import { checkTask } from "rlvr/author";
import task from "./task.ts";

const findings = await checkTask(task);
console.log(`${task.name}: ${task.cases.length} cases, ${findings.length} findings`);

const worse = await checkTask({ ...task, cases: task.cases.slice(0, 2) });
console.log(`without its third case: ${worse.length} finding`);
for (const { check, message } of worse) console.log(`${check}: ${message}`);
