import { startDht } from '../../../feeds/client/mod.ts';
import { NexusError } from '../../../feeds/base/mod.ts';
import { parseSetting } from '../../home/mod.ts';
import { aborted } from '../wait.ts';
import { bootstrapOf } from '../../network/mod.ts';
import { NETWORK_FLAGS } from '../context.ts';
import { nodeBinary } from '../runtime.ts';
import { defineCommand } from '../spec.ts';

export const command = defineCommand({
  name: 'dht',
  summary: 'run a bootstrap node for a mesh of your own',
  description:
    'A mesh that shall not use the public DHT needs one address that its nodes know. This runs it; ' +
    'give the address to the nodes with --bootstrap.',
  flags: {
    port: { type: 'integer', value: 'port', help: 'UDP port (default 49737; 0 takes a free one)' },
    ...NETWORK_FLAGS,
  },
  examples: [
    { command: 'nexus dht --host 127.0.0.1 --port 49737', does: 'a DHT on this machine alone' },
    {
      command: 'nexus up --bootstrap 127.0.0.1:49737 --host 127.0.0.1',
      does: 'a node that uses it',
    },
  ],
  async run({ flags, out, signal }) {
    const port = flags.port ?? 49737;
    if (port < 0 || port > 65535) {
      throw new NexusError('USAGE', `--port must be 0 to 65535, not ${port}`);
    }
    const node = nodeBinary();
    const host = flags.host ?? '0.0.0.0';
    await using dht = await startDht({
      host,
      port,
      ...bootstrapOf(
        parseSetting('bootstrap', flags.bootstrap.join(','), '--bootstrap') as string[],
      ),
      ...(node === undefined ? {} : { node }),
    });
    const address = `${dht.host}:${dht.port}`;
    await out.event({ event: 'ready', host: dht.host, port: dht.port });
    await out.note(`a DHT answers at ${address}; nodes use it with --bootstrap ${address}`);
    const died = dht.ended.then((detail) => {
      throw new NexusError('DHT_LOST', `the DHT process ended: ${detail}`, {
        hint: 'start it again',
      });
    });
    await Promise.race([aborted(signal), died]);
  },
});
