import { plainCopy, toHex } from '../base/mod.ts';
import { cutHash, type ProposalRecord, type VoteRecord } from '../records/mod.ts';
import type { Quorum } from './quorum.ts';
import type { TallyState } from './types.ts';

export type Step = VoteRecord['step'];

/** A proposal with what is voted on. */
export interface Proposed {
  record: ProposalRecord;
  /** `cutHash`, hexadecimal. */
  hash: string;
  /** False: nobody honest votes for it. */
  sound: boolean;
}

/** Votes of one witness in one step of one round that are kept: an honest one has one. */
const MAX_VOTES = 4;
/** How the vote for no cut is called. */
export const NIL = 'nil';

/** The witnesses' messages about one epoch. Bounded by what an honest witness has confirmed. */
export class Tally {
  readonly epoch: number;
  readonly #quorum: Quorum;
  readonly #proposals: Map<number, Proposed[]>;
  /** By step and round, then by witness. The first of several votes is the witness's. */
  readonly #votes: Map<string, Map<string, VoteRecord[]>>;
  readonly #rounds: Map<string, number>;

  constructor(epoch: number, quorum: Quorum, from?: TallyState) {
    this.epoch = epoch;
    this.#quorum = quorum;
    const { proposals, votes, rounds } = plainCopy<Partial<TallyState>>(from ?? {});
    this.#proposals = new Map(proposals as Map<number, Proposed[]>);
    this.#votes = new Map(votes as Map<string, Map<string, VoteRecord[]>>);
    this.#rounds = new Map(rounds);
  }

  state(): TallyState {
    return plainCopy({ proposals: this.#proposals, votes: this.#votes, rounds: this.#rounds });
  }

  /** The highest round that an honest witness is in for sure. */
  get reached(): number {
    const rounds = [...this.#rounds].sort((a, b) => b[1] - a[1]);
    let weight = 0;
    for (const [witness, round] of rounds) {
      weight += this.#quorum.weightOf(witness);
      if (this.#quorum.hasHonest(weight)) return round;
    }
    return 0;
  }

  /** True if nothing was said about the epoch yet. */
  get isEmpty(): boolean {
    return this.#rounds.size === 0;
  }

  /** Whether witnesses that must include an honest one have spoken. */
  get begun(): boolean {
    return this.#quorum.hasHonest(this.#quorum.weigh(this.#rounds.keys()));
  }

  /** The highest round that a witness spoke in; -1 if it did not. */
  roundOf(witness: string): number {
    return this.#rounds.get(witness) ?? -1;
  }

  /** What its proposer proposed in a round, in the order in which it came. */
  proposals(round: number): readonly Proposed[] {
    return this.#proposals.get(round) ?? [];
  }

  /** A sound proposal of that hash, of whatever round. */
  proposed(hash: string): Proposed | null {
    for (const list of this.#proposals.values()) {
      const found = list.find((one) => one.hash === hash && one.sound);
      if (found !== undefined) return found;
    }
    return null;
  }

  /** The votes of a witness in a step of a round. */
  votesOf(step: Step, round: number, witness: string): readonly VoteRecord[] {
    return this.#votes.get(`${step} ${round}`)?.get(witness) ?? [];
  }

  /** Keeps a proposal. @returns the one before it, if it says something else */
  propose(record: ProposalRecord, sound: boolean): ProposalRecord | null {
    const list = this.#proposals.get(record.round) ?? [];
    const hash = toHex(cutHash(record));
    const validRound = record.validRound;
    this.#spoke(toHex(record.witness), record.round);
    const same = list.some((one) => one.hash === hash && one.record.validRound === validRound);
    if (same) return null;
    if (list.length < MAX_VOTES) list.push({ record, hash, sound });
    this.#proposals.set(record.round, list);
    return list.length > 1 || list[0]!.record !== record ? list[0]!.record : null;
  }

  /** Keeps a vote. @returns the one before it, if it says something else */
  vote(record: VoteRecord): VoteRecord | null {
    const slot = `${record.step} ${record.round}`;
    const witness = toHex(record.witness);
    const voters = this.#votes.get(slot) ?? new Map<string, VoteRecord[]>();
    this.#votes.set(slot, voters);
    const votes = voters.get(witness) ?? [];
    voters.set(witness, votes);
    this.#spoke(witness, record.round);
    if (votes.some((vote) => nameOf(vote.cut) === nameOf(record.cut))) return null;
    if (votes.length < MAX_VOTES) votes.push(record);
    return votes[0] === record ? null : votes[0]!;
  }

  /** Who voted so, a witness that contradicts itself for each of what it said. */
  voters(step: Step, round: number, hash: string): VoteRecord[] {
    const found: VoteRecord[] = [];
    for (const votes of this.#votes.get(`${step} ${round}`)?.values() ?? []) {
      const vote = votes.find(({ cut }) => nameOf(cut) === hash);
      if (vote !== undefined) found.push(vote);
    }
    return found;
  }

  /** The cut, or {@link NIL}, that a quorum voted for in a step of a round; null if none. */
  chosen(step: Step, round: number): string | null {
    const votes = [...this.#votes.get(`${step} ${round}`)?.values() ?? []].flat();
    for (const hash of new Set(votes.map(({ cut }) => nameOf(cut)))) {
      const voters = this.voters(step, round, hash).map(({ witness }) => toHex(witness));
      if (this.#quorum.isQuorum(this.#quorum.weigh(voters))) return hash;
    }
    return null;
  }

  /** True if witnesses that must include an honest one prevoted for a cut in one round. */
  isBacked(hash: string): boolean {
    const rounds = Math.max(-1, ...this.#rounds.values());
    for (let round = 0; round <= rounds; round++) {
      const voters = this.voters('prevote', round, hash).map(({ witness }) => toHex(witness));
      if (this.#quorum.hasHonest(this.#quorum.weigh(voters))) return true;
    }
    return false;
  }

  /** True if a quorum voted at all in a step of a round. */
  isFull(step: Step, round: number): boolean {
    const voters = this.#votes.get(`${step} ${round}`)?.keys() ?? [];
    return this.#quorum.isQuorum(this.#quorum.weigh(voters));
  }

  #spoke(witness: string, round: number): void {
    if (round > this.roundOf(witness)) this.#rounds.set(witness, round);
  }
}

/** What a vote is for, as a name. */
export function nameOf(cut: Uint8Array | null): string {
  return cut === null ? NIL : toHex(cut);
}
