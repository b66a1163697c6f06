import { equalBytes, NexusError } from '../../../feeds/base/mod.ts';
import { changeConfig } from '../../home/mod.ts';
import { leaveNetwork, loadNetwork } from '../../network/mod.ts';
import { openContext, tellNode } from '../context.ts';
import { defineCommand } from '../spec.ts';

/** `nexus leave` */
export const command = defineCommand({
  name: 'leave',
  summary: 'forget a private network',
  description:
    'Removes its secret, member list and invites from this machine. Its owner can still list\n' +
    'this machine until it is taken out there (nexus members remove).',
  flags: { force: { type: 'boolean', help: 'also if this machine owns the network' } },
  positionals: [{ name: 'name', help: 'the network; the chosen one if absent' }],
  examples: [
    { command: 'nexus leave', does: 'leave the chosen network' },
    { command: 'nexus leave home', does: 'leave that one' },
  ],
  async run({ flags, positionals, out }) {
    const { home, settings, signer } = await openContext({ home: flags.home });
    const name = positionals[0] ?? settings.network.value;
    // A damaged network must be leavable too.
    const network = await loadNetwork(home.paths, name).catch((thrown: unknown) => {
      if (thrown instanceof NexusError && thrown.code !== 'NETWORK_UNKNOWN') return null;
      throw thrown;
    });
    if (network !== null && network.folder === null) {
      throw new NexusError('NETWORK_OPEN', `${name} is not a network that one is in`, {
        hint: 'see nexus network list',
      });
    }
    const owner = network?.file.owner ?? null;
    if (owner !== null && equalBytes(owner, signer.publicKey) && !flags.force) {
      throw new NexusError(
        'NETWORK_OWNED',
        `this machine owns ${name}: nobody could be let in again`,
        {
          hint: `if that is meant: nexus leave ${name} --force`,
        },
      );
    }
    await leaveNetwork(home.paths, name);
    const chosen = home.config.network === name;
    if (chosen) await changeConfig(home.paths.config, { network: undefined });
    if (await tellNode(home.paths.socket, 'network.reload')) {
      await out.warn('the node that runs here is still in it: restart nexus up');
    }
    await out.event({ event: 'left', name });
    await out.note(`${name} is forgotten here.`);
    if (!chosen) return;
    await out.note(`The open network main is chosen; prompts run: ${home.config.where ?? 'local'}`);
  },
});
