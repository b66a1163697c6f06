import t from 'tap';
import { bytes32, hex, room, World } from './peer.ts';

const INVITE = 'nexus/invite/1';

const world = await World.start(t);
const [a, b, c] = await Promise.all([world.peer(1), world.peer(2), world.peer(3)]);
/** Starts over, with events of this test only. */
async function leaveAll(): Promise<void> {
  await Promise.all([a, b, c].map((peer) => peer.call('leave')));
  for (const peer of [a, b, c]) peer.events.length = 0;
}

t.test('peers of different networks refuse each other, and both know why', async (t) => {
  await a.call('join', room());
  await a.event(({ state }) => state === 'announced');
  await b.call('join', room({ network: bytes32(199) }));
  for (const [peer, other] of [[a, b], [b, a]] as const) {
    const { key, error } = await peer.event(({ type }) => type === 'refused');
    t.equal(key, other.key);
    t.equal(error.code, 'OTHER_NETWORK');
    t.equal(error.stage, 'admission');
    t.ok(error.hint);
  }
  t.same(await a.call('peers'), []);
});

t.test('a banned peer and one too many are refused', async (t) => {
  await leaveAll();
  await a.call('join', room({ banned: [b.key], maxPeers: 1 }));
  await a.event(({ state }) => state === 'announced');
  // Lookups off: they would meet each other.
  await b.call('join', room({ topics: [] }));
  t.match(await b.fails('connect', a.key), { code: 'BANNED', stage: 'admission' });
  await a.call('join', room({ maxPeers: 1 }));
  await b.call('connect', a.key);
  await c.call('join', room({ topics: [] }));
  t.match(await c.fails('connect', a.key), { code: 'FULL', peer: a.key.slice(4) });
});

t.test('a guest may only redeem an invitation, and becomes a member by it', async (t) => {
  await leaveAll();
  await a.call('serve', { protocol: INVITE, echo: true });
  await a.call('serve', { protocol: 'nexus/echo/1', echo: true });
  await a.call('join', room({ members: [a.key], membership: hex('list 1') }));
  await a.event(({ state }) => state === 'announced');
  await b.call('join', room());
  t.match(await b.fails('connect', a.key), { code: 'NOT_A_MEMBER', stage: 'admission' });
  t.match(await b.event(({ type }) => type === 'refused'), {
    byUs: false,
    error: { code: 'NOT_A_MEMBER', hint: /nexus join/ },
  });
  t.match(await a.event(({ type }) => type === 'refused'), { key: b.key, byUs: true });
  t.notOk(b.events.some(({ type }) => type === 'membership'), 'the list is for members');
  const id = bytes32(1);
  const job = { peer: a.key, protocol: 'nexus/echo/1', id, handshake: hex('') };
  t.match(await b.fails('open', job), { code: 'NOT_A_MEMBER' });
  // What came in earlier rooms may still be here; nothing new does.
  const { length } = await a.call('append', 'jobs', [hex('for members')]);
  const held = await b.call('update', a.identity.jobs).catch((error) => error);
  t.ok(held.code === 'CORE_UNAVAILABLE' || held.length < length, 'logs are for members');

  const { ch } = await b.call('open', { ...job, protocol: INVITE });
  await b.call('send', { ch, message: hex('token') });
  t.equal((await b.call('receive', { ch })).value, hex('token'));
  await a.call('join', room({ members: [a.key, b.key], membership: hex('list 2') }));
  await b.event(({ type }) => type === 'peer');
  t.match(await b.event(({ type }) => type === 'membership'), { document: hex('list 2') });
  await b.call('send', { ch, message: hex('still here') });
  t.equal((await b.call('receive', { ch })).value, hex('still here'), 'on the same connection');
  await b.call('open', job);

  await a.call('join', room({ members: [a.key], membership: hex('list 3') }));
  t.match(await b.event(({ type }) => type === 'peer-lost'), { reason: 'NOT_A_MEMBER' });
  t.match(await b.call('receive', { ch }).catch((error) => error), { code: 'PEER_LOST' });
});
