import { messageOf } from '../base/mod.ts';
import {
  type Codec,
  decodeWith,
  encodeWith,
  fixed,
  list,
  nullable,
  struct,
  uint,
} from '../records/mod.ts';
import { refused } from './error.ts';
import type { Prefix } from './prefix.ts';
import type { Subtree } from './tree.ts';
import type { SignedHead } from './types.ts';

/** A signed head as evidence, and what its core held at a shorter length where that matters. */
export interface ShownHead {
  head: SignedHead;
  prefix: Prefix | null;
}

/** What stands alone as a proof that a log's writer has rewritten it. */
export type HeadEvidence =
  /** Two histories of one core. */
  | { proof: 'heads'; first: ShownHead; second: ShownHead }
  /** Its fork is above 0. */
  | { proof: 'fork'; head: ShownHead };

/** Peaks of a core of 2^53 blocks, and what leads on from them. */
const MAX_HEIGHT = 53;
const MAX_BYTES = 8 * 1024;

const subtree = struct<Subtree>({ size: uint(), hash: fixed(32) });

const shown: Codec<SignedHead & { version: number; prefix: Prefix | null }> = struct({
  version: uint(1, 1),
  key: fixed(32),
  length: uint(Number.MAX_SAFE_INTEGER, 1),
  fork: uint(),
  treeHash: fixed(32),
  signature: fixed(68),
  manifest: fixed(70),
  prefix: nullable(struct<Prefix>({
    peaks: list(subtree, MAX_HEIGHT),
    nodes: list(subtree, 2 * MAX_HEIGHT),
  })),
});

/**
 * Encodes a signed head: some 210 bytes, one encoding for one head. It need not hold.
 * @param prefix made by `prefixOf`
 * @throws {NexusError} `RECORD_BAD_FIELD` if a field has another size than in a Nexus log's head
 */
export function encodeHead(head: SignedHead, prefix: Prefix | null = null): Uint8Array {
  const { key, length, fork, treeHash, signature, manifest } = head;
  const value = { version: 1, key, length, fork, treeHash, signature, manifest, prefix };
  return encodeWith(shown, value, MAX_BYTES);
}

/**
 * Decodes the bytes of {@link encodeHead}, which anybody may have written. Nothing in it is checked;
 * its byte arrays are views on `bytes`.
 * @throws {NexusError} `PROOF_BAD_ENCODING`
 */
export function decodeHead(bytes: Uint8Array): ShownHead {
  try {
    const { version: _, prefix, ...head } = decodeWith(shown, bytes, MAX_BYTES);
    return { head, prefix };
  } catch (thrown) {
    throw refused('PROOF_BAD_ENCODING', `not a signed head: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
}
