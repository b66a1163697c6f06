import { taggedHash } from '../base/mod.ts';
import { encodeWith, fixed, uint } from './codec.ts';
import { list, struct } from './combine.ts';
import { LIMITS } from './limits.ts';
import { seats as seatsCodec } from './audit_schema.ts';
import type { CutHead, ProposalRecord, Seat, VerdictRevealRecord } from './audit_types.ts';
import { encodeRecord } from './record.ts';

type Heads = Pick<ProposalRecord, 'network' | 'epoch' | 'previous' | 'heads'>;
type Seated = Heads & { seats: Seat[] };

const hash = fixed(32);
const fields = {
  network: hash,
  epoch: uint(LIMITS.epochs),
  previous: hash,
  heads: list(
    struct<CutHead>({ core: hash, length: uint(LIMITS.blocks, 1), treeHash: hash }),
    LIMITS.cutHeads,
  ),
};
const plain = struct<Heads>(fields);
const seated = struct<Seated>({ ...fields, seats: seatsCodec });

/** What is voted on: 32 bytes over network, epoch, the cut before, heads and seats; not the round. */
export function cutHash(cut: Pick<ProposalRecord, keyof Seated>): Uint8Array {
  const { network, epoch, previous, heads, seats } = cut;
  const what = { network, epoch, previous, heads };
  // Two tags: what the one kind of cut is encoded to is never that of the other.
  return seats === null
    ? taggedHash('nexus/cut/1', encodeWith(plain, what, LIMITS.recordBytes))
    : taggedHash('nexus/cut/2', encodeWith(seated, { ...what, seats }, LIMITS.recordBytes));
}

/**
 * The value of a `verdictCommit`: 32 bytes over the auditor's key and everything that the reveal
 * says but where the commitment stands. The auditor is part of it, so a copied commitment never
 * opens.
 */
export function verdictCommitment(auditor: Uint8Array, reveal: VerdictRevealRecord): Uint8Array {
  return taggedHash('nexus/verdict/1', auditor, encodeRecord({ ...reveal, commit: 0 }));
}
