import t from 'tap';
import { fromHex } from '../../feeds/base/mod.ts';
import { HyperDht } from '../../feeds/service/native.ts';
import { bytes32, room, World } from './peer.ts';

/** What a test needs of a DHT node beside what the service uses. */
interface Announcer {
  announce(target: Uint8Array, keys: unknown, relays: unknown[]): { finished(): Promise<void> };
  destroy(): Promise<void>;
}

t.test('a dead DHT, an unknown peer and no network joined are different errors', async (t) => {
  const world = await World.start(t, { dht: false });
  // The program behind "nexus dht".
  world.bootstrap = [await world.driver().call('dht', { host: '127.0.0.1', port: 0 })];
  const online = await world.peer(1);
  world.bootstrap = [{ host: '127.0.0.1', port: 9 }];
  const offline = await world.peer(2);
  const stranger = bytes32(33);
  t.match(await online.fails('connect', stranger), { code: 'NOT_JOINED' });

  await offline.call('join', room());
  const began = Date.now();
  t.match(await offline.event(({ state }) => state === 'offline'), { detail: /127\.0\.0\.1:9/ });
  t.ok(Date.now() - began < 3000);
  t.match(await offline.fails('connect', stranger), {
    code: 'DHT_UNREACHABLE',
    stage: 'bootstrap',
  });
  t.ok(offline.events.some(({ type, key }) => type === 'unreachable' && key === stranger));
  // Local work does not need the network.
  await offline.call('append', 'jobs', ['hex:00']);

  await online.call('join', room());
  t.match(await online.fails('connect', stranger), {
    code: 'PEER_NOT_ANNOUNCED',
    stage: 'lookup',
    peer: stranger.slice(4),
    hint: /nexus up/,
  });
});

t.test('dead peers that the DHT still remembers do not hide a living one', async (t) => {
  const world = await World.start(t);
  const topic = fromHex(bytes32(77).slice('hex:'.length));
  // Announced as a node announces itself, by one that answers no handshake.
  const options = { bootstrap: world.bootstrap, host: '127.0.0.1', firewalled: false };
  const announcer = new HyperDht(options) as unknown as Announcer;
  t.teardown(() => announcer.destroy());
  const { hash } = HyperDht as unknown as { hash(key: Uint8Array): Uint8Array };
  for (let n = 0; n < 24; n++) {
    const keys = HyperDht.keyPair(new Uint8Array(32).fill(100 + n));
    for (const target of [topic, hash(keys.publicKey)]) {
      await announcer.announce(Buffer.from(target), keys, []).finished();
    }
  }
  const [one, other] = await Promise.all([world.peer(1), world.peer(2)]);
  const joined = room({ topics: [bytes32(77)] });
  await Promise.all([one.call('join', joined), other.call('join', joined)]);
  // Each dead one takes seconds to fail.
  t.ok(await one.event((e) => e.type === 'peer' && e.peer.key === other.key));
});
