import { KeyRing, samplePublics, verifyProof } from '../../circuits/mod.ts';
import { equalBytes, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { SamplingCheck } from '../../feeds/proof/mod.ts';
import { publicsHash, publicsSalt } from '../../feeds/records/mod.ts';
import type { ProofTerms } from '../../feeds/sampling/mod.ts';
import type { HomePaths } from '../home/mod.ts';
import { networkOfId } from '../network/mod.ts';
import { verifyLeaf } from '../payloads/mod.ts';
import { isForgeable } from './check.ts';
import { statementOf } from './statement.ts';
import { sampleSentence } from './words.ts';

/** What whoever checks a receipt knows beside it. */
export interface SampledReader {
  keys: KeyRing;
  /** What a network asks of proofs; null: nothing, or it is not known here. @param network its id */
  termsOf(network: string): Promise<ProofTerms | null>;
}

/** What the networks and keys of a home say. */
export function homeSampledReader(paths: HomePaths): SampledReader {
  return {
    keys: new KeyRing(paths.circuits),
    termsOf: async (network) => (await networkOfId(paths, network))?.file.circuits ?? null,
  };
}

/** Checks proofs of sampling in receipts offline, on this thread. */
export function sampledCheck({ keys, termsOf }: SampledReader): SamplingCheck {
  return async (claim) => {
    const { network, subject, beacon, draw, topkRoot, resumeAt, tokens, tq, seed } = claim;
    const { record, shown, output, jobKey } = claim;
    const terms = await termsOf(toHex(network)), hash = toHex(record.key);
    const pinned = terms?.keys.sample;
    if (pinned !== undefined && pinned !== hash) {
      throw new NexusError('KEY_OTHER', `it was made under ${hash}, the network pins ${pinned}`);
    }
    const key = await keys.demand('sample', hash);
    const target = {
      subject: { id: toHex(subject), tokens },
      beacon,
      draw: toHex(draw),
      resumeAt,
      tq,
    };
    const publics = samplePublics(statementOf(network, target, seed, shown, output));
    const salt = publicsSalt(jobKey, subject);
    if (!equalBytes(publicsHash({ salt, publics }), record.publics)) {
      throw new NexusError(
        'PROOF_ELSEWHERE',
        'it was made for another answer, or other candidates',
      );
    }
    for (const one of shown) {
      if (await verifyLeaf(one, { topkRoot, resumeAt, tokens })) continue;
      throw new NexusError(
        'PROOF_LEAF',
        `position ${one.position} is not under the artifact’s root`,
      );
    }
    await verifyProof('sample', publics, record.proof, key);
    const insecure = isForgeable('sample', key, terms);
    return sampleSentence(shown.map(({ position }) => position), insecure);
  };
}
