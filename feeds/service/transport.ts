import type { Transport } from '../client/types.ts';
import type { Connection } from './native.ts';

/** How the bytes of a connection travel, from the address that they come from. */
export function transportOf(connection: Connection): Transport {
  const host = connection.rawStream?.remoteHost ?? '';
  if (host.startsWith('127.')) return 'loopback';
  if (/^(10\.|192\.168\.|169\.254\.|172\.(1[6-9]|2\d|3[01])\.)/.test(host)) return 'direct';
  return 'holepunched';
}
