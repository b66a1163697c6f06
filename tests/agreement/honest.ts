import { deserialize, serialize } from 'node:v8';
import { equalBytes, toHex } from '../../feeds/base/mod.ts';
import type { CutHead, ProposalRecord, Seat, VoteRecord } from '../../feeds/records/mod.ts';
import {
  type Act,
  chooseHeads,
  CutView,
  doubtOf,
  sameSeats,
  SEATS_LAG,
  Voter,
} from '../../feeds/agreement/mod.ts';
import { coreOf, headOf, keyOf, type Message, NETWORK, signAs, verify } from './messages.ts';
import type { World } from './world.ts';

/** A witness that keeps the rules, and what has reached it. */
export class Honest {
  view!: CutView;
  voter!: Voter;
  /** By writer: entries that have arrived, and those that the view took. */
  arrived: number[];
  taken: number[] = [];
  /** Blocks of each core that are here. */
  held: number[];
  /** What it has written down, and how far it had taken each log then. */
  #saved: { state: Uint8Array; taken: number[] } | null = null;

  constructor(readonly world: World, readonly index: number) {
    this.arrived = world.all.map(() => 0);
    this.held = world.lengths.map(() => 0);
    this.restart();
  }

  /** Everything is forgotten but the logs. */
  restart(): void {
    const { witnesses } = this.world;
    this.view = new CutView({ network: NETWORK, witnesses, verify });
    this.voter = new Voter(this.view, keyOf(this.index));
    this.taken = this.world.all.map(() => 0);
  }

  save(): void {
    this.#saved = { state: serialize(this.view.state()), taken: [...this.taken] };
  }

  /** Everything is forgotten but the logs and what it saved once, however long ago. */
  resume(): void {
    this.restart();
    if (this.#saved === null) return;
    const from = deserialize(this.#saved.state);
    this.view = new CutView({ network: NETWORK, witnesses: this.world.witnesses, verify, from });
    this.voter = new Voter(this.view, keyOf(this.index));
    this.taken = [...this.#saved.taken];
  }

  /** Takes what has arrived, says what is to be said. */
  async work(): Promise<void> {
    for (let moved = true; moved;) {
      moved = await this.#read();
      const own = this.world.logOf(this.index, this.index);
      if (this.taken[this.index]! < own.length) return;
      this.#approve();
      for (let act = this.voter.next(); act !== null; act = this.voter.next()) {
        moved = true;
        if (act.type === 'propose') own.push(...act.proof);
        own.push(await this.#sign(act));
        this.arrived[this.index] = own.length;
        await this.#read();
        this.#approve();
      }
    }
  }

  async #read(): Promise<boolean> {
    let moved = false;
    for (let again = true; again;) {
      again = false;
      for (const writer of this.world.all) {
        const log = this.world.logOf(writer, this.index);
        let inOrder = true;
        for (let at = this.taken[writer]!; at < this.arrived[writer]!; at++) {
          const { later, cut, equivocation } = await this.view.take(log[at]!);
          const liar = this.world.honest.find(({ index }) =>
            equivocation !== null && equalBytes(keyOf(index), equivocation.witness)
          );
          if (liar !== undefined) {
            throw new Error('a witness that keeps the rules contradicts itself');
          }
          // Further on it may repeat what others said about this epoch.
          if (later) inOrder = false;
          if (inOrder) this.taken[writer]!++;
          again ||= inOrder || cut !== null;
          if (cut !== null) this.world.certified(cut);
        }
      }
      moved ||= again;
    }
    return moved;
  }

  /** Nothing has moved for long. */
  remind(): void {
    const own = this.world.logOf(this.index, this.index);
    own.push(...this.view.certificates(1));
    this.arrived[this.index] = own.length;
  }

  #approve(): void {
    for (const { hash, record } of this.voter.unapproved) {
      if (record.seats !== null && !this.#expects(record.seats, hash)) continue;
      if (record.heads.every((head) => this.#holds(head))) this.voter.approve(hash);
    }
  }

  get #wanted(): Seat[] | null {
    return this.world.folds(this.index) ? this.world.seatsAfter(this.view.epoch - SEATS_LAG) : null;
  }

  #expects(seats: readonly Seat[], hash: string): boolean {
    const wanted = this.#wanted;
    return (wanted !== null && sameSeats(wanted, seats)) || this.view.tally.isBacked(hash);
  }

  #holds({ core, length, treeHash }: CutHead): boolean {
    const at = this.world.lengths.findIndex((_, i) => equalBytes(coreOf(i), core));
    return at >= 0 && this.held[at]! >= length &&
      equalBytes(this.#headOf(at, length).treeHash, treeHash);
  }

  #headOf(core: number, length: number): CutHead {
    return headOf(core, length, this.world.historyOf(core, this.index));
  }

  #sign(act: Act): Promise<Message> {
    const { epoch, previous, covered } = this.view;
    const from = { network: NETWORK, epoch, round: act.round, witness: keyOf(this.index) };
    if (act.type === 'vote') {
      return signAs<VoteRecord>({ type: 'vote', ...from, step: act.step, cut: act.cut });
    }
    const grown = this.held.map((length, i) => this.#headOf(i, length))
      .filter((head, i) => head.length > 0 && !this.world.forked.has(i));
    const { all, cores, heads: named, seats: mayState } = doubtOf(this.view, act.round);
    const doubtful = new Set(cores);
    for (const head of named) if (!this.#holds(head)) doubtful.add(toHex(head.core));
    const sure = all ? [] : grown.filter(({ core }) => !doubtful.has(toHex(core)));
    const heads = act.cut?.heads ?? chooseHeads(sure, covered, previous, 3);
    const { validRound } = act;
    const wanted = mayState ? this.#wanted : null;
    const isNews = wanted !== null && this.view.electorate.allows(wanted, epoch);
    const seats = act.cut === null ? (isNews ? wanted : null) : act.cut.seats;
    const proposal = { type: 'proposal' as const, ...from, previous, heads, validRound, seats };
    return signAs<ProposalRecord>(proposal);
  }
}
