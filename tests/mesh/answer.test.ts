import t from 'tap';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bench, textOf } from '../lib/nexus.ts';

const PROMPT = 'It is a truth universally acknowledged,';
const MODEL = ['-m', 'austen-3.7m', '-n', '60', '--seed', 'ab'.repeat(32)];

// Many processes on what may be a busy machine.
t.setTimeout(300_000);

t.test('an answer from a peer: same text as here, logged, with a receipt', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  const bootstrap = await bench.dht();
  const [one, two, asker] = await Promise.all([
    bench.up(bootstrap, ['-m', 'austen-3.7m']),
    bench.up(bootstrap, ['-m', 'austen-3.7m']),
    bench.up(bootstrap, ['--role', 'requester']),
  ]);

  const receipt = join(asker.home, 'answer.receipt');
  const ask = ['run', PROMPT, ...MODEL, '--where', 'mesh', '--json', '--receipt', receipt];
  const mesh = await bench.run(ask, asker.home);
  t.equal(mesh.code, 0, mesh.stderr);
  const route = mesh.events.find((e) => e.event === 'route')!;
  t.ok([one.key, two.key].includes(route.executor), 'the executor is one of the peers');
  const done = mesh.events.at(-1)!;
  t.equal(done.event, 'done');
  t.equal(done.text, textOf(mesh.events), 'the tokens add up to the text');
  t.ok(done.text.length > 20);
  t.equal(done.executor, route.executor);

  const local = await bench.run(['run', PROMPT, ...MODEL, '--where', 'local', '--json'], one.home);
  t.equal(local.code, 0, local.stderr);
  t.equal(local.events.at(-1)!.text, done.text, 'the same seed gives the same text everywhere');

  await t.test('the receipt is checked offline, and no byte of it can change', async (t) => {
    const fresh = bench.home();
    const good = await bench.run(['verify', receipt], fresh);
    t.equal(good.code, 0, good.stderr + good.stdout);
    const text = readFileSync(receipt, 'utf8');
    const at = text.indexOf('"', text.length >> 1) + 3;
    const flipped = join(fresh, 'flipped.receipt');
    writeFileSync(flipped, text.slice(0, at) + (text[at] === '1' ? '2' : '1') + text.slice(at + 1));
    const bad = await bench.run(['verify', flipped], fresh);
    t.equal(bad.code, 4, bad.stderr + bad.stdout);
    const again = await bench.run(['verify', receipt, '--rerun'], fresh);
    t.equal(again.code, 0, again.stderr + again.stdout);
    t.match(again.stdout + again.stderr, /re-?run|re-?executed/i);
  });

  await t.test('every log can be replayed, by the asker and by a peer', async (t) => {
    const here = await bench.run(['audit', '--json'], asker.home);
    t.equal(here.code, 0, here.stderr + here.stdout);
    const report = here.events.at(-1)!;
    t.equal(report.event, 'audit');
    t.match(report.digest, /^[0-9a-f]{64}$/);
    t.ok(here.events.some((e) => e.event === 'job' && e.job === done.job));
  });
});
