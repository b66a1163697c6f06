import { cpSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ROOT, undocumented } from '../lib/docs.ts';
import { Bench } from '../lib/nexus.ts';
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
    t.match((await bench.run(['network', 'keys', folder], other)).code, 0, 'again, the same ones');
    const main = ['network', 'keys', join(folder, 'keys'), '--network', 'main'];
    t.match((await bench.run(main, other)).stderr, /KEYS_UNPINNED/);
  });
});
