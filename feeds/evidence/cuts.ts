import { toHex } from '../base/mod.ts';
import { type Cut, CutView, type WitnessWeight } from '../agreement/mod.ts';
import {
  decodeRecord,
  type LogRecord,
  verifyEd25519,
  type VerifyFunction,
  verifyRecordSignature,
} from '../records/mod.ts';
import type { EvidenceLog } from './types.ts';

/** The witnesses' `attestations` logs among others, by the key of the log in hexadecimal. */
export async function witnessLogs(
  logs: readonly EvidenceLog[],
  witnesses: readonly WitnessWeight[],
  verify: VerifyFunction = verifyEd25519,
): Promise<Map<string, EvidenceLog>> {
  const keys = new Set(witnesses.map(({ key }) => toHex(key)));
  const found = new Map<string, EvidenceLog>();
  for (const log of logs) {
    const first = log.blocks[0] === undefined ? null : recordOf(log.blocks[0]);
    if (first?.type !== 'identity' || !keys.has(toHex(first.publicKey))) continue;
    if (toHex(first.attestations) !== toHex(log.key)) continue;
    if (await verifyRecordSignature(first, verify)) found.set(toHex(log.key), log);
  }
  return found;
}

/** The cuts that the witnesses' logs certify, in order, from the first on. */
export async function* cutsOf(
  logs: Iterable<EvidenceLog>,
  network: Uint8Array,
  witnesses: readonly WitnessWeight[],
  verify: VerifyFunction = verifyEd25519,
): AsyncGenerator<Cut, void, void> {
  const view = new CutView({ network, witnesses, verify });
  const cursors = Array.from(logs, ({ blocks }) => ({ blocks, at: 1 }));
  for (let moved = true; moved;) {
    moved = false;
    for (const cursor of cursors) {
      while (cursor.at < cursor.blocks.length) {
        const record = recordOf(cursor.blocks[cursor.at]!);
        const taken = record === null ? null : await view.take(record);
        if (taken?.later === true) break;
        cursor.at++;
        moved = true;
        if (taken !== null && taken.cut !== null) yield taken.cut;
      }
    }
  }
}

function recordOf(block: Uint8Array): LogRecord | null {
  try {
    return decodeRecord(block);
  } catch {
    return null; // counts for nothing, here as in the fold
  }
}
