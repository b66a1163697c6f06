import { NexusError, taggedHash, toHex } from '../../feeds/base/mod.ts';
import type { LedgerView, MicroNcu, Ppm } from '../../feeds/ledger/mod.ts';
import type { KeyRing } from '../../circuits/mod.ts';
import type { ProofTerms } from '../../feeds/sampling/mod.ts';
import { checkStanding, type StandingProof } from './standing.ts';
import type { RootWord, VerifyProof } from './verdict.ts';

/** Whom a network or a gateway admits on a proof of its standing. */
export interface StandingRule {
  network: Uint8Array;
  reputation: Ppm;
  bond: MicroNcu;
  /** Cuts since the one that the proof speaks of, at most: what it has may be gone since. */
  cuts: number;
  /** What the network asks of proofs: a pinned key counts, and no other. */
  terms: Pick<ProofTerms, 'keys' | 'ceremony'> | null;
  /** The keys that are here. */
  keys: KeyRing;
  /** Checks proofs, away from the thread that serves; absent: on this one. */
  verify?: VerifyProof;
  /** Takes proofs under a key of development too, which anybody can forge: for tests. Default: not. */
  allowInsecure?: boolean;
}

/**
 * The challenge for one applicant: it names both ends, so that nobody can hand a verifier's challenge
 * on to somebody else and pass that one's proof off as its own. Both ends compute it.
 * @param nonce 32 bytes that the verifier has just drawn
 */
export function standingChallenge(
  network: Uint8Array,
  verifier: Uint8Array,
  applicant: Uint8Array,
  nonce: Uint8Array,
): Uint8Array {
  return taggedHash('nexus/standing-challenge/1', network, verifier, applicant, nonce);
}

/**
 * Decides on one applicant. A challenge is to be used once.
 * @param ledger the verifier's own, as of its newest cut
 * @throws {NexusError} `STANDING_NETWORK`: of another one; `STANDING_OLD`, `STANDING_ROOT`: its root is too
 * old, or not certified; `STANDING_REFUSED`, with the reason; `KEY_INSECURE`; `PROVER_…`: it could not be looked at
 */
export async function admitStanding(
  file: StandingProof,
  rule: StandingRule,
  challenge: Uint8Array,
  ledger: Pick<LedgerView, 'epoch' | 'fields'>,
): Promise<void> {
  if (toHex(file.network) !== toHex(rule.network)) {
    throw refused('STANDING_NETWORK', 'it speaks of another network');
  }
  const age = (ledger.epoch ?? -1) - file.epoch;
  if (age < 0) throw refused('STANDING_ROOT', 'it speaks of a cut that has not come here');
  if (age > rule.cuts) {
    const newest = ledger.epoch ?? '-';
    throw refused('STANDING_OLD', `it speaks of cut ${file.epoch}, the newest here is ${newest}`);
  }
  const word = rootWord(ledger.fields, file.epoch, 'accounts', toHex(file.accounts));
  if (word.state !== 'certified') {
    throw refused('STANDING_ROOT', 'its root is not one that the witnesses vouch for');
  }
  const reader = {
    root: () => Promise.resolve(word),
    termsOf: () => Promise.resolve(rule.terms),
    keys: rule.keys,
    ...(rule.verify === undefined ? {} : { verify: rule.verify }),
  };
  const { reputation, bond } = rule;
  const verdict = await checkStanding(file, { challenge, reputation, bond }, reader);
  const failed = verdict.checks.find(({ ok }) => !ok);
  if (failed !== undefined) throw refused('STANDING_REFUSED', `${failed.name}: ${failed.detail}`);
  if (verdict.insecure && rule.allowInsecure !== true) {
    throw new NexusError(
      'KEY_INSECURE',
      'nobody vouches for the key: anybody may have forged this standing',
      {
        hint: 'make keys of the network’s own, docs/ceremony.md; for tests set allowInsecure',
      },
    );
  }
}

/** What certified field roots say of one. */
export function rootWord(
  fields: LedgerView['fields'],
  epoch: number,
  kind: 'accounts' | 'receipts',
  root: string,
): RootWord {
  const certified = fields.find((one) => one.epoch === epoch)?.[kind] ?? null;
  if (certified === null) {
    return { state: 'unknown', why: `no such root is certified of cut ${epoch} here` };
  }
  return certified === root ? { state: 'certified' } : { state: 'differs', certified };
}

function refused(code: string, why: string): NexusError {
  return new NexusError(code, `the proof of a standing is refused: ${why}`, {
    hint: 'ask for a new challenge and prove again: nexus prove standing',
  });
}
