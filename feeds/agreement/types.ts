import type { CutHead, ProposalRecord, Seat, VoteRecord } from '../records/mod.ts';

/** An identity that certifies cuts, and how much its voice counts. */
export interface WitnessWeight {
  /** 32 bytes. */
  key: Uint8Array;
  /** At least 1. */
  weight: number;
}

/** Blocks `[from, to)` of a core: what a cut covers and the one before did not. */
export interface Span {
  core: Uint8Array;
  from: number;
  to: number;
}

/** A certified end of an epoch: which heads count. */
export interface Cut {
  epoch: number;
  /** `cutHash` of the records. */
  hash: Uint8Array;
  /** Hash of the cut before; zeros for epoch 0. */
  previous: Uint8Array;
  /** Heads of the cores that grew, in the order of their keys. */
  heads: readonly CutHead[];
  /** The same as blocks: where each core stood in the cut before, and stands now. */
  spans: readonly Span[];
  /** Whom it states as the witnesses from `SEATS_LAG` epochs later on; null: no change. */
  seats: readonly Seat[] | null;
  /** Who was to certify it, in the order of their keys. */
  electorate: readonly WitnessWeight[];
  /**
   * Precommits of more than two thirds of the weight, one a witness, all of one round, in the order
   * of the witnesses' keys. Readers may hold different ones of the same cut.
   */
  votes: readonly VoteRecord[];
}

/** How far the cuts so far cover a core. */
export interface Covered {
  length: number;
  treeHash: Uint8Array;
  /** Epoch whose cut last included it. */
  epoch: number;
}

/** Two signed messages of one witness for one epoch, round and step: misconduct that stands alone. */
export type Equivocation =
  | { kind: 'vote'; witness: Uint8Array; first: VoteRecord; second: VoteRecord }
  | { kind: 'proposal'; witness: Uint8Array; first: ProposalRecord; second: ProposalRecord };

/** What {@link CutView.take} made of an entry. */
export interface Taken {
  /**
   * True: it speaks of what the others' entries do not reach yet. It was not taken; it, and the rest
   * of its log in order, is to be shown again when another log has moved. What stands further on in
   * its log may be shown before, too: others' messages may be repeated there.
   */
  later: boolean;
  /** The cut that it completed. */
  cut: Cut | null;
  equivocation: Equivocation | null;
}

/**
 * What a view knows and may be built from again: plain data, bounded by the cores that cuts cover and
 * by the messages of one epoch, not by how many cuts there were.
 */
export interface CutState {
  /** The newest; null before the first. */
  cut: Cut | null;
  /** By core, lower-case hexadecimal. */
  covered: ReadonlyMap<string, Covered>;
  electorate: ElectorateState;
  /** Messages about the epoch that is being decided. */
  tally: TallyState;
  /** By witness, the last epoch in which it is known to have spoken. */
  spoke: ReadonlyMap<string, number>;
  /** By epoch, what shows its cut: for witnesses that may lack it. */
  certificates: ReadonlyMap<number, readonly (ProposalRecord | VoteRecord)[]>;
}

/** Who certifies cuts: plain data. */
export interface ElectorateState {
  /** The first epoch of `now`; 0 for the first witnesses. */
  since: number;
  now: readonly WitnessWeight[];
  /** Who comes after them, from which epoch on. */
  next: { from: number; seats: readonly WitnessWeight[] } | null;
}

/** The messages of one epoch, each list in the order in which they came. */
export interface TallyState {
  /** By round. */
  proposals: ReadonlyMap<
    number,
    readonly { record: ProposalRecord; hash: string; sound: boolean }[]
  >;
  /** By step and round, then by witness. */
  votes: ReadonlyMap<string, ReadonlyMap<string, readonly VoteRecord[]>>;
  /** By witness, the highest round that it spoke in. */
  rounds: ReadonlyMap<string, number>;
}
