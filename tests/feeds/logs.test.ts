import t from 'tap';
import { fromHex } from '../../feeds/base/mod.ts';
import { verifyBlock, verifyHead } from '../../feeds/proof/mod.ts';
import { hex, type Json, text, World } from './peer.ts';

const bytes = (value: string): Uint8Array => fromHex(value.slice('hex:'.length));
// deno-lint-ignore no-explicit-any -- a head or a proof, with its bytes as text
const revive = (value: any): any =>
  JSON.parse(
    JSON.stringify(value),
    (_, v) => typeof v === 'string' && v.startsWith('hex:') ? bytes(v) : v,
  );

t.test('what was appended is there after a restart, under the same keys', async (t) => {
  const world = await World.start(t, { dht: false });
  const first = await world.peer(1);
  t.same(await first.call('append', 'jobs', [hex('one'), hex('two')]), { index: 1, length: 3 });
  const head = revive(await first.call('head', first.identity.jobs));
  await verifyHead(head);
  await first.end();
  const again = await world.peer(1);
  t.same(again.identity, first.identity);
  const blocks: string[] = await again.call('read', { core: again.identity.jobs, start: 1 });
  t.same(blocks.map(text), ['one', 'two']);
  t.same(revive(await again.call('head', again.identity.jobs)), head);
});

const world = await World.start(t, { dht: false });
const peer = await world.peer(1);

t.test('a block is proven under a signed head', async (t) => {
  await peer.call('append', 'artifacts', ['a', 'b', 'c', 'd'].map(hex));
  const proof = revive(await peer.call('prove', peer.identity.artifacts, 3));
  await verifyBlock(proof, new TextEncoder().encode('c'));
  await t.rejects(verifyBlock(proof, new TextEncoder().encode('x')));
  t.match(await peer.fails('prove', peer.identity.artifacts, 9), { code: 'BLOCK_UNKNOWN' });
});

t.test('parts of a log have the sizes of their blocks, and its tree at that length', async (t) => {
  const core = peer.identity.attestations;
  const { length } = await peer.call('append', 'attestations', ['a', 'bcd', 'ef'].map(hex));
  const from = length - 3;
  const spans = [[from, from + 2], [from, from + 3], [from + 1, from + 3], [from, from + 4]]
    .map(([from, length]) => ({ core, from, length }));
  const prefixes = revive(await peer.call('prefixes', spans));
  t.same(prefixes.map((one: Json) => one?.bytes), [4, 6, 5, undefined]);
  const states: Json[] = await peer.call('states');
  t.same(prefixes[1].treeHash, revive(states.find(({ key }) => key === core).treeHash));
  t.same(prefixes[1].treeHash, prefixes[2].treeHash);
  t.notSame(prefixes[0].treeHash, prefixes[1].treeHash);
});

t.test('a killed service comes back with every acknowledged entry', async (t) => {
  const from = (await peer.call('head', peer.identity.jobs)).length;
  let acknowledged = 0, lost: Json = null;
  const appending = (async () => {
    while (lost === null) {
      await peer.call('append', 'jobs', [hex(`entry ${acknowledged}`)]).then(
        () => acknowledged++,
        (error) => lost = error,
      );
    }
  })();
  await peer.event(({ state }) => state === 'up');
  while (acknowledged < 20) await new Promise((resolve) => setImmediate(resolve));
  process.kill(await peer.service(), 'SIGKILL');
  await appending;
  t.equal(lost.code, 'FEEDS_LOST');
  const states = () => peer.events.filter(({ type }) => type === 'service').map((e) => e.state);
  const length = (await peer.call('head', peer.identity.jobs)).length;
  t.ok(length >= from + acknowledged, `${length - from} of ${acknowledged} acknowledged`);
  const blocks: string[] = await peer.call('read', { core: peer.identity.jobs, start: from });
  t.same(
    blocks.slice(0, acknowledged).map(text),
    Array.from({ length: acknowledged }, (_, i) => `entry ${i}`),
  );
  t.same(states(), ['up', 'down', 'restarting', 'up']);
});

t.test('a home has one service at a time', async (t) => {
  const error = await world.peer(1).catch((error) => error);
  t.equal(error.code, 'HOME_LOCKED');
  t.match(error.hint, /--home/);
});

t.test('a read in many pages gives every block in order', async (t) => {
  const start = (await peer.call('head', peer.identity.jobs)).length;
  const entries = Array.from({ length: 1500 }, (_, i) => hex(`${i}`));
  await peer.call('append', 'jobs', entries);
  t.same(await peer.call('read', { core: peer.identity.jobs, start }), entries);
  t.same(
    await peer.call('read', { core: peer.identity.jobs, start: start + 700, end: start + 703 }),
    entries.slice(700, 703),
  );
});

t.test('the service ends with the process that it serves', async (t) => {
  const service = await peer.service();
  peer.child.kill('SIGKILL');
  const limit = Date.now() + 6000;
  const alive = () => {
    try {
      return process.kill(service, 0);
    } catch {
      return false;
    }
  };
  while (alive() && Date.now() < limit) await new Promise((resolve) => setTimeout(resolve, 20));
  t.notOk(alive());
});
