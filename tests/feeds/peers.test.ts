import t from 'tap';
import { bytes32, hex, type Json, room, text, World } from './peer.ts';

const ECHO = 'nexus/echo/1';
const channel = (more: Record<string, unknown> = {}): Json => ({
  protocol: ECHO,
  id: bytes32(7),
  handshake: hex('hello'),
  ...more,
});

const world = await World.start(t);
const [a, b] = await Promise.all([world.peer(1), world.peer(2)]);

t.test("two peers meet, speak, and replicate each other's logs", async (t) => {
  await a.call('serve', { protocol: ECHO, echo: true });
  await a.call('announce', hex('capabilities'));
  await a.call('append', 'artifacts', [hex('x'), hex('y')]);
  await a.call('join', room());
  await a.event(({ state }) => state === 'announced');
  await b.call('join', room());
  const info = await b.call('connect', a.key);
  t.match(info, { key: a.key, transport: 'loopback', identity: a.identity });

  const { ch } = await b.call('open', { peer: a.key, ...channel() });
  t.match(await a.event(({ type }) => type === 'served'), { handshake: hex('hello') });
  await b.call('send', { ch, message: hex('ping') });
  t.same(await b.call('receive', { ch }), { value: hex('ping'), done: false });
  t.match(await b.fails('open', { peer: a.key, ...channel() }), { code: 'CHANNEL_EXISTS' });
  t.match(await b.fails('open', { peer: a.key, ...channel({ protocol: 'nexus/none/1' }) }), {
    code: 'NOT_SERVED',
    peer: a.key.slice('hex:'.length),
  });

  t.match(await b.event(({ type }) => type === 'announcement'), {
    key: a.key,
    announcement: hex('capabilities'),
  });
  t.ok((await b.event(({ type }) => type === 'rtt')).rttMs > 0);
  t.equal((await b.call('update', a.identity.artifacts)).length, 3);
  const blocks: string[] = await b.call('read', { core: a.identity.artifacts, start: 1 });
  t.same(blocks.map(text), ['x', 'y']);
});

t.test('a slow reader holds up its own channel and nothing else', async (t) => {
  await a.call('serve', { protocol: 'nexus/slow/1', echo: false });
  const slow = await b.call('open', {
    peer: a.key,
    ...channel({ protocol: 'nexus/slow/1', handshake: hex('slow') }),
  });
  t.equal(await b.call('flood', { ch: slow.ch, count: 10_000, bytes: 1000 }), 64);
  const quick = await b.call('open', { peer: a.key, ...channel({ id: bytes32(9) }) });
  for (let i = 0; i < 40; i++) {
    await b.call('send', { ch: quick.ch, message: hex(`${i}`) });
    t.equal(text((await b.call('receive', { ch: quick.ch })).value), `${i}`);
  }
  const { ch } = await a.event(({ type, handshake }) =>
    type === 'served' && handshake === hex('slow')
  );
  for (let i = 0; i < 16; i++) await a.call('receive', { ch });
  t.ok(await b.call('flood', { ch: slow.ch, count: 16, bytes: 1000 }) > 0, 'room came back');
});

t.test('a killed peer is noticed by its silence', async (t) => {
  const service = await a.service();
  process.kill(service, 'SIGSTOP');
  const began = Date.now();
  t.match(await b.event(({ type }) => type === 'peer-lost', 9000), { reason: 'silent' });
  t.ok(Date.now() - began < 7500, `after ${Date.now() - began} ms`);
  process.kill(service, 'SIGKILL');
  // Its supervisor brings it back, joined as before.
  await b.event(({ type, peer }) => type === 'peer' && peer.key === a.key, 10_000, b.events.length);
});

t.test('a goodbye ends channels at once', async (t) => {
  const { ch } = await b.call('open', { peer: a.key, ...channel({ id: bytes32(10) }) });
  const since = b.events.length;
  const reading = b.fails('receive', { ch });
  await a.end();
  t.match(await reading, { code: 'PEER_LOST', peer: a.key.slice('hex:'.length) });
  const lost = await b.event(({ type }) => type === 'peer-lost', 1000, since);
  t.match(lost, { key: a.key, reason: 'goodbye' });
});
