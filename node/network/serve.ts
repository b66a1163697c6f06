import { equalBytes, NexusError } from '../../feeds/base/mod.ts';
import type { Channel, Feeds, JoinOptions } from '../../feeds/client/types.ts';
import { findInvite, keepInvite, ownedFolder } from './desk.ts';
import { topicOf } from './file.ts';
import {
  decodeMembers,
  encodeMembers,
  type Member,
  type MemberList,
  type Sign,
  verifyMembers,
} from './members.ts';
import { INVITE_PROTOCOL } from './messages.ts';
import { redeem } from './invites.ts';
import { answerInvite, type InviteDesk } from './redeem.ts';
import { addMember, loadMembers, saveMembers } from './roster.ts';
import { membersOf, type Network } from './store.ts';

/** A guest who says nothing is sent away after this. */
const GUEST_MS = 20_000;
/** Guests at once. */
const MAX_GUESTS = 16;

/** What the owner's node needs to let machines in. */
export interface ServeInvites {
  network: Network;
  /** This node's identity. */
  self: { publicKey: Uint8Array; sign: Sign };
  now?: () => number;
  /** A machine was let in: admit it, and hand the list on. */
  onMembers(list: MemberList): void;
  /** Somebody was refused. */
  onRefused?(peer: Uint8Array, error: NexusError): void;
}

/**
 * Serves {@link INVITE_PROTOCOL} on a running node. Does nothing where this machine is not the owner
 * of a private network. Invites are read from disk at each request, so `nexus invite` needs no word
 * with the node.
 * @returns true if it serves
 */
export function serveInvites(feeds: Pick<Feeds, 'serve'>, options: ServeInvites): boolean {
  const { network, self, onMembers, onRefused } = options;
  const { owner } = network.file;
  if (owner === null || !equalBytes(owner, self.publicKey)) return false;
  const folder = ownedFolder(network, self.publicKey);
  // One at a time: two newcomers with one token must not both find it open.
  let queue: Promise<unknown> = Promise.resolve();
  const settle = async (key: Uint8Array, member: Member): Promise<MemberList> => {
    const now = (options.now ?? Date.now)();
    // Used up before the member is let in: a crash in between costs an invite, not a guest too many.
    await keepInvite(folder, redeem(await findInvite(folder, key), member.key, now));
    return await addMember(folder, { owner, id: network.id }, member, self.sign);
  };
  const desk: InviteDesk = {
    file: network.file,
    settle(key, member) {
      const settled = queue.then(() => settle(key, member));
      queue = settled.catch(() => {});
      return settled;
    },
  };
  const take = async (channel: Channel) => {
    const timer = setTimeout(() => void channel.close(), GUEST_MS);
    try {
      const outcome = await answerInvite(channel, desk);
      if (outcome instanceof NexusError) onRefused?.(channel.peer, outcome);
      else onMembers(outcome);
    } finally {
      clearTimeout(timer);
      await channel.close().catch(() => {});
    }
  };
  let guests = 0;
  feeds.serve(INVITE_PROTOCOL, (channel) => {
    if (guests >= MAX_GUESTS) return void channel.close();
    guests++;
    take(channel).catch(() => {}).finally(() => guests--);
  });
  return true;
}

/** Takes in a member list that a peer handed on. */
export async function receiveMembers(
  network: Network,
  document: Uint8Array,
): Promise<{ list: MemberList; changed: boolean; equivocation: boolean }> {
  const { owner } = network.file;
  const list = decodeMembers(document);
  if (owner === null || network.folder === null || !await verifyMembers(list, owner, network.id)) {
    throw new NexusError('MEMBERS_INVALID', 'a member list was not signed by the owner', {
      stage: 'admission',
      hint: 'the peer that sent it is faulty or hostile; the list was dropped',
    });
  }
  const saved = await saveMembers(network.folder, list);
  const newest = await loadMembers(network.folder, owner, network.id);
  return { list: newest, changed: saved === 'kept', equivocation: saved === 'equivocation' };
}

/** How a node joins a network: on the topics of the network and of each served profile. */
export function joinOptionsOf(
  network: Network,
  options: {
    /** Ids of the profiles that this node serves or wants. */
    profiles: readonly Uint8Array[];
    announce: boolean;
    maxPeers: number;
    banned?: Uint8Array[];
  },
): JoinOptions {
  const { id, secret, members } = network;
  const { profiles, announce, maxPeers, banned = [] } = options;
  return {
    network: id,
    topics: [null, ...profiles].map((profile) => topicOf(id, secret, profile)),
    announce,
    members: membersOf(network),
    banned,
    maxPeers,
    membership: members === null ? null : encodeMembers(members),
  };
}
