import t from 'tap';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { blocksOf, ROOT } from '../lib/docs.ts';
import { Bench } from '../lib/nexus.ts';
import { type Line, linesOf, programs, shell } from '../lib/shell.ts';

const DOCS = ['README.md', 'CONTRIBUTING.md', 'docs/REFERENCE.md'];
const FILES = {
  'notes.txt': 'The garden was in great beauty.\nIt rained in the evening.\n',
  'questions.txt': 'Who was at the ball?\nWhere did they walk?\nWhat was said?\n',
};

/** What continuous integration runs itself, on a fresh clone. */
const CI = /^(npm ci|npm test|npm run [\w:]+|npm link)$/;

/** A command without the parts that continuous integration runs; null if nothing is left. */
function rest(command: string): string | null {
  const left = command.split(' && ').filter((part) => !CI.test(part)).join(' && ');
  return left === '' ? null : left;
}

t.test('every command that the documents show works as shown', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const path = `${programs(bench.home())}:${process.env.PATH}`;
  const network = {
    NEXUS_BOOTSTRAP: await bench.dht(),
    NEXUS_HOST: '127.0.0.1',
    // Instead of the default one, which would be fetched.
    NEXUS_MODEL: 'austen-3.7m',
    NEXUS_MAX_TOKENS: '24',
  };

  for (const block of DOCS.flatMap((file) => blocksOf(file, 'sh'))) {
    const lines = linesOf(block.text);
    const name = `${block.file}:${block.line} ${lines[0]!.command}`;
    const known = lines.filter(({ command }) => rest(command) !== null);
    if (known.length === 0) {
      t.pass(`${name}: not run here, .ci/run does it on a fresh clone`);
      continue;
    }
    await t.test(name, async (t) => {
      // Machines of their own for each block; a remark says where a command is typed.
      const machines = new Map<string, { home: string; cwd: string }>();
      const machine = (at: string) => {
        const known = machines.get(at);
        if (known !== undefined) return known;
        const made = { home: bench.home(), cwd: bench.home() };
        for (const [file, text] of Object.entries(FILES)) writeFileSync(join(made.cwd, file), text);
        machines.set(at, made);
        return made;
      };
      let at = 'here', token = '';
      // A machine on which many commands follow has a node running, as its owner would.
      if (known.length > 5) {
        await bench.start(['up', '--json'], machine(at).home, { env: network })
          .waitFor((e) => e.event === 'ready');
      }
      for (const { command, remark } of known) {
        at = /^on the (\w+)/.exec(remark)?.[1] ?? at;
        const { home, cwd } = machine(at);
        const typed = rest(command)!.replace('<token>', token);
        if (typed === 'nexus up') {
          const up = bench.start(['up', '--json'], home, { env: network });
          const ready = await up.waitFor((e) => e.event === 'ready');
          t.equal(ready.announced, true, `${typed}: is announced`);
          continue;
        }
        const env = { ...network, PATH: path, NEXUS_HOME: home };
        const { code, stdout, stderr } = await shell(typed, { cwd, env });
        t.equal(code, 0, `${typed} ${stderr}`);
        check(t, { command: typed, remark }, stdout);
        if (typed === 'nexus invite') token = stdout.trim();
      }
    });
  }
});

/** What the remark promises, where it can be seen. */
function check(
  t: Pick<typeof import('tap')['default'], 'not' | 'equal' | 'match'>,
  { command, remark }: Line,
  stdout: string,
): void {
  if (/nexus run/.test(command)) t.not(stdout.trim(), '', `${command} answers`);
  if (/--lines/.test(command)) t.equal(stdout.trim().split('\n').length, 3, 'a line each');
  if (/--json/.test(command)) {
    const events = stdout.trim().split('\n').map((line) => JSON.parse(line).event);
    t.equal(events.at(-1), 'done', 'events');
  }
  if (/verify/.test(command)) t.match(stdout, /re-executed: all \d+ tokens came out the same/);
  if (/audit/.test(command)) t.match(stdout, /0 inconsistencies\n.*digest [0-9a-f]{64}/s);
  if (/demo/.test(command)) t.match(stdout, /same text +yes/);
  if (/prints a token/.test(remark)) t.match(stdout, /^\S+\n$/, 'a token alone');
}

t.test('files that the documents name exist', (t) => {
  for (const file of DOCS) {
    const text = readFileSync(ROOT + file, 'utf8');
    for (const [, link] of text.matchAll(/\]\((?!https?:)([^)#]+)[^)]*\)/g)) {
      t.ok(existsSync(join(ROOT, dirname(file), link!)), `${file}: ${link}`);
    }
  }
  const steps = readFileSync(`${ROOT}CONTRIBUTING.md`, 'utf8');
  for (const [, path] of steps.matchAll(/`((?:node|feeds|bin|tests|models|docs)\/[\w./-]*)`/g)) {
    t.ok(existsSync(ROOT + path), `CONTRIBUTING.md: ${path}`);
  }
  t.end();
});
