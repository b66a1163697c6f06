import { NexusError } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/types.ts';
import type { HomePaths } from '../home/mod.ts';
import { INVITE_PROTOCOL } from './messages.ts';
import { redeemInvite } from './redeem.ts';
import { loadNetwork, type Network, saveNetwork } from './store.ts';
import type { InviteToken } from './token.ts';

/** The part of the feeds that entering a network needs. */
export type JoinFeeds = Pick<Feeds, 'join' | 'open' | 'leave'>;

/** Where the owner is looked for at most so long. */
const REACH_MS = 30_000;

/**
 * Enters a private network: meets its owner, redeems the token, stores what was learnt.
 * @param options.as name that the network is to have here; its own if absent
 * @throws {NexusError} `INVITE_EXPIRED`, the owner's refusals, or why the owner was not reached
 */
export async function enterNetwork(
  feeds: JoinFeeds,
  paths: HomePaths,
  token: InviteToken,
  options: {
    joiner: Uint8Array;
    machine: string;
    now: number;
    as?: string | undefined;
    signal?: AbortSignal;
  },
): Promise<Network> {
  const { joiner, machine, now, as, signal } = options;
  assertFresh(token, now);
  await feeds.join({
    network: token.network,
    // The owner's key is known: the others would only refuse who is not in the list yet.
    topics: [],
    announce: false,
    members: [token.owner],
    banned: [],
    maxPeers: 4,
    membership: null,
  });
  const bound = AbortSignal.timeout(REACH_MS);
  const channel = await feeds.open(token.owner, {
    protocol: INVITE_PROTOCOL,
    id: new Uint8Array(),
    handshake: new Uint8Array(),
    signal: signal === undefined ? bound : AbortSignal.any([bound, signal]),
  }).catch((thrown) => {
    signal?.throwIfAborted();
    throw new NexusError('OWNER_UNREACHABLE', "the network's owner was not reached", {
      stage: thrown instanceof NexusError ? thrown.stage ?? 'lookup' : 'lookup',
      hint: 'let `nexus up` run on the machine that made the invite, then join again',
      cause: thrown,
    });
  });
  const { file, members } = await redeemInvite(channel, token, joiner, machine);
  await feeds.leave();
  const { secret, bootstrap } = token;
  const name = as ?? await freeName(paths, file.name, token.network);
  return await saveNetwork(paths, name, { file, bootstrap, secret, members });
}

/** @throws {NexusError} `INVITE_EXPIRED` where no owner needs to be asked */
function assertFresh(token: InviteToken, now: number): void {
  if (now < token.expiresAt) return;
  throw new NexusError('INVITE_EXPIRED', 'this invite has expired', {
    hint: 'ask the owner of the network for a new one (nexus invite)',
  });
}

/** The network's own name, or with a number where another network has it already. */
async function freeName(paths: HomePaths, name: string, id: Uint8Array): Promise<string> {
  for (let n = 1; n < 100; n++) {
    const candidate = n === 1 ? name : `${name.slice(0, 28)}-${n}`;
    const there = await loadNetwork(paths, candidate).catch((thrown) => {
      if (thrown instanceof NexusError && thrown.code === 'NETWORK_UNKNOWN') return null;
      throw thrown;
    });
    if (there === null || there.id.every((byte, i) => byte === id[i])) return candidate;
  }
  return name;
}
