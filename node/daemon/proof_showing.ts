import type { SamplingFold, SamplingProof } from '../../feeds/sampling/mod.ts';
import type { Hex } from '../../feeds/trust/mod.ts';
import { positionsOf } from '../prover/mod.ts';

/**
 * What an executor shows of its own answers to those who asked for them: candidate ids and leaves at
 * the positions that the beacon drew, where a proof is asked for or made. Of every other position
 * they would tell more of the model than the proof needs. It knows what the fold knows, no longer: the
 * fold keeps it over restarts, for as long as the answers themselves are kept.
 */
export class ProofShowing {
  readonly #me: Hex;
  #shown = new Map<string, SamplingProof>();

  /** @param me the executor */
  constructor(me: Hex) {
    this.#me = me;
  }

  /** Takes what the fold says of an attempt. */
  take(proof: SamplingProof): void {
    const { subject: { job, attempt, executor }, asked, entry } = proof;
    if (executor !== this.#me || !asked && entry === null) return;
    this.#shown.set(`${job}-${attempt}`, proof);
  }

  /** Takes all that the fold knows, in the place of what was taken before. */
  settle({ proofs }: Pick<SamplingFold, 'proofs'>): void {
    this.#shown = new Map();
    for (const proof of proofs) this.take(proof);
  }

  /** @param positions of the whole answer, all of which the peer wants */
  allows(peer: Hex, job: Hex, attempt: number, positions: readonly number[]): boolean {
    const proof = this.#shown.get(`${job}-${attempt}`);
    if (proof?.subject.requester !== peer) return false;
    const drawn = new Set(positionsOf(proof));
    return positions.every((one) => drawn.has(one));
  }
}
