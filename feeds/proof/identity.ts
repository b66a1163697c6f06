import { equalBytes } from '../base/mod.ts';
import {
  decodeRecord,
  type IdentityRecord,
  type LogName,
  type LogRecord,
  verifyEd25519,
  verifyRecordSignature,
} from '../records/mod.ts';
import { verifyBlock } from './block.ts';
import { refused } from './error.ts';
import type { BlockProof } from './types.ts';

/** Which of an identity's logs a core is, or null. */
export function logOf(identity: IdentityRecord, core: Uint8Array): LogName | null {
  for (const log of ['jobs', 'artifacts', 'attestations'] as const) {
    if (equalBytes(identity[log], core)) return log;
  }
  return null;
}

/**
 * Checks that a core belongs to an identity: its block 0 is an identity record, signed by the
 * identity, that names this core.
 * @param value block 0
 * @throws {NexusError} `PROOF_BAD_IDENTITY`, or as `verifyBlock`
 */
export async function verifyIdentity(
  core: Uint8Array,
  value: Uint8Array,
  proof: BlockProof,
): Promise<{ identity: IdentityRecord; log: LogName }> {
  if (proof.index !== 0 || !equalBytes(proof.head.key, core)) {
    throw refused('PROOF_BAD_IDENTITY', 'the proof is not of the first block of this core');
  }
  await verifyBlock(proof, value);
  let record: LogRecord;
  try {
    record = decodeRecord(value);
  } catch (thrown) {
    throw refused('PROOF_BAD_IDENTITY', 'the first block is no entry', { cause: thrown });
  }
  const log = record.type === 'identity' ? logOf(record, core) : null;
  if (record.type !== 'identity' || log === null) {
    throw refused('PROOF_BAD_IDENTITY', 'the first block is not an identity that names this core');
  }
  if (!(await verifyRecordSignature(record, verifyEd25519))) {
    throw refused('PROOF_BAD_IDENTITY', 'the identity record is not signed by its key');
  }
  return { identity: record, log };
}
