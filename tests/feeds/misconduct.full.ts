import t from 'tap';
import { join } from 'node:path';
import { fromHex, toHex } from '../../feeds/base/mod.ts';
import { equivocationRecord, judgeEquivocation } from '../../feeds/ledger/mod.ts';
import type { HeadEvidence } from '../../feeds/proof/mod.ts';
import { keysOf } from '../../feeds/service/keys.ts';
import { type Core, Corestore, Hypercore } from '../../feeds/service/native.ts';
import { bytes32, hex, type Json, type Peer, room, World } from './peer.ts';

const misconduct = (core: string) => (event: Json) =>
  event.type === 'misconduct' && event.core === core;

/** Changes the jobs log of a peer that does not run, as only its owner can. */
async function tamper(world: World, n: number, change: (core: Core) => Promise<unknown>) {
  const options = { writeBufferSize: 1024 * 1024 };
  const store = new Corestore(Hypercore.defaultStorage(join(world.home(n), 'store'), options));
  const core = store.get({ keyPair: keysOf(new Uint8Array(32).fill(n)).logs.jobs });
  await core.ready();
  await change(core);
  await store.close();
}

const entries = (text: string, count: number): string[] =>
  Array.from({ length: count }, (_, i) => hex(`${text} ${i}`));

/** A reader that holds the jobs log of peer 1, five entries of it, and that peer stopped. */
async function copied(world: World): Promise<{ reader: Peer; jobs: string }> {
  const reader = await world.peer(2);
  const writer = await world.peer(1);
  await Promise.all([reader.call('join', room()), writer.call('join', room())]);
  await reader.event((e) => e.type === 'peer' && e.peer.key === writer.key);
  await writer.call('append', 'jobs', entries('first', 5));
  const { jobs } = writer.identity;
  await reader.event((e) => e.type === 'head' && e.head.key === jobs && e.head.held === 6);
  await writer.end();
  return { reader, jobs };
}

/** What the reader has of the log is what it had. */
async function isUntouched(t: Test, reader: Peer, core: string) {
  const head = await reader.call('head', core);
  t.equal(head.fork, 0);
  t.same(await reader.call('read', { core, start: 1, end: 6 }), entries('first', 5));
}

/** As the driver was given it. */
function revived(value: Json): Json {
  if (typeof value === 'string' && value.startsWith('hex:')) return fromHex(value.slice(4));
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]) => [name, revived(member)]);
  return Object.fromEntries(members);
}

/** What was told stands for itself: it is judged by signatures alone. */
async function isProven(t: Test, told: Json, writer: string, cause: string) {
  t.equal(told.offender, writer);
  const offender = fromHex(writer.slice(4));
  const evidence = revived(told.evidence) as HeadEvidence;
  const record = equivocationRecord(new Uint8Array(32), offender, evidence, 0);
  const ownerOf = (core: string) => `hex:${core}` === told.core ? toHex(offender) : null;
  t.match(await judgeEquivocation(record, ownerOf), { offender: toHex(offender), cause });
}

type Test = Parameters<Parameters<typeof t.test>[0]>[0];

t.test('a peer that cuts its log and writes another history is told of', async (t) => {
  const world = await World.start(t);
  const { reader, jobs } = await copied(world);
  await tamper(world, 1, async (core) => {
    await (core as Core & { truncate(length: number): Promise<void> }).truncate(3);
    await core.append([new Uint8Array([7]), new Uint8Array([8]), new Uint8Array([9])]);
  });
  const writer = await world.peer(1);
  await writer.call('join', room());
  const told = await reader.event(misconduct(jobs), 60_000);
  t.match(told, { kind: 'fork', detail: /shows fork 1/ });
  await isProven(t, told, writer.key, 'fork');
  await isUntouched(t, reader, jobs);
});

for (const [length, what] of [[5, 'of one length'], [3, 'one shorter than the other']] as const) {
  t.test(`a peer that writes two histories, ${what}, is told of`, async (t) => {
    const world = await World.start(t);
    const { reader, jobs } = await copied(world);
    // The same identity in another home, which knows nothing of the first.
    const twin = await world.peer(1, { home: world.home(9) });
    await twin.call('append', 'jobs', entries('second', length));
    await twin.call('join', room());
    const told = await reader.event(misconduct(jobs), 60_000);
    t.match(told, {
      kind: 'conflict',
      detail: new RegExp(`two histories of length ${length + 1}`),
    });
    await isProven(t, told, twin.key, 'equivocation');
    await isUntouched(t, reader, jobs);
  });
}

t.test('who shows two peers different histories is found out by them', async (t) => {
  const world = await World.start(t);
  const { reader, jobs } = await copied(world);
  // The other reader has met the second history only, and the two meet when the writer is gone.
  const twin = await world.peer(1, { home: world.home(9) });
  const other = await world.peer(3);
  const elsewhere = room({ topics: [bytes32(202)], network: bytes32(203) });
  await Promise.all([twin.call('join', elsewhere), other.call('join', elsewhere)]);
  await twin.call('append', 'jobs', entries('second', 8));
  await other.event((e) => e.type === 'head' && e.head.key === jobs && e.head.held === 9);
  await twin.end();
  await other.call('leave');
  await other.call('join', room());
  const told = await Promise.race(
    [reader, other].map((one) => one.event(misconduct(jobs), 60_000)),
  );
  t.match(told, { kind: 'conflict', detail: /two histories of length 6/ });
  await isProven(t, told, twin.key, 'equivocation');
  await isUntouched(t, reader, jobs);
});
