import { readdirSync } from 'node:fs';
import t from 'tap';

// What belongs to the root test alone lets it end as soon as nothing runs, between two files.
const own = () => {
  throw new Error('files of units share the root test: use the t of a test');
};
Object.assign(t, { teardown: own, testdir: own, after: own });

let isWhole = false;
process.once('exit', () => {
  if (!isWhole) process.exitCode = 1;
});

// What needs no process of its own shares this one: starting it takes longer than such a file does.
// It is named so that it is run first: the longest last would leave the other lane with nothing to do.
const units = readdirSync(new URL('.', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.unit.ts'))
  .sort();
for (const unit of units) await import(`./${unit}`);
isWhole = true;
