// Prints what failed, then "N passed, N failed" from tap's closing line "# { total: 64, pass: 63, fail: 1 }":
// node count.mjs <log> <exit code of the tests> <failed checks>. Exits non-zero when anything failed
// or when no test ran.
import { readFileSync } from 'node:fs';

/** So much of what failed is repeated at the end, where it is found without the whole log. */
const SHOWN_LINES = 150;

const [file, exitCode, failedChecks] = process.argv.slice(2);
const log = readFileSync(file, 'utf8');
const totals = log.match(/^# \{ total: .*\}/gm)?.at(-1) ?? '';
const count = (name) => Number(new RegExp(`\\b${name}: (\\d+)`).exec(totals)?.[1] ?? 0);
const passed = count('pass');
let failed = count('fail') + Number(failedChecks);
if (passed === 0 || (Number(exitCode) !== 0 && failed === 0)) failed++;
if (failed > 0) { for (const line of failures(log).slice(0, SHOWN_LINES)) console.log(line); }
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed === 0 ? 0 : 1);

/** Every failed test's line with the diagnosis below it, and the file that it stands in. */
function failures(text) {
  const found = [];
  let subtest = '';
  let diagnosis = null;
  for (const line of text.split('\n')) {
    if (diagnosis !== null) {
      found.push(line);
      if (line === `${diagnosis}...`) diagnosis = null;
      continue;
    }
    if (line.startsWith('# Subtest: ')) subtest = line;
    const [, indent] = /^( *)not ok (?!.*# (?:SKIP|TODO))/.exec(line) ?? [];
    if (indent === undefined) continue;
    found.push(subtest, line);
    // The diagnosis follows as a block of YAML, two spaces deeper than its test.
    if (text.includes(`${line}\n${indent}  ---`)) diagnosis = `${indent}  `;
  }
  return found;
}
