import t from 'tap';
import { bytes32, room, World } from './peer.ts';

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
