import { readdirSync } from 'node:fs';

// What needs no process of its own shares this one: starting it takes longer than such a file does.
const units = readdirSync(new URL('.', import.meta.url), { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.unit.ts'))
  .sort();
for (const unit of units) await import(`./${unit}`);
