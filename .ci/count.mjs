// Prints "N passed, N failed" from tap's closing line "# { total: 64, pass: 63, fail: 1 }":
// node count.mjs <log> <exit code of the tests> <failed checks>. Exits non-zero when anything failed
// or when no test ran.
import { readFileSync } from 'node:fs';

const [file, exitCode, failedChecks] = process.argv.slice(2);
const totals = readFileSync(file, 'utf8').match(/^# \{ total: .*\}/gm)?.at(-1) ?? '';
const count = (name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(totals)?.[1] ?? 0);
const passed = count('pass');
let failed = count('fail') + Number(failedChecks);
if (passed === 0 || (Number(exitCode) !== 0 && failed === 0)) failed++;
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);
