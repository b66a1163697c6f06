import type { SamplingProof } from '../../feeds/sampling/mod.ts';
import type { Hex } from '../../feeds/trust/mod.ts';
import { positionsOf } from '../prover/mod.ts';

/** Attempts that are remembered; the oldest go first. */
const MAX_ATTEMPTS = 16_384;

/**
 * What an executor shows of its own answers to those who asked for them: candidate ids and leaves at
 * the positions that the beacon drew, where a proof is asked for or made. Of every other position
 * they would tell more of the model than the proof needs.
 */
export class ProofShowing {
  readonly #me: Hex;
  readonly #shown = new Map<string, { requester: Hex; positions: ReadonlySet<number> }>();

  /** @param me the executor */
  constructor(me: Hex) {
    this.#me = me;
  }

  /** Takes what the fold says of an attempt. */
  take(proof: SamplingProof): void {
    const { subject: { job, attempt, requester, executor }, asked, entry } = proof;
    if (executor !== this.#me || !asked && entry === null) return;
    this.#shown.set(`${job}-${attempt}`, { requester, positions: new Set(positionsOf(proof)) });
    if (this.#shown.size > MAX_ATTEMPTS) this.#shown.delete(this.#shown.keys().next().value!);
  }

  /** @param positions of the whole answer, all of which the peer wants */
  allows(peer: Hex, job: Hex, attempt: number, positions: readonly number[]): boolean {
    const of = this.#shown.get(`${job}-${attempt}`);
    return of?.requester === peer && positions.every((one) => of.positions.has(one));
  }
}
