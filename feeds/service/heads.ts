import { NexusError, toHex } from '../base/mod.ts';
import { logOf, type SignedHead } from '../proof/mod.ts';
import { decodeRecord, verifyEd25519, verifyRecordSignature } from '../records/mod.ts';
import { type Core, Hypercore } from './native.ts';

/**
 * The newest signed head of a core. Hypercore keeps only the newest signature, so length and
 * signature are taken in one step, before anything is awaited.
 * @throws {NexusError} `CORE_EMPTY` if nothing of the core is here
 */
export async function signedHead(core: Core): Promise<SignedHead> {
  const { length, fork, signature } = core.state;
  const manifest = core.getManifest({ raw: true });
  if (length === 0 || manifest === null || signature === null) {
    throw new NexusError('CORE_EMPTY', `no head of core ${toHex(core.key)} is held here`, {
      hint: 'follow the core and wait for an update from a peer that holds it',
    });
  }
  return {
    key: new Uint8Array(core.key),
    length,
    fork,
    // The core's own method waits for its last block where that is not here.
    treeHash: new Uint8Array(await Hypercore.treeHashFromStorage(core, length)),
    signature: new Uint8Array(signature),
    manifest: new Uint8Array(manifest),
  };
}

/** The identity that a core names as its owner in its first block; null if that is not here. */
export async function ownerOf(core: Core): Promise<Uint8Array | null> {
  const block = await core.get(0, { wait: false });
  if (block === null) return null;
  const record = decodeRecord(new Uint8Array(block));
  const isOwn = record.type === 'identity' && logOf(record, new Uint8Array(core.key)) !== null &&
    await verifyRecordSignature(record, verifyEd25519);
  return isOwn ? record.publicKey.slice() : null;
}
