import { equalBytes, NexusError, toHex } from '../../../feeds/base/mod.ts';
import { loadNetwork, type Member, ownedFolder, removeMember } from '../../network/mod.ts';
import { table } from '../columns.ts';
import { NETWORK_FLAGS, openContext, tellNode } from '../context.ts';
import { defineCommand } from '../spec.ts';

/** `nexus members` */
export const command = defineCommand({
  name: 'members',
  summary: 'the machines of a private network',
  flags: { network: NETWORK_FLAGS.network },
  actions: [
    { name: 'list', summary: 'who is in' },
    {
      name: 'remove',
      summary: 'take a machine out',
      positionals: [{
        name: 'machine',
        required: true,
        help: 'its name, or first digits of its key',
      }],
    },
  ],
  examples: [
    { command: 'nexus members', does: 'who is in the chosen network' },
    { command: 'nexus members remove old-laptop', does: 'take a machine out' },
  ],
  async run({ flags, action, positionals, out }) {
    const { home, settings, signer } = await openContext(flags);
    const network = await loadNetwork(home.paths, settings.network.value);
    const { owner } = network.file;
    if (network.members === null || owner === null) {
      throw new NexusError(
        'NETWORK_OPEN',
        `${network.name} is open to everybody: it has no members`,
        {
          hint: 'who is connected: nexus peers; make a private network: nexus network new home',
        },
      );
    }
    if (action === 'remove') {
      const folder = ownedFolder(network, signer.publicKey);
      const member = choose(network.members.members, positionals[0]!);
      if (equalBytes(member.key, owner)) {
        throw new NexusError('MEMBER_IS_OWNER', 'the owner cannot be taken out', {
          hint: `give the network up: nexus leave ${network.name}`,
        });
      }
      const list = await removeMember(folder, { owner, id: network.id }, member.key, signer.sign);
      const running = await tellNode(home.paths.socket, 'network.reload');
      await out.event({ event: 'removed', key: toHex(member.key), version: list.version });
      await out.note(
        `${member.name} is out. Machines learn it when they next meet a member who knows.`,
      );
      if (!running) {
        await out.note('No node runs here: start one with nexus up to spread the word.');
      }
      return;
    }
    const rows = [['NAME', 'KEY', '']];
    for (const { key, name } of network.members.members) {
      const isOwner = equalBytes(key, owner), isSelf = equalBytes(key, signer.publicKey);
      await out.event({ event: 'member', name, key: toHex(key), owner: isOwner, self: isSelf });
      const marks = [isOwner ? 'owner' : '', isSelf ? 'this machine' : ''];
      rows.push([name, toHex(key), marks.filter((mark) => mark !== '').join(', ')]);
    }
    await out.result(table(rows));
  },
});

function choose(members: readonly Member[], word: string): Member {
  const named = members.filter(({ name }) => name === word);
  const found = named.length > 0
    ? named
    : members.filter(({ key }) => word.length >= 4 && toHex(key).startsWith(word.toLowerCase()));
  const [member] = found;
  if (member !== undefined && found.length === 1) return member;
  throw new NexusError(
    member === undefined ? 'MEMBER_UNKNOWN' : 'MEMBER_AMBIGUOUS',
    member === undefined
      ? 'there is no such machine'
      : `${found.length} machines are meant by that`,
    { hint: 'give its name or key as nexus members shows it' },
  );
}
