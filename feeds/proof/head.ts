import { concatBytes, equalBytes, fromHex } from '../base/mod.ts';
import { verifyEd25519 } from '../records/mod.ts';
import { blake2b } from './blake2b.ts';
import { refused } from './error.ts';
import { u64 } from './tree.ts';
import type { SignedHead } from './types.ts';

/** Hypercore's domain tags: `hypercore-crypto.namespace('hypercore', 6)`, numbers 0 and 3. */
const TREE = fromHex('9fac70b50ca14efc4e91c833b204e75b8b5aad8b5881bfc0adb5ef38a3275b9c');
const MANIFEST = fromHex('e64b7108eacce47cfc61ac850568f55f8b15b82ec5ed78c4ec597b036e2a1498');

/** Manifest of one Ed25519 signer: version, no flags, BLAKE2b, quorum 1, 1 signer, Ed25519. */
const MANIFEST_PREFIX = Uint8Array.of(1, 0, 0, 1, 1, 0);
const MANIFEST_BYTES = MANIFEST_PREFIX.length + 32 + 32;

/**
 * The public key that signs a core's heads.
 * @throws {NexusError} `PROOF_BAD_MANIFEST` unless the manifest hashes to `key` and names a single
 * Ed25519 signer without prologue or patches, which is the only form that a Nexus log has
 */
export function writerOf(key: Uint8Array, manifest: Uint8Array): Uint8Array {
  const prefix = manifest.subarray(0, MANIFEST_PREFIX.length);
  if (manifest.length !== MANIFEST_BYTES || !equalBytes(prefix, MANIFEST_PREFIX)) {
    throw refused('PROOF_BAD_MANIFEST', 'the manifest is not that of a log with a single writer');
  }
  if (!equalBytes(blake2b(MANIFEST, manifest), key)) {
    throw refused('PROOF_BAD_MANIFEST', 'the manifest does not hash to the key of the core');
  }
  return manifest.slice(-32);
}

/** What a core's writer signs of a head: 112 bytes. */
export function signableOf(head: SignedHead): Uint8Array {
  return concatBytes(TREE, head.key, head.treeHash, u64(head.length), u64(head.fork));
}

/**
 * Checks that a head was signed by the writer of its core.
 * @returns the writer's public key (that of the core, not of the identity)
 * @throws {NexusError} `PROOF_BAD_HEAD`, `PROOF_BAD_MANIFEST` or `PROOF_BAD_SIGNATURE`
 */
export async function verifyHead(head: SignedHead): Promise<{ writer: Uint8Array }> {
  const { key, treeHash, length, fork, signature } = head;
  const whole = (n: number, min: number) => Number.isSafeInteger(n) && n >= min;
  if (key.length !== 32 || treeHash.length !== 32 || !whole(length, 1) || !whole(fork, 0)) {
    throw refused('PROOF_BAD_HEAD', 'the head is malformed or of an empty log');
  }
  const writer = writerOf(key, head.manifest);
  // One proof by signer 0, no patch nodes: the only canonical form with a single signer.
  const framed = signature.length === 68 && signature[0] === 1 && signature[1] === 0 &&
    signature[66] === 0 && signature[67] === 0;
  const inner = signature.subarray(2, 66);
  if (!framed || !(await verifyEd25519(writer, signableOf(head), inner))) {
    throw refused(
      'PROOF_BAD_SIGNATURE',
      `the head at length ${length} is not signed by its writer`,
    );
  }
  return { writer };
}

/**
 * True if two heads prove misconduct: both signed, same core, fork and length, different content.
 * @throws {NexusError} as {@link verifyHead}, if one of them is not a signed head at all
 */
export async function equivocation(a: SignedHead, b: SignedHead): Promise<boolean> {
  await verifyHead(a);
  await verifyHead(b);
  const same = equalBytes(a.key, b.key) && a.length === b.length && a.fork === b.fork;
  return same && !equalBytes(a.treeHash, b.treeHash);
}
