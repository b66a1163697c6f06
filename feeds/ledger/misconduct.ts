import { asNexusError, equalBytes, taggedHash, toHex } from '../base/mod.ts';
import { type Equivocation, verifyEquivocation } from '../agreement/mod.ts';
import {
  contradicts,
  decodeHead,
  encodeHead,
  type HeadEvidence,
  verifyHead,
} from '../proof/mod.ts';
import {
  decodeRecord,
  encodeRecord,
  type EquivocationRecord,
  type LogRecord,
  verifyEd25519,
  type VerifyFunction,
} from '../records/mod.ts';
import type { Hex } from '../trust/mod.ts';

/** What an `equivocation` entry proves. */
export interface JudgedEquivocation {
  offender: Hex;
  cause: 'equivocation' | 'fork';
  /**
   * The misdeed. It counts once, whoever shows it and however often: of a core all forks are one,
   * and all its contradicting heads; of a witness all messages for one epoch and round.
   */
  evidence: Hex;
}

/** Why an entry proves nothing. */
export interface RefusedEquivocation {
  code: 'proof-invalid';
  detail: string;
}

/** What stands alone as a proof of misconduct. */
export type Evidence = HeadEvidence | { proof: 'votes'; equivocation: Equivocation };

/**
 * Makes the entry that accuses an offender. The two halves stand in the order of their bytes, so that
 * all who saw the same write the same.
 * @param at milliseconds since 1970
 */
export function equivocationRecord(
  network: Uint8Array,
  offender: Uint8Array,
  evidence: Evidence,
  at: number,
): EquivocationRecord {
  const { proof } = evidence;
  const halves = evidence.proof === 'heads'
    ? [evidence.first, evidence.second].map(({ head, prefix }) => encodeHead(head, prefix))
    : evidence.proof === 'fork'
    ? [encodeHead(evidence.head.head)]
    : [evidence.equivocation.first, evidence.equivocation.second].map((one) => encodeRecord(one));
  halves.sort((a, b) => toHex(a) < toHex(b) ? -1 : 1);
  const [first, second = new Uint8Array()] = halves;
  return { type: 'equivocation', network, offender, proof, first: first!, second, at };
}

/**
 * Judges an accusation by itself: nothing of it is believed but signatures of the offender's keys.
 * @param ownerOf identity whose log a core is, by its first entry in a cut; null where none is known
 */
export async function judgeEquivocation(
  record: EquivocationRecord,
  ownerOf: (core: Hex) => Hex | null,
  verify: VerifyFunction = verifyEd25519,
): Promise<JudgedEquivocation | RefusedEquivocation> {
  try {
    if (record.proof === 'votes') return await judgeVotes(record, verify);
    if (record.proof === 'proof') return no('proofs of computing are judged elsewhere');
    return await judgeHeads(record, ownerOf);
  } catch (thrown) {
    return { code: 'proof-invalid', detail: asNexusError(thrown).code };
  }
}

async function judgeHeads(
  { proof, offender, first, second }: EquivocationRecord,
  ownerOf: (core: Hex) => Hex | null,
): Promise<JudgedEquivocation | RefusedEquivocation> {
  const one = decodeHead(first);
  const isFork = proof === 'fork';
  if (isFork && (second.length > 0 || one.prefix !== null)) {
    return no('a fork is shown by one head');
  }
  if (isFork && one.head.fork === 0) return no('its fork is 0');
  const owner = ownerOf(toHex(one.head.key));
  if (owner === null) return no('the core is in no cut');
  if (owner !== toHex(offender)) return no('the core is of another identity');
  if (!isFork) {
    const other = decodeHead(second);
    if (!contradicts(one, other)) return no('the heads do not contradict each other');
    await verifyHead(other.head);
  }
  await verifyHead(one.head);
  const name = new TextEncoder().encode(proof);
  return {
    offender: owner,
    cause: isFork ? 'fork' : 'equivocation',
    evidence: toHex(taggedHash('nexus/misdeed/1', name, one.head.key)),
  };
}

async function judgeVotes(
  { network, offender, first, second }: EquivocationRecord,
  verify: VerifyFunction,
): Promise<JudgedEquivocation | RefusedEquivocation> {
  const evidence = pairOf(offender, decodeRecord(first), decodeRecord(second));
  if (evidence === null) return no('it shows no two messages of one kind');
  if (!equalBytes(evidence.first.network, network)) return no('they are of another network');
  if (!await verifyEquivocation(evidence, verify)) {
    return no('the messages do not exclude each other, or are not signed by the offender');
  }
  const { kind, first: { epoch, round } } = evidence;
  const name = new TextEncoder().encode(`${kind}:${epoch}:${round}`);
  return {
    offender: toHex(offender),
    cause: 'equivocation',
    evidence: toHex(taggedHash('nexus/misdeed/1', name, offender)),
  };
}

function pairOf(witness: Uint8Array, first: LogRecord, second: LogRecord): Equivocation | null {
  if (first.type === 'vote' && second.type === 'vote') {
    return { kind: 'vote', witness, first, second };
  }
  if (first.type === 'proposal' && second.type === 'proposal') {
    return { kind: 'proposal', witness, first, second };
  }
  return null;
}

function no(detail: string): RefusedEquivocation {
  return { code: 'proof-invalid', detail };
}
