import { taggedHash } from '../base/mod.ts';
import { encodeWith, fixed, uint } from './codec.ts';
import { list, struct } from './combine.ts';
import { LIMITS } from './limits.ts';
import type { CutHead, ProposalRecord, VerdictRevealRecord } from './audit_types.ts';
import { encodeRecord } from './record.ts';

type Cut = Pick<ProposalRecord, 'network' | 'epoch' | 'previous' | 'heads'>;

const hash = fixed(32);
const cut = struct<Cut>({
  network: hash,
  epoch: uint(LIMITS.epochs),
  previous: hash,
  heads: list(
    struct<CutHead>({ core: hash, length: uint(LIMITS.blocks, 1), treeHash: hash }),
    LIMITS.cutHeads,
  ),
});

/** What is voted on: 32 bytes over network, epoch, the cut before and the heads; not the round. */
export function cutHash({ network, epoch, previous, heads }: Cut): Uint8Array {
  const bytes = encodeWith(cut, { network, epoch, previous, heads }, LIMITS.recordBytes);
  return taggedHash('nexus/cut/1', bytes);
}

/**
 * The value of a `verdictCommit`: 32 bytes over the auditor's key and everything that the reveal
 * says but where the commitment stands. The auditor is part of it, so a copied commitment never
 * opens.
 */
export function verdictCommitment(auditor: Uint8Array, reveal: VerdictRevealRecord): Uint8Array {
  return taggedHash('nexus/verdict/1', auditor, encodeRecord({ ...reveal, commit: 0 }));
}
