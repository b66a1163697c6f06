import { equalBytes, plainCopy, toHex } from '../base/mod.ts';
import {
  type LogRecord,
  type ProposalRecord,
  verifyEd25519,
  type VerifyFunction,
  verifyRecordSignature,
  type VoteRecord,
} from '../records/mod.ts';
import { isSound, spansOf } from './check.ts';
import { Electorate } from './electorate.ts';
import type { Quorum } from './quorum.ts';
import { NIL, type Proposed, Tally } from './tally.ts';
import type { Covered, Cut, CutState, Equivocation, Taken, WitnessWeight } from './types.ts';

export interface CutViewOptions {
  /** Id of the network. */
  network: Uint8Array;
  /** The first ones: whom the network file names. */
  witnesses: readonly WitnessWeight[];
  /** Checks Ed25519 signatures; by default `verifyEd25519` of the records. */
  verify?: VerifyFunction;
  /** Where to go on from; the first epoch if left out. */
  from?: CutState;
}

const ZEROS = new Uint8Array(32);
/** Epochs whose certificates are kept for witnesses that do not have them. */
const KEPT = 64;
const DONE: Taken = { later: false, cut: null, equivocation: null };
const LATER: Taken = { ...DONE, later: true };

/**
 * Folds the witnesses' entries into certified cuts. Each witness's log is to be shown in its own
 * order; how the logs are interleaved does not matter: all readers come to the same cuts. An entry
 * that runs ahead of the others is put off ({@link Taken}), so nothing is kept but the messages of
 * one epoch, up to the round after the last one that an honest witness has entered.
 */
export class CutView {
  readonly network: Uint8Array;
  /** Who certifies which epoch. */
  readonly electorate: Electorate;
  readonly #verify: VerifyFunction;
  readonly #covered: Map<string, Covered>;
  #current: Cut | null;
  #tally: Tally;
  /** The last epoch in which each witness is known to have spoken. */
  readonly #spoke: Map<string, number>;
  readonly #certificates: Map<number, (ProposalRecord | VoteRecord)[]>;

  /** @throws {NexusError} `WITNESSES_INVALID` */
  constructor({ network, witnesses, verify = verifyEd25519, from }: CutViewOptions) {
    this.network = network;
    this.#verify = verify;
    const { cut, covered, electorate, tally, spoke, certificates } = plainCopy<Partial<CutState>>(
      from ?? {},
    );
    this.electorate = new Electorate(witnesses, electorate);
    this.#covered = new Map(covered);
    this.#current = cut ?? null;
    this.#spoke = new Map(spoke);
    this.#certificates = new Map(certificates as Map<number, (ProposalRecord | VoteRecord)[]>);
    this.#tally = new Tally(this.epoch, this.quorum, tally);
  }

  /** For {@link CutViewOptions.from}; where each log goes on its reader must know. */
  state(): CutState {
    return plainCopy({
      cut: this.#current,
      covered: this.#covered,
      electorate: this.electorate.state(),
      tally: this.#tally.state(),
      spoke: this.#spoke,
      certificates: this.#certificates,
    });
  }

  /** Who certifies the epoch that is being decided. */
  get quorum(): Quorum {
    return this.electorate.at(this.epoch);
  }

  /** The newest certified cut. */
  get current(): Cut | null {
    return this.#current;
  }

