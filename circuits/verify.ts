import { NexusError } from '../feeds/base/mod.ts';
import { invalidProof, wrongPublics } from './errors.ts';
import { isElement } from './field.ts';
import { holdsAll, type Ready } from './batch.ts';
import { parseKey, readyKey, type VerificationKey } from './keys.ts';
import { type Curve, loadSnarkjs } from './library.ts';
import { proofPoints } from './points.ts';
import { KeyRing } from './ring.ts';
import type { ProofItem, Statement, StoredKey } from './types.ts';

/** Proofs checked together: more win little, and a wrong one among them costs them all again. */
const BATCH = 256;

/**
 * Checks one proof.
 * @param key another key than the program's own; snarkjs' JSON of a verification key does too
 * @throws {NexusError} `PROOF_INVALID`, `PROOF_MALFORMED` (its length, a point that is not on its curve
 * or in its subgroup), `PROOF_PUBLICS` (too many or few, or not below the field's order), `KEY_UNKNOWN`,
 * `KEY_CORRUPT`
 */
export async function verifyProof(
  statement: Statement,
  publics: readonly bigint[],
  proof: Uint8Array,
  key?: StoredKey | object,
): Promise<void> {
  const { curve } = await loadSnarkjs();
  const known = await keyOf(curve, statement, key);
  const one = readyOf(curve, known, publics, proof);
  if (!await holdsAll(curve, known, [one])) throw invalidProof(statement);
}

/**
 * Checks many proofs: those of one key together by a random linear combination of their pairings
 * (Bellare, Garay, Rabin, EUROCRYPT 1998); halves of what does not hold again, down to single ones.
 * @returns for each whether it holds: false also where it is malformed
 * @throws {NexusError} `KEY_UNKNOWN`, `KEY_CORRUPT`
 */
export async function verifyProofs(items: readonly ProofItem[]): Promise<boolean[]> {
  const { curve } = await loadSnarkjs();
  const results = items.map(() => false);
  const byKey = new Map<string, { key: VerificationKey; ready: (Ready & { at: number })[] }>();
  const parsed = new Map<object | undefined, Map<Statement, VerificationKey>>();
  for (const [at, { statement, publics, proof, key: given }] of items.entries()) {
    const known = parsed.get(given) ?? new Map<Statement, VerificationKey>();
    const key = known.get(statement) ?? await keyOf(curve, statement, given);
    parsed.set(given, known.set(statement, key));
    try {
      const one = { at, ...readyOf(curve, key, publics, proof) };
      const group = byKey.get(key.hash);
      if (group === undefined) byKey.set(key.hash, { key, ready: [one] });
      else group.ready.push(one);
    } catch (thrown) {
      if (!(thrown instanceof NexusError)) throw thrown;
    }
  }
  for (const { key, ready } of byKey.values()) {
    for (let at = 0; at < ready.length; at += BATCH) {
      for (const one of await holding(curve, key, ready.slice(at, at + BATCH))) {
        results[one.at] = true;
      }
    }
  }
  return results;
}

async function keyOf(
  curve: Curve,
  statement: Statement,
  key: StoredKey | object | undefined,
): Promise<VerificationKey> {
  if (key === undefined) return await readyKey(curve, await new KeyRing().demand(statement));
  return isStored(key) ? await readyKey(curve, key) : parseKey(curve, key);
}

function isStored(key: StoredKey | object): key is StoredKey {
  return typeof (key as Partial<StoredKey>).read === 'function';
}

/** Those that hold. */
async function holding<T extends Ready>(
  curve: Curve,
  key: VerificationKey,
  items: T[],
): Promise<T[]> {
  if (items.length === 0) return [];
  if (await holdsAll(curve, key, items)) return items;
  if (items.length === 1) return [];
  const half = items.length >> 1;
  return [
    ...await holding(curve, key, items.slice(0, half)),
    ...await holding(curve, key, items.slice(half)),
  ];
}

/** @throws {NexusError} `PROOF_PUBLICS`, `PROOF_MALFORMED` */
function readyOf(
  curve: Curve,
  key: VerificationKey,
  publics: readonly bigint[],
  proof: Uint8Array,
): Ready {
  if (publics.length !== key.publics) {
    throw wrongPublics(`there are ${publics.length}, the key has ${key.publics}`);
  }
  // p + x is x to the pairing: one statement would have many names.
  if (!publics.every(isElement)) throw wrongPublics('one is not below the field’s order');
  return { publics, proof, points: proofPoints(curve, proof) };
}
