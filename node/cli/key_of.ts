import { NexusError } from '../../feeds/base/mod.ts';
import { call, type NodeStatus } from '../control/mod.ts';

const SUFFIX = { peers: '', bans: ' bans', distrusted: ' avoided' } as const;

/**
 * The whole key of the one peer or ban that begins so: tables show no more than first digits.
 * @param ask calls the running node
 * @throws {NexusError} `USAGE` for what is no key, `OWN_KEY`, `PEER_UNKNOWN`
 */
export async function keyOf(
  text: string,
  list: 'peers' | 'bans' | 'distrusted',
  socket: string,
  signal: AbortSignal,
  ask: typeof call = call,
): Promise<string> {
  const wanted = text.toLowerCase();
  if (!/^[0-9a-f]{4,64}$/.test(wanted)) {
    throw new NexusError('USAGE', `${JSON.stringify(text.slice(0, 80))} is no key`, {
      hint: `give a key (nexus peers${SUFFIX[list]}), or at least four of its first digits`,
    });
  }
  if (wanted.length === 64) return wanted;
  const rows = await ask(socket, list, {}, signal) as { key: string }[];
  const fitting = rows.map(({ key }) => key).filter((key) => key.startsWith(wanted));
  if (fitting.length === 1) return fitting[0]!;
  if (fitting.length === 0) {
    const { key } = await ask(socket, 'status', {}, signal) as NodeStatus;
    if (key.startsWith(wanted)) {
      throw new NexusError('OWN_KEY', `${wanted} is this very node`, {
        hint: `give the key of another one: nexus peers${SUFFIX[list]}`,
      });
    }
  }
  const what = fitting.length === 0 ? 'no key here begins' : `${fitting.length} keys here begin`;
  throw new NexusError('PEER_UNKNOWN', `${what} with ${wanted}`, {
    hint: `see nexus peers${SUFFIX[list]}, or give the whole key`,
  });
}
