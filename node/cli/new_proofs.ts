import { NexusError } from '../../feeds/base/mod.ts';
import { circuitKeys, openSecret } from '../../circuits/mod.ts';
import type { ProofTerms } from '../../feeds/sampling/mod.ts';
import { PROOF_STATEMENTS } from '../../feeds/records/mod.ts';
import { circuitsFrom } from '../network/mod.ts';
import { type FoundKey, keysIn } from '../proofs/mod.ts';

/** What was said of the proofs of a new network. */
export interface ProofFlags {
  prove?: string | undefined;
  keys?: string | undefined;
  ceremony: boolean;
}

/** The proofs that a network asks for, with the keys that it brings. */
export interface NewProofs {
  terms: ProofTerms;
  own: FoundKey[];
}

/**
 * The proofs that a new network asks for; null: none. It pins the keys of a folder, for the other
 * statements those of this program.
 * @throws {NexusError} `PROVE_INVALID`, `KEYS_NONE`, `KEY_CORRUPT`, `KEY_CIRCUIT`, `KEY_INSECURE`
 * (said to be of a ceremony, and anybody can forge under it), `USAGE`
 */
export async function proofsFrom(
  { prove, keys: folder, ceremony }: ProofFlags,
  witnesses: number,
): Promise<NewProofs | null> {
  if (ceremony && folder === undefined) {
    throw new NexusError('USAGE', '--ceremony says of the keys of a folder who made them', {
      hint: 'name the folder: --keys <folder>',
    });
  }
  if (prove === undefined && folder === undefined) return null;
  if (witnesses === 0) {
    throw new NexusError('PROVE_INVALID', 'proofs are drawn by the beacons of witnesses', {
      hint: 'name one: --witness self',
    });
  }
  const own = folder === undefined ? [] : await keysIn(folder);
  const ours = await circuitKeys();
  if (ceremony) {
    const open = new Set(ours.filter(({ insecure }) => insecure).map(({ hash }) => hash));
    const bad = own.find(({ hash, insecure }) => insecure || open.has(hash));
    if (bad !== undefined) throw openSecret(bad.statement);
  }
  const pinned = [...ours, ...own].map(({ statement, hash }) => [statement, hash]);
  const keys = Object.fromEntries(pinned) as ProofTerms['keys'];
  // Without --prove keys are pinned, and no answer is asked to be proven.
  const terms = circuitsFrom(prove ?? 'sample:0%', keys);
  if (ceremony) terms.ceremony = own.map(({ statement }) => statement);
  return { terms, own };
}

/** In words. */
export function proofLine({ share, withinCuts, ceremony = [] }: ProofTerms): string {
  const asked = share === 0
    ? 'It asks for no proofs of answers'
    : `Its executors prove the sampling of ${
      share / 100
    } % of their answers within ${withinCuts} cuts`;
  const others = PROOF_STATEMENTS.filter((one) => !ceremony.includes(one));
  return others.length === 0
    ? `${asked}; its keys come of a ceremony.`
    : `${asked}; the keys of ${
      others.join(', ')
    } come of no ceremony: anybody can forge proofs under them.`;
}
