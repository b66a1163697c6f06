import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ROOT, undocumented } from '../lib/docs.ts';
import { Bench, type Event } from '../lib/nexus.ts';
import { accountOf, NCU, until } from '../mesh/money.ts';
import { commands, desk, typed } from './ceremony.ts';

t.setTimeout(580_000);

t.test('a key as the document makes it, and a network that relies on it', async (t) => {
  const bench = new Bench(), folder = desk();
  t.teardown(async () => {
    await bench.end();
    rmSync(folder, { recursive: true });
  });
  const { count, compile, setup, verify, found, enter, build } = commands();
  t.equal(count, 8);
  t.match(build!.join(), /circuits:build/, 'all but the building of a program of one’s own');
  const owner = bench.home(), other = bench.home();
  const all = async (lines: readonly string[], home = owner) => {
    let said = '';
    for (const line of lines) said += await typed(line, folder, home);
    return said;
  };

  await t.test('the key of a circuit', async (t) => {
    cpSync(join(ROOT, 'circuits/ptau/dev-2e13.ptau'), join(folder, 'pot13.ptau'));
    const { statements } = JSON.parse(
      readFileSync(join(ROOT, 'circuits/keys/manifest.json'), 'utf8'),
    );
    t.match(await all(compile!), statements.standing.r1cs, 'the same circuit as everybody’s');
    await all(setup!);
    const said = await all(verify!);
    t.match(said, /ZKey Ok!/);
    t.match(said, /second party[^]*first party/);
  });

  await t.test('into a network, and into the home of who joins', async (t) => {
    await all(found!);
    const missing = await bench.run(['network', 'keys', '--json'], owner);
    const pinned = missing.events.find((e) => e.statement === 'standing')!.hash;
    t.match(missing.events.find((e) => e.statement === 'standing'), {
      here: true,
      proves: true,
      insecure: false,
    });
    t.match(missing.events.find((e) => e.statement === 'sample'), { here: true, insecure: true });
    t.same(undocumented('network', missing.events), []);
    await all(enter!, other);
    const entered = await bench.run(['network', 'keys', '--json'], other);
    t.match(entered.events.find((e) => e.statement === 'standing'), { hash: pinned, here: true });
    const wrong = await bench.run(['network', 'keys', join(ROOT, 'circuits/keys')], other);
    t.match(wrong.stderr, /KEY_OTHER/);
    const own = ['network', 'keys', join(folder, 'keys'), '--json'];
    const again = await bench.run(own, other);
    t.equal(again.code, 0, 'again, the same ones');
    const kept = again.events.find((e) => e.event === 'proof-key-kept');
    t.match(kept, { hash: pinned, insecure: false });
    const development = ['--keys', join(ROOT, 'circuits/keys'), '--ceremony'];
    const named = ['network', 'new', 'fake', '--open', '--witness', 'self', ...development];
    t.match((await bench.run(named, other)).stderr, /KEY_INSECURE/, 'a key of development is none');
    const main = ['network', 'keys', join(folder, 'keys'), '--network', 'main'];
    t.match((await bench.run(main, other)).stderr, /KEYS_UNPINNED/);
  });

  await t.test('and a gateway admits under it, without a word of insecure keys', async (t) => {
    const keys = ['--keys', join(folder, 'keys'), '--ceremony'];
    const rules = ['--preset', 'dev', '--rule', 'epochMs=1000'];
    const made = await bench.run(
      ['network', 'new', 'guild', '--open', '--witness', 'self', ...rules, ...keys],
      owner,
    );
    t.equal(made.code, 0, made.stderr);
    t.equal((await bench.run(['network', 'use', 'guild'], owner)).code, 0);
    const admit = ['--http', '127.0.0.1:0', '--admit', 'bond=12', '--admit', 'cuts=1000'];
    const node = await bench.up(
      await bench.dht(),
      ['-m', 'austen-3.7m', '--role', 'executor,witness', ...admit],
      owner,
    );
    const ready = await node.running.waitFor((e: Event) => e.event === 'ready');
    await until('a grant', async () => ((await accountOf(node))?.available ?? 0) >= 20 * NCU);
    await bench.run(['bond', '12', '--wait'], owner);
    const done = await bench.run(['prove', 'standing', '--for', ready.http, '--json'], owner);
    t.equal(done.code, 0, done.stderr);
    t.ok(done.events.some((e) => e.event === 'admitted'));
    t.notMatch(done.stderr, /insecure/i);
    const path = join(folder, 'own.standing');
    const challenge = ['--challenge', '5c'.repeat(32)];
    const prove = ['prove', 'standing', '--bond', '12', ...challenge, '-o', path];
    t.equal((await bench.run(prove, owner)).code, 0);
    const { code, stdout } = await bench.run(['verify', path, ...challenge], owner);
    t.equal(code, 0, stdout);
    t.notMatch(stdout, /insecure/i);
  });
});
