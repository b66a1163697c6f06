import { toHex } from '../../../feeds/base/mod.ts';
import { openContext } from '../context.ts';
import { defineCommand } from '../spec.ts';

/** `nexus id` */
export const command = defineCommand({
  name: 'id',
  summary: 'the key of this node',
  description:
    'Others know this machine by its key. It is public; the seed behind it, in the file\n' +
    '`identity` of the home, is not: whoever has it is this node.',
  flags: {},
  examples: [
    { command: 'nexus id', does: 'print the key, 64 hexadecimal digits' },
    { command: 'nexus id --home ./other', does: 'of another home' },
  ],
  async run({ flags, out }) {
    const { home, signer } = await openContext({ home: flags.home });
    const key = toHex(signer.publicKey);
    await out.event({ event: 'id', key, home: home.paths.home, created: home.created });
    await out.result(key);
    await out.detail(`home ${home.paths.home}`);
  },
});
