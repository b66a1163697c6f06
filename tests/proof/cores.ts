// Corestore has no types.
// deno-lint-ignore-file no-explicit-any
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Corestore from 'corestore';
import Verifier from 'hypercore/lib/verifier.js';
import { type BlockProof, encodeBlockProof, type SignedHead } from '../../feeds/proof/mod.ts';

const plain = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes);

/** A store of real cores in a folder that goes away with the test. */
export async function openStore(
  t: { teardown(close: () => Promise<void>): void },
): Promise<any> {
  const folder = await mkdtemp(join(tmpdir(), 'nexus-proof-'));
  const store = new Corestore(folder);
  t.teardown(async () => {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  });
  return store;
}

/** The newest head of a real core. */
export async function headOf(core: any): Promise<SignedHead> {
  return {
    key: plain(core.key),
    length: core.length,
    fork: core.fork,
    treeHash: plain(await core.treeHash(core.length)),
    signature: plain(core.state.signature),
    manifest: plain(Verifier.encodeManifest(core.manifest)),
  };
}

/** The proof of a block of a real core. */
export async function proofOf(core: any, index: number): Promise<BlockProof> {
  const head = await headOf(core);
  const proof = await core.proof({
    block: { index, nodes: 0 },
    upgrade: { start: 0, length: head.length },
  });
  return { head, index, proof: encodeBlockProof(proof) };
}
