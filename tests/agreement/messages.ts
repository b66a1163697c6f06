import { concatBytes, equalBytes, taggedHash } from '../../feeds/base/mod.ts';
import {
  type CutHead,
  type ProposalRecord,
  signRecord,
  type VoteRecord,
} from '../../feeds/records/mod.ts';

export const NETWORK = new Uint8Array(32).fill(9);
export type Message = ProposalRecord | VoteRecord;

/** Signatures that only {@link signAs} makes: a hash, so that thousands are checked in a second. */
export const verify = (key: Uint8Array, message: Uint8Array, signature: Uint8Array) =>
  equalBytes(signature, signatureOf(key, message));

function signatureOf(key: Uint8Array, message: Uint8Array): Uint8Array {
  const half = taggedHash('test/signature', key, message);
  return concatBytes(half, half);
}

export function signAs<T extends Message>(record: Omit<T, 'signature'>): Promise<T> {
  const key = record.witness;
  return signRecord<T>(record as never, (message) => signatureOf(key, message));
}

/** In the order of their numbers: the proposer of an epoch's round is their sum's remainder. */
export const keyOf = (i: number) => new Uint8Array(32).fill(i + 1);
export const coreOf = (i: number) => taggedHash('test/core', Uint8Array.of(i));
/** @param history of its writer's making: an honest one has one */
export const headOf = (core: number, length: number, history = 0): CutHead => ({
  core: coreOf(core),
  length,
  treeHash: taggedHash('test/tree', coreOf(core), new TextEncoder().encode(`${length} ${history}`)),
});
