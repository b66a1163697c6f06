import { NexusError, toHex } from '../../feeds/base/mod.ts';
import type { ProofTerms } from '../../feeds/sampling/mod.ts';
import { isInsecure, type KeyRing, type Statement, type StoredKey } from '../../circuits/mod.ts';

/** One look at a proof's file. */
export interface ProofCheck {
  name: string;
  ok: boolean;
  detail: string;
}

/** What a proof's file shows, and what it does not. */
export interface ProofVerdict {
  ok: boolean;
  /** True: anybody can forge a proof under the key, or nobody says that one cannot. */
  insecure: boolean;
  checks: ProofCheck[];
  /** Empty where a check failed. */
  establishes: string[];
  doesNotEstablish: string[];
}

/** What is known of the root that a proof names. */
export type RootWord =
  /** Witnesses of more than 2/3 of the weight vouch for it. */
  | { state: 'certified' }
  /** They vouch for another one. */
  | { state: 'differs'; certified: string }
  /** Nothing is known of it. @param why for people, as a part of a sentence */
  | { state: 'unknown'; why: string };

/** What the reader of a proof's file has beside it. */
export interface Reader {
  /** What is known of a Poseidon root (hexadecimal) of an epoch. */
  root(
    network: string,
    epoch: number,
    kind: 'accounts' | 'receipts',
    root: string,
  ): Promise<RootWord>;
  /** What a network asks of proofs; null: nothing, or it is not known. @param network its id */
  termsOf(network: string): Promise<Pick<ProofTerms, 'keys' | 'ceremony'> | null>;
  /** The keys that are here. */
  keys: KeyRing;
  /** Checks proofs; absent: on this thread. */
  verify?: VerifyProof;
}

/**
 * Checks one proof under a key that is here.
 * @throws {NexusError} what `verifyProof` throws, and `PROVER_…` where it could not be looked at
 */
export type VerifyProof = (
  statement: Statement,
  publics: readonly bigint[],
  proof: Uint8Array,
  key: StoredKey,
) => Promise<void>;

/**
 * Whether proofs under a key count: it is here, and no other one is pinned by the network.
 * @returns how it was looked at, whether anybody can forge proofs under it, and the key if it counts
 * @throws {NexusError} `KEY_CORRUPT`
 */
export async function checkKey(
  statement: Statement,
  network: string,
  key: Uint8Array,
  { termsOf, keys }: Pick<Reader, 'termsOf' | 'keys'>,
): Promise<{ check: ProofCheck; insecure: boolean; key: StoredKey | null }> {
  const hash = toHex(key), terms = await termsOf(network);
  const found = await keys.find(statement, hash), pinned = terms?.keys[statement];
  const allowed = pinned === undefined || pinned === hash;
  const vouched = pinned === hash && (terms?.ceremony?.includes(statement) ?? false);
  const insecure = found === null || isInsecure(found, vouched);
  const check = { name: 'key', ok: found !== null && allowed, detail: '' };
  const label = insecure ? `; ${labelOf(found)}` : '';
  check.detail = `${hash}, ${
    found === null
      ? 'not here: take it in with nexus network keys <folder>'
      : allowed
      ? `${PLACES[found.place]}${label}`
      : `the network asks for ${pinned}`
  }`;
  return { check, insecure, key: check.ok ? found : null };
}

const PLACES = { program: 'this program’s', home: 'taken in here' };

function labelOf(key: StoredKey | null): string {
  return key?.place === 'home' && !key.insecure
    ? 'no network that is known here says that several parties made it, INSECURE: who made it could ' +
      'forge proofs under it'
    : 'made for development, INSECURE: anybody can forge proofs under it';
}

/** A look that says with its code what kept it from being one. */
export async function checked(
  name: string,
  look: () => Promise<Omit<ProofCheck, 'name'>>,
): Promise<ProofCheck> {
  try {
    return { name, ...await look() };
  } catch (thrown) {
    // A process that was lost says nothing of the proof.
    if (!(thrown instanceof NexusError) || thrown.code.startsWith('PROVER_')) throw thrown;
    return { name, ok: false, detail: `${thrown.code}: ${thrown.message}` };
  }
}

export function checkRoot(root: string, word: RootWord, epoch: number): ProofCheck {
  const name = 'root';
  switch (word.state) {
    case 'certified':
      return { name, ok: true, detail: `${root}, certified by the witnesses after cut ${epoch}` };
    case 'differs':
      return {
        name,
        ok: false,
        detail: `${root}; the witnesses vouch for ${word.certified} after cut ${epoch}`,
      };
    case 'unknown':
      return { name, ok: true, detail: `${root}, compared with nothing: ${word.why}` };
  }
}

/** Which root a proof speaks of, as a part of a sentence. @param whose what the ledger has it for */
export function underRoot(root: string, word: RootWord, whose: string): string {
  return word.state === 'certified'
    ? `under the root ${root}, which stands for ${whose}`
    : `under a root that was not compared with the ledger, ${root}; it is said to stand for ${whose}`;
}

/** What no proof of a root establishes. */
export function rootCaveats(word: RootWord, insecure: boolean): string[] {
  return [
    ...(word.state === 'certified' ? [] : [
      'that the root is the ledger’s: let a node of that network compare it (nexus up), or take ' +
      'it from a reader whom you trust (nexus ledger)',
    ]),
    ...(insecure
      ? [
        'anything against who knows the key’s secret, with which proofs can be forged: that of a key of ' +
        'development is public, see docs/ceremony.md',
      ]
      : []),
  ];
}
