import t from 'tap';
import { join } from 'node:path';
import { keysOf } from '../../feeds/service/keys.ts';
import { type Core, Corestore, Hypercore } from '../../feeds/service/native.ts';
import { hex, type Json, type Peer, room, World } from './peer.ts';

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
  const told = await reader.event(misconduct(jobs));
  t.match(told, { kind: 'fork', detail: /fork 1, here it is 0/ });
  await isUntouched(t, reader, jobs);
});

t.test('a peer that writes two histories of one length is told of', async (t) => {
  const world = await World.start(t);
  const { reader, jobs } = await copied(world);
  // The same identity in another home, which knows nothing of the first.
  const twin = await world.peer(1, { home: world.home(9) });
  await twin.call('append', 'jobs', entries('second', 5));
  await twin.call('join', room());
  const told = await reader.event(misconduct(jobs));
  t.match(told, { kind: 'conflict', detail: /two histories of length 6/ });
  await isUntouched(t, reader, jobs);
});
