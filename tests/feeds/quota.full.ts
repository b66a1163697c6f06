import t from 'tap';
import { Held } from '../../feeds/service/held.ts';
import { Corestore, Hypercore, HyperDht } from '../../feeds/service/native.ts';
import { bytes32, type Json, type Peer, room, World } from './peer.ts';

const ENTRY = 512;
const entries = (count: number): string[] =>
  Array.from(
    { length: count },
    (_, i) => `hex:${(i % 250 + 1).toString(16).padStart(2, '0').repeat(ENTRY)}`,
  );

t.test('bytes are counted as they are held, whatever a head claims', async (t) => {
  const store = new Corestore(Hypercore.defaultStorage(t.testdir(), { writeBufferSize: 1e6 }));
  t.teardown(() => store.close());
  const core = store.get({ keyPair: HyperDht.keyPair(new Uint8Array(32).fill(1)) });
  await core.ready();
  const sizes = Array.from({ length: 300 }, (_, i) => 1 + (i * 37) % 500);
  await core.append(sizes.map((size) => new Uint8Array(size)));
  /** Bytes of all blocks but the first two, which are never cleared. */
  const sum = async () => {
    let bytes = 0;
    for (const [i, size] of sizes.entries()) if (i > 1 && await core.has(i)) bytes += size;
    return bytes;
  };
  const open = async () => {
    const held = new Held(core);
    await held.load();
    return held;
  };
  t.equal((await open()).bytes, await sum());
  for (const [from, to] of [[6, 8], [18, 90], [120, 121], [280, 300]] as const) {
    await core.clear(from, to);
  }
  const held = await open();
  t.equal(held.bytes, await sum(), 'with holes in it');
  t.ok(core.byteLength > held.bytes);
  await held.save();
  await core.append([new Uint8Array(777)]);
  held.add(300, 777);
  sizes.push(777);
  t.equal(held.bytes, await sum());
  t.equal((await open()).bytes, await sum(), 'what came after it was saved is counted too');

  const before = held.bytes;
  await held.clearOldest(10_000);
  t.ok(before - held.bytes >= 10_000, 'so much is gone');
  t.equal(held.bytes, await sum());
  t.ok(await core.has(0), 'the first block stays');
  t.notOk(await core.has(90));
  t.ok(await core.has(held.clearedTo));
  t.notOk(await core.has(held.clearedTo - 1));
  for (const index of [0, 1, held.clearedTo, 300]) {
    t.ok(await core.proof({ block: { index, nodes: 0 } }), 'what is held can be proven');
  }
  await held.clearOldest(1e9);
  t.equal(held.bytes, 0);
  t.equal((await open()).bytes, 0);
  t.equal(core.length, 301);
});

const isHeld = async (peer: Peer, core: string): Promise<boolean[]> =>
  (await peer.call('read', { core })).map((value: Json) => value !== null);
const heldIn = (held: boolean[]): number => held.filter(Boolean).length;

/** Reads again, whenever something arrives, until it is so. */
async function until(peer: Peer, core: string, is: (held: boolean[]) => boolean) {
  const limit = Date.now() + 30_000;
  for (;;) {
    const since = peer.events.length;
    const held = await isHeld(peer, core).catch(() => []);
    if (is(held)) return held;
    if (Date.now() > limit) throw new Error(`never so; held ${held.map(Number).join('')}`);
    await peer.event(({ type }) => type === 'head', 1000, since).catch(() => {});
  }
}

t.test('the quota clears the oldest payloads; heads and identities stay', async (t) => {
  const world = await World.start(t);
  const keep = 128 * ENTRY;
  const small = { quotaBytes: keep };
  const [writer, reader] = [await world.peer(1), await world.peer(2, small)];
  await reader.call('join', room());
  await writer.call('append', 'artifacts', entries(400));
  await writer.call('join', room());
  const { artifacts, jobs } = writer.identity;
  // Blocks come in any order.
  const all = (held: boolean[]) => held.length === 401 && held[400]! && held[0]! && !held[2];
  await until(reader, artifacts, all);
  const most = 128 + 128 / 16 + 1;
  const held = await until(reader, artifacts, (held) => heldIn(held) - 1 <= most);
  t.ok(held[0], 'the identity stays');
  t.equal((await reader.call('head', artifacts)).length, 401, 'and so does the head');
  t.same(await reader.call('head', artifacts), await writer.call('head', artifacts));

  await t.test('also those of a run before, whose writer is gone', async (t) => {
    await writer.end();
    await reader.end();
    const other = await world.peer(3);
    const again = await world.peer(2, small);
    const left = heldIn(await isHeld(again, artifacts));
    t.ok(left > 60);
    await other.call('append', 'artifacts', entries(60));
    await again.call('join', room());
    await other.call('join', room());
    const kept = await until(again, artifacts, (held) => heldIn(held) < left - 20);
    t.ok(kept[0]);
    t.equal(heldIn(await isHeld(again, other.identity.artifacts)), 61, 'the newer one is whole');
    t.same(await isHeld(again, jobs), [true]);
  });
});

t.test('what was cleared does not come back by itself', async (t) => {
  const world = await World.start(t);
  const reader = await world.peer(2, { quotaBytes: 80 * ENTRY });
  const writer = await world.peer(1);
  await Promise.all([reader.call('join', room()), writer.call('join', room())]);
  await writer.call('append', 'artifacts', entries(100));
  const { artifacts } = writer.identity;
  await until(reader, artifacts, (held) => held.length === 101 && held[100]! && !held[2]);
  await writer.call('append', 'artifacts', [bytes32(9)]);
  const held = await until(reader, artifacts, (held) => held[101] === true);
  t.notOk(held[2]);
});
