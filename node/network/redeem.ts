import { equalBytes, NexusError } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/types.ts';
import { importSigner, verifyEd25519 } from '../../feeds/records/mod.ts';
import { type NetworkFile, networkId } from './file.ts';
import { isMember, type Member, type MemberList, verifyMembers } from './members.ts';
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  proofMessage,
} from './messages.ts';
import type { InviteToken } from './token.ts';

/** The part of a channel that invites need. */
export type InviteChannel = Pick<Channel, 'peer' | 'send' | 'close'> & AsyncIterable<Uint8Array>;

/**
 * The newcomer's end: redeems a token over a channel to the owner, and believes nothing of the
 * answer that does not follow from the token.
 * @param joiner own identity key; the channel's connection proves it
 * @throws {NexusError} `INVITE_EXPIRED`, `INVITE_USED`, `INVITE_REVOKED`, `INVITE_UNKNOWN`,
 * `INVITE_BAD_ANSWER`, or what the channel throws
 */
export async function redeemInvite(
  channel: InviteChannel,
  token: InviteToken,
  joiner: Uint8Array,
  name: string,
): Promise<{ file: NetworkFile; members: MemberList }> {
  const lie = (what: string) =>
    new NexusError('INVITE_BAD_ANSWER', `the owner's answer does not hold: ${what}`, {
      hint: 'ask for a new invite',
      stage: 'admission',
    });
  if (!equalBytes(channel.peer, token.owner)) throw lie('it comes from another machine');
  const signer = await importSigner(token.seed);
  const proof = await signer.sign(proofMessage(token.network, token.owner, joiner));
  await channel.send(encodeRequest({ invite: signer.publicKey, proof, name }));
  const answer = decodeAnswer(await firstOf(channel));
  await channel.close();
  if (!answer.ok) throw answer.error;
  const { file, members } = answer;
  if (!equalBytes(networkId(file), token.network)) throw lie('it is about another network');
  if (file.owner === null || !equalBytes(file.owner, token.owner)) throw lie('the owner differs');
  if (!await verifyMembers(members, token.owner, token.network)) {
    throw lie('the signature is wrong');
  }
  if (!isMember(members, joiner)) throw lie('this machine is not in the member list');
  return { file, members };
}

/** What the owner's end needs of its files. */
export interface InviteDesk {
  file: NetworkFile;
  /**
   * Redeems the stored invite of that key for a machine and adds it to the members.
   * @throws {NexusError} `INVITE_UNKNOWN`, `INVITE_USED`, `INVITE_EXPIRED`, `INVITE_REVOKED`
   */
  settle(invite: Uint8Array, member: Member): Promise<MemberList>;
}

/**
 * The owner's end: answers the one request of a channel.
 * @returns the member list if somebody was let in, else why not
 */
export async function answerInvite(
  channel: InviteChannel,
  desk: InviteDesk,
): Promise<MemberList | NexusError> {
  try {
    const request = decodeRequest(await firstOf(channel));
    const owner = desk.file.owner;
    const message = proofMessage(networkId(desk.file), owner ?? new Uint8Array(), channel.peer);
    if (owner === null || !await verifyEd25519(request.invite, message, request.proof)) {
      throw new NexusError('INVITE_UNKNOWN', 'the proof of the invite is wrong', {
        hint: 'ask the owner of the network for a new one (nexus invite)',
      });
    }
    const members = await desk.settle(request.invite, { key: channel.peer, name: request.name });
    await channel.send(encodeAnswer({ ok: true, file: desk.file, members }));
    return members;
  } catch (thrown) {
    const known = thrown instanceof NexusError;
    const error = known
      ? thrown
      // What went wrong in the owner's files is nobody else's business.
      : new NexusError('INVITE_FAILED', 'the owner could not answer', { hint: 'try again' });
    await channel.send(encodeAnswer({ ok: false, error })).catch(() => {});
    return error;
  }
}

async function firstOf(channel: InviteChannel): Promise<Uint8Array> {
  // Not a loop: leaving one would close the channel before the answer.
  const { done, value } = await channel[Symbol.asyncIterator]().next();
  if (!done) return value;
  throw new NexusError('PEER_LOST', 'the other machine closed the channel without an answer', {
    stage: 'admission',
    hint: 'try again',
  });
}
