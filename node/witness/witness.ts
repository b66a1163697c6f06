import { fromHex, toHex } from '../../feeds/base/mod.ts';
import {
  type Act,
  type Cut,
  CutView,
  doubtOf,
  type Equivocation,
  sameSeats,
  SEATS_LAG,
  type Timeout,
  timeoutMs,
  Voter,
  type Waiting,
  type WitnessWeight,
} from '../../feeds/agreement/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import {
  encodeRecord,
  type LogRecord,
  type ProposalRecord,
  type Seat,
  type Signer,
  signRecord,
  type VoteRecord,
} from '../../feeds/records/mod.ts';
import { BeaconChains } from './chain.ts';
import { areWithin } from './fit.ts';
import { type HoldFeeds, holdsAll, ownHeads } from './heads.ts';
import { type ReadFeeds, WitnessLogs } from './logs.ts';
import type { WitnessEntry } from './reader.ts';
import { Stall } from './stall.ts';
import { demandWhole, startOf, type WitnessState } from './start.ts';

export interface WitnessOptions {
  feeds: ReadFeeds & HoldFeeds & Pick<Feeds, 'identity'>;
  /** Writes to the own `attestations` log; what it returns from is on the disk. */
  append: (blocks: Uint8Array[]) => Promise<unknown>;
  network: Uint8Array;
  /** The first ones; whoever is none of them, and none that a cut states, stands by. */
  witnesses: readonly WitnessWeight[];
  /**
   * Whom the ledger after the cut of an epoch wants to be the witnesses; null: it says nothing, or is
   * not known here (yet). Left out: nobody but the first.
   */
  seatsAfter?: (epoch: number) => readonly Seat[] | null;
  signer: Signer;
  /** Length of an epoch, milliseconds. */
  epochMs: number;
  /** 32 secret bytes that the beacon chains come from. */
  beaconSeed: Uint8Array;
  /** Where to go on; from the first cut on if left out. */
  from?: WitnessState;
  onCut?: (cut: Cut) => void;
  onEquivocation?: (evidence: Equivocation) => void;
  /** An epoch that is over has no cut for long; told again when others are missing. */
  onStall?: (waiting: Waiting) => void;
  /** Milliseconds of a clock that only goes forward. */
  tick?: () => number;
}

/** The first round's proposal is waited for so long, milliseconds. */
const LEAST_WAIT_MS = 500;
const MOST_WAIT_MS = 3000;
/** So many such times without a cut, and it is told. */
const STALL_TIMES = 6;
/** A witness that has not spoken in so many epochs may lack a certificate. */
const LAG = 3;
/** How often missing blocks are looked for anew. */
const LOOK_MS = 1000;

/**
 * A witness: follows the others' logs, proposes cuts, votes on them, reveals its shares of the
 * beacons; that alone while it has no seat. Its own log is its memory: it says nothing before it has read that to the end, and
 * nothing that it says is acted upon before it is written.
 */
export class Witness {
  readonly view: CutView;
  readonly #options: WitnessOptions;
  readonly #voter: Voter;
  readonly #logs: WitnessLogs;
  readonly #chains: BeaconChains;
  readonly #self: string;
  readonly #tick: () => number;
  readonly #deadlines = new Map<string, { timeout: Timeout; at: number }>();
  #written: LogRecord[] = [];
  /** Cuts that its own vote completed: nobody is told before that vote is written. */
  readonly #own: Cut[] = [];
  /** When the epoch that is being decided is over. */
  #due: number;
  #begun: number | null = null;
  #fresh: Cut | null = null;
  readonly #stall: Stall;

