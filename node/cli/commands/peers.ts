import { NexusError } from '../../../feeds/base/mod.ts';
import { call, type DistrustRow, type PeerRow } from '../../control/mod.ts';
import { openHome } from '../../home/mod.ts';
import { short } from '../answer.ts';
import { table } from '../columns.ts';
import { keyOf } from '../key_of.ts';
import { defineCommand } from '../spec.ts';

const KEY = {
  name: 'key',
  required: true,
  help: 'as `nexus id` shows it there, or first digits of one that is listed here',
};

/** `nexus peers` */
export const command = defineCommand({
  name: 'peers',
  summary: 'who is connected, and what they serve',
  description: 'Asks the running node of this home. What peers say of their hardware is a claim.',
  flags: {},
  actions: [
    { name: 'list', summary: 'connected peers' },
    {
      name: 'connect',
      summary: 'reach a peer by its key, and say what fails if it does not work',
      positionals: [KEY],
    },
    {
      name: 'ban',
      summary: 'have nothing to do with a peer',
      positionals: [KEY],
    },
    {
      name: 'unban',
      summary: 'have to do with it again',
      positionals: [KEY],
    },
    { name: 'bans', summary: 'peers that are banned' },
    { name: 'avoided', summary: 'executors that are not asked, since a check found something' },
    {
      name: 'forgive',
      summary: 'ask it again all the same',
      positionals: [KEY],
    },
  ],
  examples: [
    { command: 'nexus peers', does: 'a table of connected peers' },
    { command: 'nexus peers connect <key>', does: 'why can I not reach it?' },
  ],
  async run({ flags, action, positionals, out, signal }) {
    const { paths } = await openHome(flags.home);
    if (action === 'connect') {
      const wanted = await keyOf(positionals[0]!, 'peers', paths.socket, signal);
      const found = await call(paths.socket, 'connect', { key: wanted }, signal);
      const { key, rttMs, transport } = found as PeerRow;
      await out.event({ event: 'connected', key, rttMs, transport });
      return await out.result(`connected to ${short(key)} (${transport}, ${milliseconds(rttMs)})`);
    }
    if (action === 'ban') {
      const key = await keyOf(positionals[0]!, 'peers', paths.socket, signal);
      await call(paths.socket, 'ban', { key }, signal);
      return await out.note(`${short(key)} is banned`);
    }
    if (action === 'unban') {
      const key = await keyOf(positionals[0]!, 'bans', paths.socket, signal);
      const { unbanned } = await call(paths.socket, 'unban', { key }, signal) as {
        unbanned: boolean;
      };
      const what = unbanned ? 'is not banned any more' : 'was not banned';
      return await out.note(`${short(key)} ${what}`);
    }
    if (action === 'bans') {
      const bans = await call(paths.socket, 'bans', {}, signal) as { key: string; at: number }[];
      for (const ban of bans) {
        await out.event({ event: 'ban', key: ban.key, since: ban.at });
        await out.result(`${ban.key}  since ${new Date(ban.at).toISOString()}`);
      }
      return bans.length === 0 ? await out.note('nobody is banned') : undefined;
    }
    if (action === 'forgive') {
      const key = await keyOf(positionals[0]!, 'distrusted', paths.socket, signal);
      const { forgiven } = await call(paths.socket, 'forgive', { key }, signal) as {
        forgiven: boolean;
      };
      return await out.note(`${short(key)} ${forgiven ? 'may be asked again' : 'was not avoided'}`);
    }
    if (action === 'avoided') {
      const rows = await call(paths.socket, 'distrusted', {}, signal) as DistrustRow[];
      for (const row of rows) {
        await out.event({ event: 'avoided', ...row });
        const until = row.until === null
          ? 'for good'
          : `until ${new Date(row.until).toISOString()}`;
        await out.result(`${row.key}  ${until}: ${row.detail}`);
      }
      return rows.length === 0 ? await out.note('nobody is avoided') : undefined;
    }
    const peers = await call(paths.socket, 'peers', {}, signal);
    if (!Array.isArray(peers)) throw new NexusError('NODE_LOST', 'the node gave no list of peers');
    for (const peer of peers) await out.event({ event: 'peer', ...peer });
    if (peers.length === 0) {
      return await out.note('nobody is connected yet; `nexus doctor` finds out why');
    }
    const rows = (peers as PeerRow[]).map((peer) => [
      short(peer.key),
      peer.name ?? '',
      milliseconds(peer.rttMs),
      peer.transport,
      peer.models.map(({ name }) => name).join(' ') || '-',
      peer.load === null ? '-' : `${peer.load.active}/${peer.load.slots}+${peer.load.queued}`,
      peer.distrusted
        ? 'avoided'
        : peer.draining
        ? 'draining'
        : peer.fresh || peer.load === null
        ? ''
        : 'silent',
      peer.hardware ?? '',
    ]);
    const head = ['KEY', 'NAME', 'RTT', 'BY', 'SERVES', 'LOAD', '', 'HARDWARE (claimed)'];
    await out.result(table([head, ...rows], out.columns));
  },
});

function milliseconds(value: number | null): string {
  return value === null ? '-' : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}
