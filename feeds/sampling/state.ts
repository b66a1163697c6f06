import type { Hex } from '../trust/mod.ts';
import type { ProofCounts, SamplingFinding, SamplingProof } from './types.ts';

/** Of what is below; to be raised with every change of it, and of what the fold makes of a cut. */
export const SAMPLING_STATE = 2;

/** What is needed of an artifact until a beacon looks at it. */
export interface HeldArtifact {
  cut: number;
  topkRoot: Hex | null;
  resumeAt: number;
}

/** The same of an offer. */
export interface HeldOffer {
  cut: number;
  tq: number;
  pq: number;
}

/** Where a fold stands after a cut: plain data, bounded by the challenge window. */
export interface SamplingState {
  version: number;
  /** By hash of the entry, and by place. */
  artifacts: Map<Hex, HeldArtifact>;
  offers: Map<string, HeldOffer>;
  /** By subject. */
  proofs: Map<Hex, SamplingProof>;
  /** By executor. */
  counts: Map<Hex, ProofCounts>;
  findings: SamplingFinding[];
  findingCount: number;
}