  private constructor(options: WitnessOptions) {
    const { feeds, network, witnesses, signer, beaconSeed, from } = options;
    this.#options = options;
    this.#tick = options.tick ?? (() => performance.now());
    this.#self = toHex(signer.publicKey);
    const core = feeds.identity.attestations;
    this.view = new CutView({
      network,
      witnesses,
      ...(from === undefined ? {} : { from: from.view }),
    });
    this.#voter = new Voter(this.view, signer.publicKey);
    const positions = from === undefined ? undefined : startOf(from, toHex(core));
    this.#logs = new WitnessLogs({
      feeds,
      electorate: this.view.electorate,
      everything: true,
      tick: this.#tick,
      from: positions,
      elects: options.seatsAfter !== undefined,
      self: this.#self,
    });
    const chains = from?.chains ? { from: from.chains } : {};
    this.#chains = new BeaconChains({ seed: beaconSeed, network, core, ...chains });
    this.#fresh = this.view.current;
    this.#due = this.#tick() + options.epochMs;
    const { onStall = () => {} } = options;
    this.#stall = new Stall(STALL_TIMES * this.#base, onStall);
  }

  /** Works until the signal aborts. @throws what reading or writing the own log throws */
  static async run(options: WitnessOptions, signal: AbortSignal): Promise<void> {
    const witness = new Witness(options);
    try {
      signal.addEventListener('abort', () => witness.#logs.close(), { once: true });
      await witness.#load();
      while (!signal.aborted) await witness.#turn(signal);
    } finally {
      witness.#logs.close();
    }
  }

  async #load(): Promise<void> {
    const logs = this.#logs, { from, feeds } = this.#options;
    await logs.load();
    if (from === undefined) return;
    await logs.heard([...this.view.covered.keys()].map((key) => fromHex(key)), true);
    const own = toHex(feeds.identity.attestations);
    demandWhole(from, own, logs.states.get(own)?.newest.length ?? 0);
  }

  async #turn(signal: AbortSignal): Promise<void> {
    const logs = this.#logs;
    for await (const entry of logs.take(this.view)) {
      if (signal.aborted) return;
      await this.#read(entry);
    }
    // What it has said already stands in its own log.
    const isRead = logs.isRead(this.#self);
    if (isRead) await this.#speak();
    const waiting = isRead ? Math.min(LOOK_MS, this.#next() - this.#tick()) : LOOK_MS;
    if (waiting <= 0 || signal.aborted) return;
    let timer;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, waiting));
    await Promise.race([logs.moved(), late]);
    clearTimeout(timer);
  }

  async #read({ witness, index, record, taken }: WitnessEntry): Promise<void> {
    if (witness === this.#self) this.#chains.take(record, index);
    if (taken.equivocation !== null) this.#options.onEquivocation?.(taken.equivocation);
    if (taken.cut !== null) {
      await this.#ended(taken.cut);
      this.#options.onCut?.(taken.cut);
    }
  }

  /** An epoch has its cut. */
  async #ended(cut: Cut): Promise<void> {
    const { epochMs } = this.#options;
    const now = this.#tick();
    this.#due = Math.max((this.#begun ?? now) + epochMs, now + epochMs / 2);
    this.#begun = null;
    this.#deadlines.clear();
    this.#chains.covered(cut.epoch, cut.spans);
    this.#fresh = cut;
    await this.#logs.heard(cut.heads.map(({ core }) => core), true);
  }

  /** Says all that is to be said now, and writes it. */
  async #speak(): Promise<void> {
    const { view } = this, voter = this.#voter;
    if (this.#tick() >= this.#due) voter.begin();
    if (voter.entered) this.#begun ??= this.#tick();
    this.#expire();
    await this.#approve();
    for (let act = voter.next(); act !== null; act = voter.next()) {
      const { epoch } = view;
      await this.#act(act);
      if (act.type === 'propose') await this.#approve();
      // Alone a witness would go on for ever: what it said is written first.
      if (view.epoch !== epoch) break;
    }
    this.#wait();
    this.#remind();
    this.#beacon();
    const records = this.#written;
    this.#written = [];
    if (records.length > 0) await this.#options.append(records.map(encodeRecord));
    for (const cut of this.#own.splice(0)) this.#options.onCut?.(cut);
    this.#stall.look(view, this.#begun, this.#tick());
  }

  #expire(): void {
    const now = this.#tick();
    for (const { timeout, at } of this.#deadlines.values()) {
      if (now >= at) this.#voter.expire(this.view.epoch, timeout);
    }
  }

  /** Shows others what they may lack: where nothing moves, or they have fallen behind. */
  #remind(): void {
    if (!this.#voter.seated) return;
    const stuck = this.#begun !== null && this.#tick() - this.#begun > this.#base;
    this.#written.push(...this.view.certificates(stuck ? 1 : LAG));
  }

  get #base(): number {
    return Math.min(MOST_WAIT_MS, Math.max(LEAST_WAIT_MS, this.#options.epochMs));
  }

  #wait(): void {
    const now = this.#tick();
    for (const timeout of this.#voter.timeouts) {
      const name = `${timeout.step} ${timeout.round}`;
      if (this.#deadlines.has(name)) continue;
      this.#deadlines.set(name, { timeout, at: now + timeoutMs(timeout, this.#base) });
    }
  }

  /** When something is to be done without anything coming from outside. */
  #next(): number {
    const now = this.#tick();
    const ahead = [...this.#deadlines.values()].map(({ at }) => at).filter((at) => at > now);
    return Math.min(this.#voter.entered ? Infinity : this.#due, ...ahead);
  }

  /** Votes for what it holds alone, and for seats that follow from the ledger as it has it. */
  async #approve(): Promise<void> {
    if (!this.#voter.seated) return;
    for (const { hash, record } of this.#voter.unapproved) {
      if (record.seats !== null && !this.#expects(record.seats, hash)) continue;
      const { feeds } = this.#options, { covered } = this.view;
      const held = await holdsAll(feeds, record.heads, covered);
      if (!held.every((one) => one) || !await areWithin(feeds, record.heads, covered)) continue;
      this.#voter.approve(hash);
    }
  }

  /** Seats that the cut of this epoch may state. */
  get #wanted(): readonly Seat[] | null {
    return this.#options.seatsAfter?.(this.view.epoch - SEATS_LAG) ?? null;
  }

  /**
   * Whether seats follow from the ledger: as it is here, or, since it may have been started again, as an
   * honest one has it who voted for them. Else a cut that some are locked on could wait for ever.
   */
  #expects(seats: readonly Seat[], hash: string): boolean {
    const wanted = this.#wanted;
    return (wanted !== null && sameSeats(seats, wanted)) || this.view.tally.isBacked(hash);
  }

  /** What it proposes by itself: where something is to change, whom as the witnesses. */
  #seats(round: number): Seat[] | null {
    const seats = doubtOf(this.view, round).seats ? this.#wanted : null;
    const isNews = seats !== null && this.view.electorate.allows(seats, this.view.epoch);
    return isNews ? [...seats] : null;
  }

  async #act(act: Act): Promise<void> {
    const { network, signer, feeds } = this.#options;
    const { epoch, previous } = this.view;
    const sign = (message: Uint8Array) => signer.sign(message);
    const { round } = act;
    const from = { network, epoch, round, witness: signer.publicKey };
    if (act.type === 'vote') {
      const { step, cut } = act;
      return await this.#say(
        await signRecord<VoteRecord>({ type: 'vote', ...from, step, cut }, sign),
      );
    }
    const { heads, seats } = act.cut ?? {
      heads: await ownHeads(feeds, this.view, this.#logs.honest(), round, this.#logs.cores),
      seats: this.#seats(round),
    };
    const { validRound, proof } = act;
    this.#written.push(...proof);
    const proposal = { type: 'proposal' as const, ...from, previous, heads, validRound, seats };
    await this.#say(await signRecord<ProposalRecord>(proposal, sign));
  }

  async #say(record: LogRecord): Promise<void> {
    const { cut } = await this.view.take(record);
    this.#written.push(record);
    if (cut === null) return;
    this.#own.push(cut);
    await this.#ended(cut);
  }

  #beacon(): void {
    const chain = this.#chains.next(this.view.epoch);
    if (chain !== null) this.#written.push(chain);
    const reveal = this.#fresh === null ? null : this.#chains.reveal(this.#fresh.epoch);
    this.#fresh = null;
    if (reveal !== null) this.#written.push(reveal);
  }
}