  /** The epoch that is being decided. */
  get epoch(): number {
    return (this.#current?.epoch ?? -1) + 1;
  }

  /** Hash of the newest cut; zeros before the first. */
  get previous(): Uint8Array {
    return this.#current?.hash ?? ZEROS;
  }

  /** How far each core (hexadecimal) is covered. */
  get covered(): ReadonlyMap<string, Covered> {
    return this.#covered;
  }

  /** The messages about {@link epoch}. */
  get tally(): Tally {
    return this.#tally;
  }

  /**
   * Takes the next entry of a witness's `attestations` log. Entries of other kinds and networks,
   * unsigned ones, and those of who is no witness in that epoch change nothing. A witness may show others' signed
   * messages in its log: they count as theirs. So nobody is left behind by a witness whose log does
   * not look the same to all.
   */
  async take(record: LogRecord): Promise<Taken> {
    if (record.type !== 'proposal' && record.type !== 'vote') return DONE;
    const { witness, epoch, round } = record;
    const name = toHex(witness);
    if (!equalBytes(record.network, this.network)) return DONE;
    // Who is a witness then is not known before that epoch.
    if (epoch > this.epoch) return LATER;
    if (this.quorum.weightOf(name) === 0) return DONE;
    if (epoch < this.epoch) {
      const news = epoch > (this.#spoke.get(name) ?? -1);
      if (news && await verifyRecordSignature(record, this.#verify)) this.#spoke.set(name, epoch);
      return DONE;
    }
    if (round > this.#tally.reached + 1) return LATER;
    return record.type === 'vote' ? await this.#vote(record, name) : await this.#propose(record);
  }

  /**
   * For a witness to repeat in its log: what shows the cuts of epochs that others may be stuck in,
   * since not every log looks the same to all. Each is told once, of the last {@link KEPT} epochs.
   * @param behind for those that have not spoken in so many epochs, up to the one being decided
   */
  certificates(behind: number): (ProposalRecord | VoteRecord)[] {
    const found: (ProposalRecord | VoteRecord)[] = [];
    for (const witness of this.quorum.keys) {
      const last = Math.max(this.#spoke.get(witness) ?? 0, 0);
      if (this.#tally.roundOf(witness) >= 0 || this.epoch - last < behind) continue;
      for (const epoch of [last, last + 1]) {
        found.push(...this.#certificates.get(epoch) ?? []);
        this.#certificates.delete(epoch);
      }
    }
    return found;
  }

  async #propose(record: ProposalRecord): Promise<Taken> {
    const { witness, round, epoch } = record;
    if (this.quorum.proposer(epoch, round) !== toHex(witness)) return DONE;
    if (!await verifyRecordSignature(record, this.#verify)) return DONE;
    const { previous, covered, electorate } = this;
    const ground = { epoch, previous, covered, electorate };
    const first = this.#tally.propose(record, isSound(record, ground));
    const equivocation: Equivocation | null = first === null
      ? null
      : { kind: 'proposal', witness, first, second: record };
    return { ...DONE, cut: this.#certify(), equivocation };
  }

  async #vote(record: VoteRecord, name: string): Promise<Taken> {
    const { step, round, witness } = record;
    const known = this.#tally.votesOf(step, round, name);
    const isKnown = known.some(({ cut }) =>
      cut === null || record.cut === null ? cut === record.cut : equalBytes(cut, record.cut)
    );
    if (isKnown || !await verifyRecordSignature(record, this.#verify)) return DONE;
    const first = this.#tally.vote(record);
    const equivocation: Equivocation | null = first === null
      ? null
      : { kind: 'vote', witness, first, second: record };
    return { ...DONE, cut: this.#certify(), equivocation };
  }

  /** The cut, if its epoch's messages now make one. */
  #certify(): Cut | null {
    const tally = this.#tally;
    for (let round = 0; round <= tally.reached + 1; round++) {
      const hash = tally.chosen('precommit', round);
      if (hash === null || hash === NIL) continue;
      const proposed = tally.proposed(hash);
      if (proposed !== null) {
        return this.#conclude(proposed, tally.voters('precommit', round, hash));
      }
    }
    return null;
  }

  #conclude({ record }: Proposed, voters: VoteRecord[]): Cut {
    const { epoch, previous, heads, seats } = record;
    const { quorum } = this;
    const votes = voters.sort((a, b) => toHex(a.witness) < toHex(b.witness) ? -1 : 1);
    const spans = spansOf(heads, this.#covered);
    const hash = votes[0]!.cut!;
    for (const { core, length, treeHash } of heads) {
      this.#covered.set(toHex(core), { length, treeHash, epoch });
    }
    for (const key of quorum.keys) {
      if (this.#tally.roundOf(key) >= 0) this.#spoke.set(key, epoch);
    }
    this.#certificates.set(epoch, [record, ...votes]);
    this.#certificates.delete(epoch - KEPT);
    this.#current = {
      epoch,
      hash,
      previous,
      heads,
      spans,
      seats,
      electorate: quorum.seats,
      votes,
    };
    this.electorate.learn(epoch, seats);
    if (this.quorum !== quorum) this.#seated(epoch);
    this.#tally = new Tally(epoch + 1, this.quorum);
    return this.#current;
  }

  /** Others are the witnesses now: nothing is to be repeated for who came, or went, up to here. */
  #seated(epoch: number): void {
    const { quorum } = this;
    for (const key of this.#spoke.keys()) {
      if (quorum.weightOf(key) === 0) this.#spoke.delete(key);
    }
    for (const key of quorum.keys) {
      if (!this.#spoke.has(key)) this.#spoke.set(key, epoch);
    }
  }
}
