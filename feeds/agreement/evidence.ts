import { equalBytes, toHex } from '../base/mod.ts';
import {
  cutHash,
  type ProposalRecord,
  verifyEd25519,
  type VerifyFunction,
  verifyRecordSignature,
  type VoteRecord,
} from '../records/mod.ts';
import type { Cut, Equivocation } from './types.ts';
import type { Quorum } from './quorum.ts';

/** True if two votes are one witness's different answers to the same question. */
export function contradict(a: VoteRecord, b: VoteRecord): boolean {
  return equalBytes(a.network, b.network) && equalBytes(a.witness, b.witness) &&
    a.epoch === b.epoch && a.round === b.round && a.step === b.step && !sameCut(a.cut, b.cut);
}

/** True if two proposals are one witness's different ones for the same round. */
export function contradictProposals(a: ProposalRecord, b: ProposalRecord): boolean {
  return equalBytes(a.network, b.network) && equalBytes(a.witness, b.witness) &&
    a.epoch === b.epoch && a.round === b.round &&
    !(equalBytes(cutHash(a), cutHash(b)) && a.validRound === b.validRound);
}

/** Checks evidence that anybody may have sent: needs nothing but itself. */
export async function verifyEquivocation(
  evidence: Equivocation,
  verify: VerifyFunction = verifyEd25519,
): Promise<boolean> {
  const { kind, first, second } = evidence;
  const differ = kind === 'vote' ? contradict(first, second) : contradictProposals(first, second);
  if (!differ || !equalBytes(first.witness, evidence.witness)) return false;
  return await verifyRecordSignature(first, verify) && await verifyRecordSignature(second, verify);
}

/** Checks a cut's certificate: precommits of a quorum, of one round, for exactly this. @param quorum in force for its epoch */
export async function verifyCut(
  cut: Pick<Cut, 'epoch' | 'previous' | 'heads' | 'seats' | 'votes' | 'hash'>,
  network: Uint8Array,
  quorum: Quorum,
  verify: VerifyFunction = verifyEd25519,
): Promise<boolean> {
  const { seats } = cut;
  const hash = cutHash({
    network,
    ...cut,
    heads: [...cut.heads],
    seats: seats && [...seats],
  });
  if (!equalBytes(hash, cut.hash)) return false;
  const voters = new Set<string>();
  for (const vote of cut.votes) {
    const fits = vote.step === 'precommit' && vote.epoch === cut.epoch &&
      vote.round === cut.votes[0]!.round && equalBytes(vote.network, network) &&
      sameCut(vote.cut, hash);
    if (!fits || !await verifyRecordSignature(vote, verify)) return false;
    voters.add(toHex(vote.witness));
  }
  return quorum.isQuorum(quorum.weigh(voters));
}

function sameCut(a: Uint8Array | null, b: Uint8Array | null): boolean {
  return a === null || b === null ? a === b : equalBytes(a, b);
}
