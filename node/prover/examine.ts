import { samplePublics } from '../../circuits/mod.ts';
import { asNexusError, equalBytes, fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import {
  type ProofRecord,
  publicsHash,
  type PublicsOpening,
  publicsSalt,
  TOP_P_OFF,
} from '../../feeds/records/mod.ts';
import type { SamplingProof } from '../../feeds/sampling/mod.ts';
import type { Shown } from '../payloads/mod.ts';
import { isWrong } from './check.ts';
import type { ProverProcess } from './process.ts';
import { statementOf } from './statement.ts';

/** What whoever is entitled to an answer has of it. */
export interface Entitled {
  jobKey: Uint8Array;
  /** The sampler's, which follows from the nonce that the job commits to. */
  seed: Uint8Array;
  /** Ids of the attempt, those that its executor has signed. */
  output: readonly number[];
  /** What the executor shows of the positions. */
  shown: readonly Shown[];
}

/**
 * What came of checking a proof. `accusation`: it holds not for what its executor committed to, and
 * everybody can be shown that; null where only those entitled can see what is wrong.
 */
export type Examined =
  | { holds: true }
  | {
    holds: false;
    error: NexusError;
    accusation: { record: ProofRecord; opening: PublicsOpening } | null;
  };

/**
 * Checks a logged proof against the attempt that it names.
 * @throws {NexusError} what keeps it from being checked (`KEY_UNKNOWN`: the key under
 * which it was made is not here): nothing is said of the proof then
 */
export async function examineProof(
  network: Uint8Array,
  proof: SamplingProof,
  record: ProofRecord,
  { jobKey, seed, output, shown }: Entitled,
  prover: Pick<ProverProcess, 'check'>,
  signal: AbortSignal,
): Promise<Examined> {
  const { subject: { id, tokens }, topkRoot, resumeAt } = proof;
  if (topkRoot === null) return wrong('PROOF_ROOTLESS', 'its artifact commits to no candidates');
  if (proof.pq !== TOP_P_OFF) {
    // Who proves by the rules makes none: what such a proof holds for says nothing of the nucleus.
    return wrong(
      'PROOF_TOP_P',
      'the answer was drawn with top-p, of which the circuit knows nothing',
    );
  }
  const statement = statementOf(network, proof, seed, shown, output);
  let publics: bigint[];
  try {
    publics = samplePublics(statement);
  } catch (thrown) {
    // No proof can show it, whatever its executor logged.
    return { holds: false, error: asNexusError(thrown), accusation: null };
  }
  const opening = { salt: publicsSalt(jobKey, fromHex(id, 32)), publics };
  if (!equalBytes(publicsHash(opening), record.publics)) {
    return wrong(
      'PROOF_ELSEWHERE',
      'it was made for another answer, or other candidates than these',
    );
  }
  const claim = { topkRoot: fromHex(topkRoot, 32), resumeAt, tokens };
  try {
    // Its key is the one that the network pins, or the fold had not counted it.
    await prover.check(toHex(record.key), publics, record.proof, { claim, at: shown }, signal);
    return { holds: true };
  } catch (thrown) {
    if (isWrong(thrown)) return { holds: false, error: thrown, accusation: { record, opening } };
    if (thrown instanceof NexusError && thrown.code === 'PROOF_LEAF') {
      return { holds: false, error: thrown, accusation: null };
    }
    throw thrown;
  }
}

function wrong(code: string, message: string): Examined {
  const error = new NexusError(code, message, {
    hint: 'an auditor’s verdict, or running the answer again, says more of its executor',
  });
  return { holds: false, error, accusation: null };
}
