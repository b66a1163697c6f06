import type { ProofStatement } from '../records/mod.ts';
import type { Hex, Place, Subject } from '../trust/mod.ts';

/** What of the circuits a network's file asks for. */
export interface ProofTerms {
  /** Chance of an artifact that its sampling is to be proven, in 10,000. */
  share: number;
  /** Cuts from the draw within which the proof is to stand in its executor's log. */
  withinCuts: number;
  /** Hashes of the verification keys under which proofs count; a statement without counts for nothing. */
  keys: Partial<Record<ProofStatement, Hex>>;
  /** Those of them that several parties made, as the network says; the others anybody may forge under. */
  ceremony?: readonly ProofStatement[];
}

/** A `proof` entry, as far as the fold looks at it; whether it holds only those entitled can say. */
export interface MadeProof {
  place: Place;
  /** `recordHash` of the entry. */
  hash: Hex;
  /** Salted hash of its public inputs. */
  publics: Hex;
  /** Somebody accused it, and it was checked and holds: further accusations are not looked at. */
  upheld: boolean;
}

/** `open`: not due yet, or not asked for. `refuted`: shown to everybody to be wrong. */
export type ProofState = 'open' | 'made' | 'missing' | 'refuted';

/** Where the proof of an attempt's sampling stands. A new object whenever something has changed. */
export interface SamplingProof {
  subject: Subject;
  /** Epoch whose beacon looked at the subject. */
  beacon: number;
  /** 32 bytes of that beacon, from which the positions follow: `proofPositions`. */
  draw: Hex;
  /** The network asks for it; any other may be made all the same. */
  asked: boolean;
  state: ProofState;
  /** Epoch of the last cut in which it counts as in time; null where it is not asked for. */
  due: number | null;
  /** What the artifact and its job say; `topkRoot` null: there is nothing that a proof could open. */
  topkRoot: Hex | null;
  resumeAt: number;
  tq: number;
  /** 65536: off. Of an answer with top-p nothing can be proven. */
  pq: number;
  entry: MadeProof | null;
}

/** A proof that its executor logged, and that does not hold for the inputs that it committed to. */
export interface Refuted {
  proof: SamplingProof;
  /** Of the entry that shows it, and its author. */
  place: Place;
  finder: Hex;
}

export type SamplingFindingCode =
  | 'proof-unknown'
  | 'proof-key'
  | 'proof-twice'
  | 'accusation-unknown'
  | 'accusation-wrong'
  | 'accusation-excess';

/** Why an entry counts for nothing. */
export interface SamplingFinding {
  code: SamplingFindingCode;
  place: Place;
  author: Hex;
  detail: string;
}

/** Something that the fold concluded. Their row, cut by cut, is the same for every reader. */
export type SamplingEvent =
  | { type: 'asked' | 'made' | 'missing'; proof: SamplingProof }
  | { type: 'refuted'; refuted: Refuted }
  | { type: 'finding'; finding: SamplingFinding };

/** Proofs of one executor over all cuts. `made` counts those that were not asked for too. */
export interface ProofCounts {
  asked: number;
  made: number;
  missing: number;
  refuted: number;
}

/**
 * Decides whether a proof holds for public inputs: the same on every machine. Rejecting promises are
 * the reader's trouble, never a verdict.
 */
export type ProofCheck = (
  statement: ProofStatement,
  key: Hex,
  publics: readonly bigint[],
  proof: Uint8Array,
) => Promise<boolean>;
