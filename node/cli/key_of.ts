import { NexusError } from '../../feeds/base/mod.ts';
import { call } from '../control/mod.ts';

const SUFFIX = { peers: '', bans: ' bans', distrusted: ' avoided' } as const;

/** The whole key of the one peer or ban that begins so: tables show no more than first digits. */
export async function keyOf(
  text: string,
  list: 'peers' | 'bans' | 'distrusted',
  socket: string,
  signal: AbortSignal,
) {
  if (!/^[0-9a-f]{4,63}$/.test(text)) return text;
  const rows = await call(socket, list, {}, signal) as { key: string }[];
  const fitting = rows.map(({ key }) => key).filter((key) => key.startsWith(text));
  if (fitting.length === 1) return fitting[0]!;
  const what = fitting.length === 0 ? 'no key here begins' : `${fitting.length} keys here begin`;
  throw new NexusError('PEER_UNKNOWN', `${what} with ${text}`, {
    hint: `see nexus peers${SUFFIX[list]}, or give the whole key`,
  });
}
