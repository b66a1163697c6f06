import { NexusError, toHex } from '../../../feeds/base/mod.ts';
import { startFeeds } from '../../../feeds/client/mod.ts';
import { acquireNode, changeConfig } from '../../home/mod.ts';
import { bootstrapOf, enterNetwork, machineName, parseToken } from '../../network/mod.ts';
import { usageError } from '../args.ts';
import { readLine } from '../ask.ts';
import { NETWORK_FLAGS, openContext } from '../context.ts';
import type { Output } from '../output.ts';
import { defineCommand } from '../spec.ts';

/** `nexus join` */
export const command = defineCommand({
  name: 'join',
  summary: 'enter a private network with an invite',
  description:
    'Meets the machine that made the invite, and chooses the network. From then on prompts\n' +
    'may run on any of its machines. Without a token on the command line it is read from stdin,\n' +
    'which keeps it out of the history of your shell.',
  flags: {
    host: NETWORK_FLAGS.host,
    bootstrap: NETWORK_FLAGS.bootstrap,
    as: { type: 'string', value: 'name', help: 'name that the network is to have here' },
    machine: {
      type: 'string',
      value: 'name',
      help: 'how this machine is called among the members',
    },
  },
  positionals: [{ name: 'token', help: 'what nexus invite printed on the other machine' }],
  examples: [
    { command: 'nexus join nexus1:…', does: 'enter' },
    { command: 'nexus join < token.txt', does: 'with the token from a file' },
  ],
  async run({ flags, positionals, out, signal }) {
    const token = parseToken(positionals[0] ?? await tokenOfStdin(out, signal));
    const { home, settings, signer } = await openContext({
      home: flags.home,
      host: flags.host,
      bootstrap: flags.bootstrap,
    });
    const lease = await acquireNode(home.paths);
    if (!lease.owner) {
      throw new NexusError('NODE_RUNNING', 'a node is running here; it has to stop for this', {
        hint: 'stop `nexus up` with Ctrl-C, join, then start it again',
      });
    }
    try {
      await out.note('Looking for the machine that made the invite …');
      const host = settings.host.value;
      const node = Deno.env.get('NEXUS_NODE');
      await using feeds = await startFeeds({
        home: home.paths.home,
        seed: home.seed,
        ...bootstrapOf(settings.bootstrap.value ?? token.bootstrap),
        ...(host === null ? {} : { host }),
        ...(node === undefined ? {} : { node }),
      });
      const network = await enterNetwork(feeds, home.paths, token, {
        joiner: signer.publicKey,
        machine: flags.machine ?? machineName(),
        now: Date.now(),
        as: flags.as,
        signal,
      });
      await changeConfig(home.paths.config, { network: network.name });
      const { name, id, members } = network;
      const count = members?.members.length ?? 0;
      await out.event({ event: 'joined', name, id: toHex(id), members: count });
      const { bold } = out.style;
      await out.note(`This machine is in ${bold(name)} now, with ${count - 1} other(s).`);
      await out.note(`Prompts run: ${bold(home.config.privateWhere ?? 'any')} within it.\n`);
      await out.note('next: nexus run "Why is the sky blue?"');
    } finally {
      lease.release();
    }
  },
});

async function tokenOfStdin(out: Output, signal: AbortSignal): Promise<string> {
  await out.detail('reading the token from stdin');
  const line = Deno.stdin.isTerminal() ? null : await readLine(signal);
  if (line !== null && line !== '') return line;
  throw usageError('nexus join needs a token', 'get one on the other machine: nexus invite');
}
