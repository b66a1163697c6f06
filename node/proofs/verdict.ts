import { toHex } from '../../feeds/base/mod.ts';
import { circuitKeys, type Statement } from '../../circuits/mod.ts';

/** One look at a proof's file. */
export interface ProofCheck {
  name: string;
  ok: boolean;
  detail: string;
}

/** What a proof's file shows, and what it does not. */
export interface ProofVerdict {
  ok: boolean;
  /** True: the key is one of development, under which anybody can forge a proof. */
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
  /** Hash of the key that a network pins for a statement; null: it pins none, or is not known. */
  pinned(network: string, statement: Statement): Promise<string | null>;
}

/**
 * Whether proofs under a key count: it is this program's, and no other one is pinned by the network.
 * @returns how it was looked at, and whether anybody can forge proofs under the key
 */
export async function checkKey(
  statement: Statement,
  network: string,
  key: Uint8Array,
  reader: Pick<Reader, 'pinned'>,
): Promise<{ check: ProofCheck; insecure: boolean }> {
  const hash = toHex(key);
  const own = (await circuitKeys()).find((one) => one.statement === statement);
  const pinned = await reader.pinned(network, statement);
  const known = own?.hash === hash;
  const allowed = pinned === null || pinned === hash;
  const told = known
    ? allowed ? 'this program’s' : `the network asks for ${pinned}`
    : 'not known to this program';
  const insecure = own?.insecure ?? true;
  const label = known && insecure
    ? '; made for development, INSECURE: anybody can forge proofs under it'
    : '';
  const check = { name: 'key', ok: known && allowed, detail: `${hash}, ${told}${label}` };
  return { check, insecure };
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
        'anything against who knows the key’s public secret: it is one of development, anybody can ' +
        'forge a proof under it, see docs/ceremony.md',
      ]
      : []),
  ];
}
