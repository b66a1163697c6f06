import { NexusError, plainCopy, taggedHash, toHex } from '../base/mod.ts';
import { type LogRecord, verifyEd25519 } from '../records/mod.ts';
import { Auditors } from './auditors.ts';
import { Audits } from './audits.ts';
import { BeaconView } from './beacon.ts';
import { Calibrations } from './calibrations.ts';
import { Canaries } from './canaries.ts';
import { isOver } from './duties.ts';
import { Executors } from './executors.ts';
import { blocksOf, type Known, Logs } from './logs.ts';
import { Roster } from './roster.ts';
import { TRUST_STATE, type TrustState } from './state.ts';
import { told } from './told.ts';
import { Subjects } from './subjects.ts';
import { takeStep } from './verdicts.ts';
import type { Duty, Hex, TrustCut, TrustEntry, TrustOptions } from './types.ts';
import type { ExecutorTrust, TrustEvent, TrustView } from './view_types.ts';
import { Weights } from './weights.ts';
import { World } from './world.ts';

const utf8 = new TextEncoder();

/**
 * The fold. Deterministic: the same cuts with the same entries give the same digest, in whatever
 * order the entries of a cut are handed in.
 */
export class TrustFold {
  readonly #world: World;
  /** The first ones. */
  readonly #witnesses: TrustOptions['witnesses'];
  readonly #weights: Weights;
  readonly #logs: Logs;
  readonly #beacons: BeaconView;
  readonly #roster: Roster;
  readonly #calibrations: Calibrations;
  readonly #subjects: Subjects;
  readonly #executors = new Executors();
  readonly #auditors = new Auditors();
  readonly #audits: Audits;
  readonly #canaries: Canaries;
  #missedReveals = new Map<Hex, number>();
  #epoch: number | null = null;
  #cutHash = new Uint8Array(32);
  #digest: Uint8Array;
  #known: readonly Known[] = [];
  #beacon: TrustView['beacon'] = null;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: TrustOptions) {
    const { network, witnesses, rules, readCalibration, mayStand, verify } = options;
    const check = verify ?? verifyEd25519;
    const weights = new Weights(witnesses);
    this.#witnesses = witnesses;
    this.#weights = weights;
    this.#world = new World(rules, options.mustAudit, options.isFunded);
    this.#logs = new Logs(network, check);
    const weightOf = (key: Hex) => weights.get(key) ?? 1;
    this.#roster = new Roster(weightOf);
    this.#beacons = new BeaconView(weights, mayStand);
    this.#calibrations = new Calibrations(weights, readCalibration);
    this.#subjects = new Subjects(check, (key, profile) => this.#roster.classOf(key, profile));
    this.#canaries = new Canaries(weights);
    this.#audits = new Audits({
      roster: this.#roster,
      calibrations: this.#calibrations,
      executors: this.#executors,
      auditors: this.#auditors,
      canaries: this.#canaries,
      weightOf,
    });
    this.#digest = taggedHash('nexus/trust-start/1', network);
  }

  /**
   * Goes on from where another fold of the same network and rules was.
   * @throws {NexusError} `STATE_UNKNOWN` for a state that another version of this program made
   */
  static restore(options: TrustOptions, state: TrustState): TrustFold {
    if (state.version !== TRUST_STATE) {
      throw new NexusError('STATE_UNKNOWN', 'the state is of another version of this program', {
        hint: 'fold from the first cut',
      });
    }
    const fold = new TrustFold(options);
    fold.#load(plainCopy(state));
    return fold;
  }

  /** Everything that the next cuts depend on, as of the newest one; not while one is being taken. */
  state(): TrustState {
    return plainCopy<TrustState>({
      version: TRUST_STATE,
      epoch: this.#epoch,
      cutHash: this.#cutHash,
      digest: this.#digest,
      beacon: this.#beacon,
      missedReveals: this.#missedReveals,
      weights: this.#weights.state(),
      world: this.#world.state(),
      logs: this.#logs.state(),
      beacons: this.#beacons.state(),
      roster: this.#roster.state(),
      calibrations: this.#calibrations.state(),
      subjects: this.#subjects.state(),
      executors: this.#executors.state(),
      auditors: this.#auditors.state(),
      audits: this.#audits.state(),
      canaries: this.#canaries.state(),
    });
  }

  #load(state: TrustState): void {
    this.#epoch = state.epoch;
    this.#cutHash = state.cutHash;
    this.#digest = state.digest;
    this.#beacon = state.beacon;
    this.#missedReveals = state.missedReveals;
    this.#weights.load(state.weights);
    this.#world.load(state.world);
    this.#logs.load(state.logs);
    this.#beacons.load(state.beacons);
    this.#roster.load(state.roster);
    this.#calibrations.load(state.calibrations);
    this.#subjects.load(state.subjects);
    this.#executors.load(state.executors);
    this.#auditors.load(state.auditors);
    this.#audits.load(state.audits);
    this.#canaries.load(state.canaries);
  }

  /** Epoch of the newest cut; null before the first. */
  get epoch(): number | null {
    return this.#epoch;
  }

  /** What of the newest cut's blocks counts, in the order of cores and indices. */
  get known(): readonly Known[] {
    return this.#known;
  }

  /** Who can run what, as of the newest cut. */
  get roster(): Pick<Roster, 'standing' | 'classOf'> {
    return this.#roster;
  }

  /** Whether an identity was among those who were to certify the newest cut. */
  isWitness(identity: Hex): boolean {
    return this.#weights.has(identity);
  }

  /** Of how many of the newest epochs, `REVEAL_WINDOW` of them, an identity revealed its share. */
  presence(identity: Hex): number {
    return this.#beacons.presence(identity);
  }

  /** 32 bytes; equal for all who took the same cuts. */
  get digest(): Uint8Array {
    return this.#digest;
  }

  /**
   * Takes the next cut with every block that it covers.
   * @returns what follows from it
   * @throws {NexusError} `TRUST_WRONG_CUT` if it is not the next one, `TRUST_ENTRIES` if blocks of it
   * are missing; nothing has changed then
   */
  takeCut(cut: TrustCut, entries: readonly TrustEntry[]): Promise<TrustEvent[]> {
    const taken = this.#last.then(() => this.#take(cut, entries));
    this.#last = taken.catch(() => {});
    return taken;
  }

  async #take(cut: TrustCut, entries: readonly TrustEntry[]): Promise<TrustEvent[]> {
    const next = (this.#epoch ?? -1) + 1;
    if (cut.epoch !== next) {
      throw new NexusError('TRUST_WRONG_CUT', `cut ${cut.epoch} came, cut ${next} is the next`, {
        hint: 'take the cuts one after the other, from the first',
      });
    }
    const blocks = blocksOf(cut, entries);
    const world = this.#world;
    world.cut = cut.epoch;
    if (this.#weights.set(cut.electorate ?? this.#witnesses)) this.#roster.reweighed();
    const known = await this.#logs.read(blocks, world);
    const byType = new Map<LogRecord['type'], Known[]>();
    for (const entry of known) {
      const { type } = entry.record, list = byType.get(type);
      if (list === undefined) byType.set(type, [entry]);
      else list.push(entry);
    }
    const of = <T extends LogRecord['type']>(type: T) =>
      (byType.get(type) ?? []) as Known<LogRecord & { type: T }>[];

    for (const { owner, record, place } of of('beaconReveal')) {
      const fault = this.#beacons.takeReveal(owner, record, place);
      if (fault !== null) world.refuse('beacon-reveal', place, fault);
    }
    for (const { owner, record, place } of of('beaconChain')) {
      const fault = this.#beacons.takeChain(owner, record, place);
      if (fault !== null) world.refuse('beacon-chain', place, fault);
    }
    if (cut.epoch > 0) this.#draw(cut.epoch - 1);

    for (const { owner, record } of of('auditor')) this.#roster.auditor(owner, record, cut.epoch);
    for (const { owner, record } of of('capability')) this.#roster.executor(owner, record);
    for (const entry of of('calibration')) {
      const fault = this.#calibrations.take(entry);
      if (fault !== null) world.refuse('calibration', entry.place, fault);
    }
    this.#subjects.take(known, world);
    for (const type of ['request', 'open', 'verdictCommit', 'verdictReveal'] as const) {
      for (const entry of of(type)) {
        const audit = this.#audits.get(toHex(entry.record.subject));
        takeStep(entry, audit, this.#auditors, world);
      }
    }
    this.#audits.advance(world);
    this.#audits.await(await this.#subjects.conclude(world));
    for (const entry of of('canary')) this.#canaries.plan(entry);
    for (const entry of of('canaryReveal')) {
      const find = (job: Hex, attempt: number) => {
        const known = this.#subjects.attempt(job, attempt), subject = known?.subject ?? null;
        return { attempt: known, audit: subject === null ? undefined : this.#audits.get(subject) };
      };
      this.#canaries.reveal(
        entry,
        { find, auditors: this.#auditors, executors: this.#executors },
        world,
      );
    }

    this.#known = known;
    this.#epoch = cut.epoch;
    this.#cutHash = cut.hash.slice();
    const events = world.take();
    const text = utf8.encode(JSON.stringify(events.map(told)));
    this.#digest = taggedHash('nexus/trust/2', this.#digest, cut.hash, text);
    return events;
  }

  #draw(epoch: number): void {
    const { value, missed } = this.#beacons.conclude(epoch, this.#cutHash);
    for (const key of missed) this.#missedReveals.set(key, (this.#missedReveals.get(key) ?? 0) + 1);
    this.#world.emit({
      type: 'beacon',
      epoch,
      value: value === null ? null : toHex(value),
      missed,
    });
    if (value === null) return;
    this.#beacon = { epoch, value: toHex(value) };
    this.#audits.draw({ epoch, value }, this.#world);
  }

  /** Duties of an auditor that are not over: what it is to do next. */
  owedBy(auditor: Hex): Duty[] {
    return this.#audits.duties().filter((duty) => duty.auditor === auditor && !isOver(duty));
  }

  /**
   * Duties for which this identity may write an `open`, and has not: it asked or answered. Those that
   * the other party has opened are among them until there is a verdict: that key may be none.
   */
  toOpen(identity: Hex): Duty[] {
    return this.#audits.duties().filter(({ state, opens, subject }) =>
      (state === 'requested' || state === 'opened') && !opens.some(({ by }) => by === identity) &&
      (subject.requester === identity || subject.executor === identity)
    );
  }

  /** An executor's record as of the newest cut; null where nothing of it was ever seen. */
  executor(key: Hex): ExecutorTrust | null {
    return this.#executors.get(key)?.view(this.#world) ?? null;
  }

  /** A subject's duties, first those drawn first; empty where it is not known or forgotten. */
  dutiesOf(subject: Hex): readonly Duty[] {
    return this.#audits.get(subject)?.duties ?? [];
  }

  view(): TrustView {
    const duties = this.#audits.duties();
    const owed = new Map<Hex, number>();
    for (const duty of duties) {
      if (!isOver(duty)) owed.set(duty.auditor, (owed.get(duty.auditor) ?? 0) + 1);
    }
    const executors = this.#executors.view(this.#world);
    return {
      epoch: this.#epoch,
      digest: toHex(this.#digest),
      beacon: this.#beacon,
      missedReveals: new Map(this.#missedReveals),
      waiting: this.#audits.waiting,
      duties,
      executors,
      auditors: this.#auditors.view(owed),
      cheats: this.#executors.cheats(),
      findings: [...this.#world.findings],
      findingCount: this.#world.findingCount,
    };
  }
}
