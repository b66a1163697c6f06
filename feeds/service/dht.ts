/**
 * A node of a private DHT: a Node process that one Deno process starts.
 * @module
 */
import { networkInterfaces } from 'node:os';
import { messageOf, NexusError } from '../base/mod.ts';
import { Fields } from '../wire/mod.ts';
import { HyperDht } from './native.ts';
import { serveParent } from './parent.ts';

type Running = InstanceType<typeof HyperDht>;
let running: Running | null = null;
const nothing = () => {};

serveParent(
  async (method, args) => {
    if (method === 'start') return await start(new Fields(args));
    if (method === 'close') return null;
    throw new NexusError('UNKNOWN_METHOD', `a DHT node knows no call "${method}"`);
  },
  { event: nothing, data: nothing, credit: nothing },
  async () => await running?.destroy({ force: true }),
);

async function start(fields: Fields): Promise<{ host: string; port: number }> {
  const bind = fields.text('host', 64);
  const wanted = fields.number('port', 0, 65535);
  const bootstrap = fields.raw('bootstrap') as { host: string; port: number }[];
  // HyperDHT reads 0 as its default port.
  const port = wanted === 0 ? 20_000 + Math.floor(40_000 * Math.random()) : wanted;
  const host = bind === '0.0.0.0' ? outerAddress() : bind;
  const options = { host: bind, bootstrap, anyPort: wanted === 0, ephemeral: false };
  const dht = bootstrap.length === 0
    ? HyperDht.bootstrapper(port, host, options)
    : new HyperDht({ ...options, port, firewalled: false });
  dht.on('error', nothing);
  try {
    await dht.fullyBootstrapped();
  } catch (error) {
    throw new NexusError('PORT_IN_USE', `cannot bind UDP ${bind}:${port}: ${messageOf(error)}`, {
      hint: 'choose another --port or --host',
      cause: error,
    });
  }
  running = dht;
  return { host, port: dht.address().port };
}

/** The address at which others reach a node that binds every interface. */
function outerAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all.find((one) => one.family === 'IPv4' && !one.internal)?.address ?? '127.0.0.1';
}
