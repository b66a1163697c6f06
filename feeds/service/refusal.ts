import { NexusError, toHex } from '../base/mod.ts';
import type { RefusalCode } from './control.ts';

const REMEDIES: Record<RefusalCode, [them: string, us: string]> = {
  OTHER_NETWORK: [
    'Join the same network on both machines (compare "nexus network").',
    'It has to join this network; compare "nexus network" on both machines.',
  ],
  OTHER_VERSION: [
    'Update the older of the two programs.',
    'Update the older of the two programs.',
  ],
  BANNED: ['Ask the operator of that node.', 'Remove it from the ban list to let it in.'],
  NOT_A_MEMBER: [
    'Ask a member for an invitation: "nexus invite" there, "nexus join <token>" here.',
    'Invite it with "nexus invite", if it is one of yours.',
  ],
  FULL: ['Try again later, or another peer.', 'Raise maxPeers to admit more.'],
  BAD_IDENTITY: [
    'Check that the home folder is not a mixture of two identities.',
    'Its identity record does not belong to its key: do not trust it.',
  ],
};

/** The error that both sides of a refusal see, each with its own remedy. */
export function refusal(
  code: RefusalCode,
  detail: string,
  peer: Uint8Array,
  byUs: boolean,
): NexusError {
  const name = toHex(peer).slice(0, 16);
  // Text of a peer is shown on terminals.
  // deno-lint-ignore no-control-regex
  const clean = detail.replace(/[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, ' ');
  const who = byUs ? `refused peer ${name}` : `peer ${name} refused this node`;
  return new NexusError(code, `${who}: ${clean.slice(0, 300)}`, {
    hint: REMEDIES[code][byUs ? 1 : 0],
    peer: toHex(peer),
    stage: 'admission',
  });
}
