import { toHex } from '../../feeds/base/mod.ts';
import { startDht, startFeeds } from '../../feeds/client/mod.ts';
import { importSigner } from '../../feeds/records/mod.ts';
import { openHome } from '../../node/home/mod.ts';
import { joinOptionsOf, loadNetwork, serveInvites } from '../../node/network/mod.ts';

/** A DHT and the owner's node of a private network; ends when stdin does. */
const [path = '', name = ''] = Deno.args;
const host = '127.0.0.1';
const say = (value: unknown) => console.log(JSON.stringify(value));

const home = await openHome(path);
const self = await importSigner(home.seed);
const network = await loadNetwork(home.paths, name);
await using dht = await startDht({ host, port: 0 });
const bootstrap = [{ host, port: dht.port }];
await using feeds = await startFeeds({ home: home.paths.home, seed: home.seed, host, bootstrap });
serveInvites(feeds, {
  network,
  self,
  onMembers: (list) => say({ event: 'members', names: list.members.map((one) => one.name) }),
  onRefused: (peer, error) => say({ event: 'refused', peer: toHex(peer), code: error.code }),
});
await feeds.join(joinOptionsOf(network, { profiles: [], announce: true, maxPeers: 8 }));
say({ event: 'up', bootstrap: `${host}:${dht.port}` });
for await (const _ of Deno.stdin.readable);
