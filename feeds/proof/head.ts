import { concatBytes, equalBytes, fromHex } from '../base/mod.ts';
import { verifyEd25519 } from '../records/mod.ts';
import { blake2b } from './blake2b.ts';
import { refused } from './error.ts';
import type { ShownHead } from './head_codec.ts';
import { treeHashAt } from './prefix.ts';
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
  return contradicts({ head: a, prefix: null }, { head: b, prefix: null });
}

/**
 * True if two heads show different histories of one core and fork. Of the longer one a proof must
 * tell what it held at the length of the other. Signatures are *not* checked here.
 * @throws {NexusError} `PROOF_BAD_PREFIX`
 */
export function contradicts(one: ShownHead, other: ShownHead): boolean {
  const [short, long] = one.head.length <= other.head.length ? [one, other] : [other, one];
  const a = short.head, b = long.head;
  if (!equalBytes(a.key, b.key) || a.fork !== b.fork) return false;
  if (short.prefix !== null) throw refused('PROOF_BAD_PREFIX', 'the shorter head needs none');
  if (a.length === b.length) {
    if (long.prefix !== null) throw refused('PROOF_BAD_PREFIX', 'heads of one length need none');
    return !equalBytes(a.treeHash, b.treeHash);
  }
  if (long.prefix === null) return false;
  return !equalBytes(a.treeHash, treeHashAt(b, a.length, long.prefix));
}
