import t from 'tap';
import { fileURLToPath } from 'node:url';
import { Bench } from '../lib/nexus.ts';
import { hasTmux, Tmux } from '../lib/tmux.ts';

const LAUNCHER = fileURLToPath(new URL('../../bin/nexus.mjs', import.meta.url));
const NEXUS = `"${process.execPath}" "${LAUNCHER}"`;

// Many processes on what may be a busy machine.
t.setTimeout(300_000);

t.test('money in a terminal', {
  skip: hasTmux() ? false : 'tmux is not on this machine',
}, async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht(), home = bench.home();
  const asked = ['--open', '--preset', 'dev', '--witness', 'self', '--rule', 'epochMs=500'];
  const made = await bench.run(['network', 'new', 'money', ...asked], home);
  t.equal(made.code, 0, made.stderr);
  await bench.up(bootstrap, ['-m', 'austen-3.7m', '--role', 'executor,witness'], home);
  const terminal = new Tmux(`${NEXUS} tui`, 80, 24, { NEXUS_HOME: home, NO_COLOR: '1' });
  t.teardown(() => terminal.end());

  await t.test('an account begins with the first cut', async () => {
    await terminal.shows(/● live(.|\n)* 5 Ledger /);
    terminal.keys('5');
    await terminal.shows(/\[5 Ledger\](.|\n)*this node +new (.|\n)*have +1000 NCU available/);
    await terminal.shows(/\ncut [1-9]\d* \[.*certified to \d+/);
  });

  await t.test('a bond is asked for exactly, confirmed, and stands in the next cut', async () => {
    terminal.keys('B');
    terminal.type('1000.5');
    terminal.keys('Enter');
    // The question stays, with what was typed.
    await terminal.shows(/NCU to bond, at most 1000: 1000\.5/);
    terminal.keys('C-u');
    terminal.type('12.5');
    terminal.keys('Enter');
    await terminal.shows(/bond 12\.5 NCU: a proven cheat loses it\?/);
    terminal.keys('y');
    await terminal.shows(/have +987\.5 NCU available +0 pending +12\.5 bonded/);
  });

  await t.test('and is asked back', async () => {
    terminal.keys('U');
    terminal.type('2.25');
    terminal.keys('Enter', 'y');
    await terminal.shows(/this node +~ unbonds(.|\n)*12\.5 bonded \(2\.25 unbonding\)/);
    terminal.keys('Enter');
    await terminal.shows(/unbonding +2\.25 NCU(.|\n)*2\.25 NCU are free after cut \d+/);
    terminal.keys('q');
    await terminal.shows(/ended 0/);
  });

  await t.test('a snapshot as text has it', async (t) => {
    const once = await bench.run(['tui', '--once'], home);
    t.match(once.stdout, /\nLEDGER\nKEY(.|\n)*12\.5 bonded \(2\.25 unbonding\)/);
  });
});
