import t from 'tap';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Bench } from '../lib/nexus.ts';

const SEED = ['--seed', 'ef'.repeat(32), '-n', '40'];

t.test('a model that only a peer has: asked there, then fetched from there', async (t) => {
  const bench = new Bench();
  t.teardown(() => bench.end());
  // Another title makes another file, and so another profile.
  const shipped = new URL('../../models/austen-3.7m-q8_0.gguf', import.meta.url);
  const bytes = readFileSync(shipped);
  const at = bytes.indexOf('Austen 3.7M');
  bytes.write('Austen 3.7X', at);
  const home = bench.home();
  const file = join(home, 'other.gguf');
  writeFileSync(file, bytes);
  const added = await bench.run(['models', 'add', file, '--name', 'other', '--json'], home);
  t.equal(added.code, 0, added.stderr);

  const bootstrap = await bench.dht();
  await bench.up(bootstrap, ['-m', 'other'], home);
  const asker = await bench.up(bootstrap, ['--role', 'requester']);
  const ask = ['run', 'There was', '-m', 'other', ...SEED, '--json'];
  const before = await bench.run(['models', 'show', 'other'], asker.home);
  t.not(before.code, 0, 'nothing of it is known here');
  const mesh = await bench.run([...ask, '--where', 'mesh'], asker.home);
  t.equal(mesh.code, 0, mesh.stderr);

  const pulled = await bench.run(['models', 'pull', 'other', '--json'], asker.home);
  t.equal(pulled.code, 0, pulled.stderr);
  t.match(pulled.events.at(-1), { event: 'model', state: 'ready' });
  const local = await bench.run([...ask, '--where', 'local'], asker.home);
  t.equal(local.code, 0, local.stderr);
  t.equal(
    local.events.at(-1)!.text,
    mesh.events.at(-1)!.text,
    'the fetched file is the same model',
  );
});
