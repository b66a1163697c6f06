import { samplePublics, verifyProof } from '../../circuits/mod.ts';
import { equalBytes, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { SamplingCheck } from '../../feeds/proof/mod.ts';
import { publicsHash, publicsSalt } from '../../feeds/records/mod.ts';
import { verifyLeaf } from '../payloads/mod.ts';
import { assertKey } from './check.ts';
import { statementOf } from './statement.ts';
import { sampleSentence } from './words.ts';

/** Checks a receipt's proof of sampling offline, on this thread. */
export const checkSampled: SamplingCheck = async (claim) => {
  const { network, subject, beacon, draw, topkRoot, resumeAt, tokens, tq, seed } = claim;
  const { record, shown, output, jobKey } = claim;
  await assertKey(record.statement, toHex(record.key));
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
    throw new NexusError('PROOF_ELSEWHERE', 'it was made for another answer, or other candidates');
  }
  for (const one of shown) {
    if (await verifyLeaf(one, { topkRoot, resumeAt, tokens })) continue;
    throw new NexusError('PROOF_LEAF', `position ${one.position} is not under the artifact’s root`);
  }
  await verifyProof('sample', publics, record.proof);
  return sampleSentence(shown.map(({ position }) => position));
};
