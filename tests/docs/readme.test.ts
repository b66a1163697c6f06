import t from 'tap';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { COMMANDS } from '../../node/cli/mod.ts';
import { ROOT } from '../lib/docs.ts';
import { Bench } from '../lib/nexus.ts';
import { BASICS, commandsWork, PAGES } from './commands.ts';

t.test('every command that the README shows works as shown', (t) => commandsWork(t, BASICS));

t.test('a network that a sentence names is made as it says', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const text = BASICS.map((file) => readFileSync(ROOT + file, 'utf8')).join('\n');
  const named = [...text.matchAll(/`nexus (network new [^`…<]+)`/g)].map(([, typed]) => typed!);
  t.not(named.length, 0);
  for (const typed of named) {
    const { code, stderr } = await bench.run(typed.split(' '), bench.home());
    t.equal(code, 0, `${typed}: ${stderr}`);
  }
});

t.test('files that the documents name exist, commands that exist are named', (t) => {
  for (const file of [...BASICS, ...PAGES]) {
    const text = readFileSync(ROOT + file, 'utf8');
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
      t.ok(existsSync(join(ROOT, dirname(file), link!)), `${file}: ${link}`);
    }
  }
  const table = readFileSync(`${ROOT}README.md`, 'utf8').split('## Commands')[1] ?? '';
  for (const { name } of COMMANDS) t.match(table, `\`${name}\``, `README.md: ${name}`);
  const steps = readFileSync(`${ROOT}CONTRIBUTING.md`, 'utf8');
  for (const [, path] of steps.matchAll(/`((?:node|feeds|bin|tests|models|docs)\/[\w./-]*)`/g)) {
    t.ok(existsSync(ROOT + path), `CONTRIBUTING.md: ${path}`);
  }
  t.end();
});
