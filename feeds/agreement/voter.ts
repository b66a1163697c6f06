import { fromHex, toHex } from '../base/mod.ts';
import type { CutHead, Seat, VoteRecord } from '../records/mod.ts';
import { NIL, type Proposed, type Step, type Tally } from './tally.ts';
import type { CutView } from './view.ts';

/** What the rules demand of a witness now: to be signed, shown to the view and logged. */
export type Act =
  /**
   * `cut` null: one of its own choice. `proof`: the others' prevotes that make `validRound` one,
   * to be repeated in the own log first: not everybody may have got them.
   */
  | {
    type: 'propose';
    round: number;
    cut: { heads: CutHead[]; seats: Seat[] | null } | null;
    validRound: number | null;
    proof: VoteRecord[];
  }
  | { type: 'vote'; round: number; step: Step; cut: Uint8Array | null };

/** Waiting that ends by itself. */
export interface Timeout {
  step: 'propose' | Step;
  round: number;
}

/**
 * One witness's part in the agreement: Tendermint (Buchman, Kwon and Milosevic, "The latest gossip
 * on BFT consensus", arXiv:1807.04938, 2018, algorithm 1), one instance an epoch. What it said and
 * what it is locked on follow from its own entries in the view, so that a witness that is started
 * again, and has shown its whole log to the view, never says the opposite.
 */
export class Voter {
  readonly #view: CutView;
  readonly #self: string;
  readonly #expired = new Set<string>();
  readonly #approved = new Set<string>();
  #epoch = -1;
  #round = 0;
  #entered = false;

  constructor(view: CutView, self: Uint8Array) {
    this.#view = view;
    this.#self = toHex(self);
  }

  /** The round that it is in. */
  get round(): number {
    this.#sync();
    return Math.max(this.#round, this.#tally.reached, this.#tally.roundOf(this.#self));
  }

  /** True if it is a witness of the epoch that is being decided: else it says nothing. */
  get seated(): boolean {
    return this.#view.quorum.weightOf(this.#self) > 0;
  }

  /** True if it takes part in deciding the epoch by now. */
  get entered(): boolean {
    this.#sync();
    const tally = this.#tally;
    return this.#entered || tally.begun || tally.roundOf(this.#self) >= 0;
  }

  /** The epoch is over: time to decide its cut. Those who begin before draw the others along. */
  begin(): void {
    this.#sync();
    this.#entered = true;
  }

  /** The blocks of a proposed cut are held here, and its seats are right. @param hash hexadecimal */
  approve(hash: string): void {
    this.#sync();
    this.#approved.add(hash);
  }

  /** A timeout of that epoch has run out. */
  expire(epoch: number, { step, round }: Timeout): void {
    this.#sync();
    if (epoch === this.#view.epoch) this.#expired.add(`${step} ${round}`);
  }

  /** Proposals of which is to be found out whether they may be voted for. */
  get unapproved(): Proposed[] {
    this.#sync();
    const found: Proposed[] = [];
    for (let round = 0; round <= this.round; round++) {
      for (const proposed of this.#tally.proposals(round)) {
        if (proposed.sound && !this.#approved.has(proposed.hash)) found.push(proposed);
      }
    }
    return found;
  }

  /** Timeouts that run now. */
  get timeouts(): Timeout[] {
    if (!this.entered || !this.seated) return [];
    const { round } = this, tally = this.#tally;
    const running: Timeout[] = [];
    if (!this.#voted('prevote', round)) running.push({ step: 'propose', round });
    else if (!this.#voted('precommit', round) && tally.isFull('prevote', round)) {
      running.push({ step: 'prevote', round });
    }
    if (tally.isFull('precommit', round)) running.push({ step: 'precommit', round });
    return running;
  }

  /** The next thing to do; null if there is nothing but to wait. */
  next(): Act | null {
    this.#sync();
    if (!this.entered || !this.seated) return null;
    while (this.#expired.has(`precommit ${this.round}`)) this.#round = this.round + 1;
    const { round } = this;
    if (!this.#voted('prevote', round)) return this.#proposal(round) ?? this.#prevote(round);
    if (!this.#voted('precommit', round)) return this.#precommit(round);
    return null;
  }

  #proposal(round: number): Act | null {
    const mine = this.#view.quorum.proposer(this.#epoch, round) === this.#self;
    if (!mine || this.#tally.proposals(round).length > 0) return null;
    for (let validRound = round - 1; validRound >= 0; validRound--) {
      const valid = this.#tally.chosen('prevote', validRound);
      const known = valid === null || valid === NIL ? null : this.#held(valid);
      if (known === null) continue;
      const proof = this.#tally.voters('prevote', validRound, known.hash)
        .filter(({ witness }) => toHex(witness) !== this.#self);
      const { heads, seats } = known.record;
      return { type: 'propose', round, cut: { heads, seats }, validRound, proof };
    }
    return { type: 'propose', round, cut: null, validRound: null, proof: [] };
  }

  #prevote(round: number): Act | null {
    const [proposed] = this.#tally.proposals(round);
    const vote = (hash: string) => voteFor(round, 'prevote', hash);
    if (proposed?.sound === false || this.#expired.has(`propose ${round}`)) return vote(NIL);
    if (proposed === undefined || !this.#approved.has(proposed.hash)) return null;
    const { hash, record: { validRound } } = proposed;
    if (validRound !== null && this.#tally.chosen('prevote', validRound) !== hash) return null;
    const locked = this.#locked(round);
    const free = locked === null || locked.hash === hash ||
      (validRound !== null && locked.round <= validRound);
    return vote(free ? hash : NIL);
  }

  #precommit(round: number): Act | null {
    const chosen = this.#tally.chosen('prevote', round);
    const vote = (hash: string) => voteFor(round, 'precommit', hash);
    if (chosen === NIL) return vote(NIL);
    if (chosen !== null && this.#held(chosen) !== null) return vote(chosen);
    return this.#expired.has(`prevote ${round}`) ? vote(NIL) : null;
  }

  /** What it precommitted last, before this round: it votes for nothing else without good reason. */
  #locked(before: number): { round: number; hash: string } | null {
    for (let round = before - 1; round >= 0; round--) {
      const [vote] = this.#tally.votesOf('precommit', round, this.#self);
      if (vote !== undefined && vote.cut !== null) return { round, hash: toHex(vote.cut) };
    }
    return null;
  }

  #held(hash: string): Proposed | null {
    return this.#approved.has(hash) ? this.#tally.proposed(hash) : null;
  }

  #voted(step: Step, round: number): boolean {
    return this.#tally.votesOf(step, round, this.#self).length > 0;
  }

  get #tally(): Tally {
    return this.#view.tally;
  }

  /** A new epoch begins with nothing. */
  #sync(): void {
    if (this.#epoch === this.#view.epoch) return;
    this.#epoch = this.#view.epoch;
    this.#round = 0;
    this.#entered = false;
    this.#expired.clear();
    this.#approved.clear();
  }
}

function voteFor(round: number, step: Step, hash: string): Act {
  return { type: 'vote', round, step, cut: hash === NIL ? null : fromHex(hash) };
}

/**
 * How long a timeout runs, milliseconds: longer from round to round, so that messages arrive within
 * it at last, whatever they take.
 * @param base of the first round's proposal
 */
export function timeoutMs({ step, round }: Timeout, base: number): number {
  return (step === 'propose' ? base : base / 2) * (1 + round / 2);
}
