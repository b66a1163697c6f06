import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { room, World } from './peer.ts';

t.test('equal files have one key, and are fetched from whoever has them', async (t) => {
  const world = await World.start(t);
  const [a, b, c] = await Promise.all([world.peer(1), world.peer(2), world.peer(3)]);
  const file = (name: string) => join(world.folder, name);
  const content = randomBytes(3_000_001);
  writeFileSync(file('one'), content);
  writeFileSync(file('two'), content);
  const key = await a.call('share', file('one'));
  t.equal(await b.call('share', file('two')), key);
  t.notSame(await a.call('cores').then((cores) => cores.includes(key)), true);
  for (const peer of [a, b, c]) await peer.call('join', room());
  await c.call('connect', a.key);
  await c.call('connect', b.key);
  const maxBytes = content.length;
  t.match(await c.fails('fetch', { core: key, path: file('more'), maxBytes: maxBytes - 1 }), {
    code: 'BLOB_TOO_LARGE',
  });
  t.notOk(existsSync(file('more')), 'what is larger than it may be is not begun');
  t.same(await c.call('fetch', { core: key, path: file('got'), maxBytes }), {
    done: content.length,
    total: content.length,
  });
  const sha = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  t.equal(sha(readFileSync(file('got'))), sha(content));
  t.equal(await c.call('share', file('got')), key);
  t.match(await a.fails('share', file('none')), { code: 'FILE_UNREADABLE' });
});
