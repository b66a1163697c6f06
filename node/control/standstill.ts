import { call } from './client.ts';
import type { LedgerRows } from './ledger_rows.ts';
import type { NodeStatus, PeerRow } from './rows.ts';
import { about } from './spans.ts';

/** Cuts stand still when none came for so many epochs, and for so long, milliseconds. */
const EPOCHS = 3;
const LEAST_MS = 10_000;
/** Witnesses that are named, and characters of each. */
const NAMED = 4;
const KEY = 8;

/** What tells whether cuts come. */
export type CutPace = Pick<LedgerRows, 'cutAt' | 'epochMs'>;

/** For how long no cut has come, milliseconds; null where they come, or that is not known. */
export function standstillMs({ cutAt, epochMs }: CutPace, now: number): number | null {
  if (cutAt === null) return null;
  const ms = now - cutAt;
  return ms > Math.max(EPOCHS * epochMs, LEAST_MS) ? ms : null;
}

/**
 * That no cut comes, and which witnesses are missing, for people; null where cuts come.
 * @param connected keys of the peers and of the own node; null: not known
 */
export function standstillText(
  { electorate: { seats }, ...pace }: CutPace & Pick<LedgerRows, 'electorate'>,
  connected: ReadonlySet<string> | null,
  now: number,
): string | null {
  const ms = standstillMs(pace, now);
  if (ms === null) return null;
  const none = `no cut for ${about(ms)}`;
  if (connected === null || seats.length === 0) return none;
  const missing = seats.filter(({ key }) => !connected.has(key));
  if (missing.length === 0) return `${none}, though all ${seats.length} witnesses are connected`;
  const named = missing.slice(0, NAMED).map(({ key }) => key.slice(0, KEY)).join(', ');
  const more = missing.length > NAMED ? ', …' : '';
  return `${none}: of ${seats.length} witnesses ${missing.length} ` +
    `${missing.length === 1 ? 'is' : 'are'} not connected (${named}${more})`;
}

/** {@link standstillText}, where the running node is asked who is connected. */
export async function askStandstill(
  socket: string,
  rows: LedgerRows,
  now: number,
  signal?: AbortSignal,
): Promise<string | null> {
  if (standstillMs(rows, now) === null) return null;
  try {
    const [peers, { key }] = await Promise.all([
      call(socket, 'peers', {}, signal) as Promise<PeerRow[]>,
      call(socket, 'status', {}, signal) as Promise<NodeStatus>,
    ]);
    return standstillText(rows, new Set([key, ...peers.map((peer) => peer.key)]), now);
  } catch {
    signal?.throwIfAborted();
    return standstillText(rows, null, now);
  }
}
