import { toHex } from '../../../feeds/base/mod.ts';
import {
  createInvite,
  inviteState,
  listInvites,
  loadNetwork,
  ownedFolder,
  revokeInvite,
} from '../../network/mod.ts';
import { usageError } from '../args.ts';
import { table } from '../columns.ts';
import { NETWORK_FLAGS, openContext } from '../context.ts';
import { defineCommand } from '../spec.ts';

const UNITS: Record<string, number> = { m: 60_000, h: 3_600_000, d: 86_400_000 };
const LONGEST_MS = 30 * 86_400_000;

/** `nexus invite` */
export const command = defineCommand({
  name: 'invite',
  summary: 'let another machine into a private network',
  description:
    'Prints a token: whoever has it can enter, once, until it expires. Hand it over on a way\n' +
    'that nobody else reads. `nexus up` has to run here when the other machine joins.',
  flags: {
    network: NETWORK_FLAGS.network,
    bootstrap: NETWORK_FLAGS.bootstrap,
    expires: { type: 'string', value: '30m|24h|7d', help: 'how long it holds; 24h unless told' },
  },
  actions: [
    { name: 'new', summary: 'make a token' },
    { name: 'list', summary: 'the invites of this network' },
    {
      name: 'revoke',
      summary: 'make a token worthless',
      positionals: [{ name: 'id', required: true, help: 'first digits of its id' }],
    },
  ],
  examples: [
    { command: 'nexus invite', does: 'a token for one machine, for a day' },
    { command: 'nexus invite new --expires 30m', does: 'for half an hour' },
    { command: 'nexus invite revoke 3fa9', does: 'take it back' },
  ],
  async run({ flags, action, positionals, out }) {
    const lifeMs = duration(flags.expires ?? '24h');
    const { home, settings, signer } = await openContext(flags);
    const network = await loadNetwork(home.paths, settings.network.value);
    const folder = ownedFolder(network, signer.publicKey);
    const now = Date.now();
    if (action === 'revoke') {
      const invite = await revokeInvite(folder, positionals[0]!, now);
      await out.event({ event: 'invite', id: toHex(invite.key), state: 'revoked' });
      return await out.note('The invite is revoked.');
    }
    if (action === 'list') {
      const rows = [['ID', 'STATE', 'EXPIRES', 'USED BY']];
      for (const invite of await listInvites(folder)) {
        const state = inviteState(invite, now);
        const by = invite.used === null ? null : toHex(invite.used.by);
        const expires = new Date(invite.expiresAt).toISOString();
        await out.event({ event: 'invite', id: toHex(invite.key), state, expires, usedBy: by });
        rows.push([toHex(invite.key).slice(0, 12), state, expires, by ?? '']);
      }
      return await out.result(table(rows));
    }
    const bootstrap = settings.bootstrap.value ?? network.bootstrap;
    const { token, invite } = await createInvite(network, signer.publicKey, {
      now,
      lifeMs,
      bootstrap,
    });
    const expires = new Date(invite.expiresAt).toISOString();
    await out.event({ event: 'invite', id: toHex(invite.key), state: 'open', expires, token });
    await out.note(
      `For one machine, until ${new Date(invite.expiresAt).toLocaleString()}. There:\n`,
    );
    await out.result(out.terminal ? `  nexus join ${token}\n` : token);
    await out.note(`Keep \`nexus up\` running here until it has joined. Take it back with`);
    await out.note(`nexus invite revoke ${toHex(invite.key).slice(0, 12)}`);
  },
});

function duration(text: string): number {
  const parts = /^(\d{1,6})([mhd])$/.exec(text);
  const ms = parts === null ? 0 : Number(parts[1]) * UNITS[parts[2]!]!;
  if (ms > 0 && ms <= LONGEST_MS) return ms;
  throw usageError(
    `--expires cannot be ${JSON.stringify(text)}`,
    'e.g. 30m, 24h or 7d; at most 30d',
  );
}
