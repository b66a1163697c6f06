import { NexusError, toHex } from '../base/mod.ts';
import { type BlockProof, encodeBlockProof, type HypercoreProof } from '../proof/mod.ts';
import { signedHead } from './heads.ts';
import type { Core } from './native.ts';

/**
 * Proves that block `index` stands under the newest signed head of a core.
 * @throws {NexusError} `CORE_EMPTY`, `BLOCK_UNKNOWN`
 */
export async function proveBlock(core: Core, index: number): Promise<BlockProof> {
  const head = await signedHead(core);
  if (index >= head.length) {
    throw new NexusError(
      'BLOCK_UNKNOWN',
      `core ${toHex(core.key)} has ${head.length} blocks, not one of index ${index}`,
      { hint: 'update the core first' },
    );
  }
  const proof = await core.proof({
    block: { index, nodes: 0 },
    upgrade: { start: 0, length: head.length },
  });
  return { head, index, proof: encodeBlockProof(proof as unknown as HypercoreProof) };
}
