import { asNexusError, equalBytes, toHex } from '../base/mod.ts';
import {
  decodeOpening,
  decodeRecord,
  encodeOpening,
  encodeRecord,
  type EquivocationRecord,
  type ProofRecord,
  publicsHash,
  type PublicsOpening,
  recordHash,
} from '../records/mod.ts';
import type { ProofCheck, SamplingProof } from './types.ts';

/**
 * The entry that shows a proof to be wrong. **It publishes the public inputs of that one proof**:
 * candidate ids at its positions.
 * @param at milliseconds since 1970
 */
export function accusationOf(
  offender: Uint8Array,
  record: ProofRecord,
  opening: PublicsOpening,
  at: number,
): EquivocationRecord {
  const { network } = record;
  const first = encodeRecord(record), second = encodeOpening(opening);
  return { type: 'equivocation', network, offender, proof: 'proof', first, second, at };
}

/** Why an accusation counts for nothing. */
interface Unfounded {
  code: 'accusation-unknown' | 'accusation-wrong';
  detail: string;
  upheld?: SamplingProof;
}

/**
 * Judges an accusation by itself: of its author nothing is believed. The proof is the offender's own,
 * by its log; so is the hash that the public inputs open.
 * One that holds is checked once: its inputs are those of its hash, so it would hold for ever.
 * @param find the proof whose entry has this hash, hexadecimal; null where none counts
 * @returns the proof that is refuted, or why it is not; `upheld`: it was checked, and holds
 * @throws what keeps this reader from checking any proof
 */
export async function judgeAccusation(
  { offender, first, second }: EquivocationRecord,
  find: (entry: string) => SamplingProof | null,
  check: ProofCheck,
): Promise<SamplingProof | Unfounded> {
  const found = find(toHex(recordHash(first)));
  if (found === null) return unknown('no log of the cuts has that proof');
  if (found.subject.executor !== toHex(offender)) {
    return unknown('the proof is of another identity');
  }
  if (found.state === 'refuted') return unknown('it is punished already');
  if (found.entry?.upheld === true) return wrong('the proof was checked before, and holds');
  let record: ProofRecord, opening: PublicsOpening;
  try {
    record = decodeRecord(first) as ProofRecord;
    opening = decodeOpening(second);
  } catch (thrown) {
    return wrong(asNexusError(thrown).code);
  }
  if (!equalBytes(publicsHash(opening), record.publics)) {
    return wrong('the proof was not made for these inputs');
  }
  return await check(record.statement, toHex(record.key), opening.publics, record.proof)
    ? { ...wrong('the proof holds'), upheld: found }
    : found;
}

function unknown(detail: string): Unfounded {
  return { code: 'accusation-unknown', detail };
}

function wrong(detail: string): Unfounded {
  return { code: 'accusation-wrong', detail };
}
