import { equalBytes, toHex } from '../base/mod.ts';
import { type Hello, PEER_VERSION, type Verdict } from './control.ts';

/** What is known of the network that was joined; members and banned as hexadecimal keys. */
export interface Room {
  network: Uint8Array;
  /** Null: everybody who is not banned. */
  members: ReadonlySet<string> | null;
  banned: ReadonlySet<string>;
  maxPeers: number;
}

/** Guests at once: each holds a connection for a while. */
export const MAX_GUESTS = 8;

/**
 * Decides whether a peer is let in, from its hello alone. Its identity must have been verified.
 * @param others admitted peers and guests, without this one
 */
export function decide(
  room: Room,
  peer: Uint8Array,
  hello: Hello,
  others: { admitted: number; guests: number },
): Verdict {
  const no = (code: Exclude<Verdict, { admit: 'yes' }>['code'], detail: string): Verdict => ({
    admit: 'no',
    code,
    detail,
  });
  if (hello.version !== PEER_VERSION) {
    return no('OTHER_VERSION', `this peer speaks version ${PEER_VERSION}, not ${hello.version}`);
  }
  if (!equalBytes(hello.network, room.network)) {
    return no('OTHER_NETWORK', `this peer is on network ${toHex(room.network).slice(0, 16)}`);
  }
  const key = toHex(peer);
  if (room.banned.has(key)) return no('BANNED', 'this identity is banned here');
  if (room.members !== null && !room.members.has(key)) {
    if (others.guests >= MAX_GUESTS) return no('FULL', 'too many guests at the moment');
    return { admit: 'guest', code: 'NOT_A_MEMBER', detail: 'not on the list of members' };
  }
  if (others.admitted >= room.maxPeers) {
    return no('FULL', `this peer holds its ${room.maxPeers} connections`);
  }
  return { admit: 'yes' };
}
