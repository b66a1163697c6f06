import { fromHex, toHex } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import type { FingerprintFold, PrintEvent, PrintRow } from '../../feeds/fingerprints/mod.ts';
import type { SeenHead, Signer } from '../../feeds/records/mod.ts';
import type { SharingDecision } from '../../fingerprint/sharing/mod.ts';
import { Probe } from '../../fingerprint/probe/mod.ts';
import type { FigureHistoryRow, FingerprintRows, TokenEnergyRow } from '../control/mod.ts';
import type { Engine, LoadedModel } from '../engine/mod.ts';
import { randomBytes } from '../home/mod.ts';
import type { JobServer } from '../job/mod.ts';
import type { Kept } from '../payloads/mod.ts';
import {
  Budget,
  busy,
  type Challenged,
  type ChallengeStep,
  FINGERPRINT_PROTOCOL,
  fingerprintRows,
  Idleness,
  measureOwnMachine,
  type Order,
  type OwnFigures,
  type OwnMachine,
  type OwnRun,
  PROBE_POLICY,
  Responder,
  whileIdle,
} from '../prober/mod.ts';
import type { Speed } from '../router/mod.ts';
import { Challenging } from './challenging.ts';
import type { Checking } from './checking.ts';
import type { Directory } from './directory.ts';
import type { EventBus } from './events.ts';
import type { NodeLedger } from './ledger.ts';
import type { OwnLogs } from './logs.ts';
import type { NodeOptions } from './options.ts';
import { MachineHistory } from './machine_history.ts';
import { OwnMeasuring } from './own_measuring.ts';
import type { ProbeBook } from './probe_book.ts';
import { tellPrint } from './print_told.ts';
import { togetherFrom } from './probing_challenge.ts';
import { printSpeed } from './print_speed.ts';
import type { ServingModels } from './serving.ts';

export interface ProbingOptions {
  node: NodeOptions;
  engine: Engine;
  feeds: Promise<Feeds>;
  signer: Signer;
  serving: ServingModels;
  jobs: JobServer;
  logs: OwnLogs;
  directory: Directory;
  checking: Checking;
  bus: EventBus;
  /** Null where there is no money. */
  ledger: NodeLedger | null;
  banned: (peer: Uint8Array) => boolean;
  heads: () => SeenHead[];
  keepAttempt: (kept: Kept) => void;
  /** Takes down which jobs are probes. */
  probes: ProbeBook;
  /** What a token of a profile takes here; null before the first. */
  energyOf: (profile: string) => TokenEnergyRow | null;
  /** micro-NCU an output token of a profile, at most. */
  priceCap: (profile: Uint8Array) => number;
}

/** Both ends of what is measured about machines, in one node. */
export class Probing implements AsyncDisposable {
  readonly #options: ProbingOptions;
  readonly #me: string;
  readonly #idleness: Idleness;
  readonly #budget = new Budget(PROBE_POLICY, () => performance.now());
  readonly #probe = new Probe();
  readonly #own: OwnMeasuring;
  readonly #challenging: Challenging;
  readonly #history = new MachineHistory();
  readonly #stop = new AbortController();
  #prints: FingerprintFold | null = null;
  #view: readonly PrintRow[] = [];
  #rows: FingerprintRows | null = null;
  #work: Promise<void> = Promise.resolve();
  #serving = false;

  constructor(options: ProbingOptions) {
    const { signer, bus, jobs, serving } = options;
    this.#options = options;
    this.#me = toHex(signer.publicKey);
    const count = () =>
      serving.all.map(({ loaded }) => jobs.load(loaded.profileId))
        .reduce((sum, load) => sum + (load === null ? 0 : load.active + load.queued), 0);
    this.#idleness = new Idleness(count, () => performance.now());
    this.#own = new OwnMeasuring(options, this.#idleness, {
      figures: ({ profile, at, prefill, decode }) =>
        this.#remember(this.#me, toHex(profile), {
          at,
          source: 'own',
          by: this.#me,
          prefill: prefill.median,
          decode: decode.median,
        }),
      failure: (error) => {
        this.#changed();
        bus.emit('error', { ...error.toJSON() });
      },
    });
    bus.on(({ event }) => {
      if (event === 'job-accepted') this.#idleness.begun();
      if (event === 'job-finished') {
        this.#idleness.ended();
        this.#changed();
      }
    });
    this.#challenging = new Challenging(options, {
      busy: () => busy(this.#idleness.now, PROBE_POLICY),
      prints: () => this.#prints,
      onChange: () => this.#changed(),
      onMeasured: (executor, profile, { at, prefill, decode }) =>
        this.#remember(executor, profile, { at, source: 'own', by: this.#me, prefill, decode }),
    });
  }

  /** Everything that is known of machines: the same object until that changes. */
  get rows(): FingerprintRows {
    const { directory, serving, node, energyOf } = this.#options;
    return this.#rows ??= fingerprintRows({
      me: this.#me,
      epoch: this.#prints?.epoch ?? null,
      challengers: node.network.file.rules.printChallengers,
      prints: this.#view,
      own: this.#own.all,
      served: serving.all.map(({ model, loaded }) => ({
        profile: model.id,
        class: toHex(loaded.class),
        energy: energyOf(model.id),
      })),
      measured: this.#challenging.measured,
      history: this.#history.all,
      challenges: this.#challenging.challenger.rows,
      cost: this.#budget.share,
      note: this.#own.failure?.message ?? null,
      nameOf: (key) => directory.get(fromHex(key, 32))?.announcement?.name ?? null,
      modelOf: (profile) => serving.nameOf(profile),
      hex: toHex,
    });
  }

  /** Which of this node's jobs measured peers. */
  get probes(): ProbeBook {
    return this.#options.probes;
  }

  /** What others say of an executor's speed, or itself. */
  speedOf(executor: Uint8Array, profile: Uint8Array): Speed | null {
    const key = toHex(executor), of = toHex(profile);
    const prints = this.#prints;
    return printSpeed({
      attested: prints?.attested(key, of) ?? null,
      refuted: prints?.refuted(key, of) ?? null,
      claim: prints?.claim(key, of) ?? null,
    });
  }

  /** From now on peers may measure this node, and it measures itself. */
  serve(feeds: Feeds): void {
    if (this.#serving) return;
    this.#serving = true;
    const { node, signer, banned, bus } = this.#options;
    const responder = new Responder({
      network: node.network.id,
      self: signer.publicKey,
      probe: this.#probe,
      budget: this.#budget,
      policy: PROBE_POLICY,
      busy: () => busy(this.#idleness.now, PROBE_POLICY),
      interrupted: () => this.#idleness.interrupted,
      banned,
      drawn: (peer) => this.#isDrawn(toHex(peer)),
      tick: () => performance.now(),
      onEvent: ({ type, ...fields }) => {
        this.#changed();
        const error = 'error' in fields ? { error: fields.error.toJSON() } : {};
        bus.emit(`challenge-${type}`, { ...fields, ...error });
      },
    });
    feeds.serve(FINGERPRINT_PROTOCOL, (channel) => responder.handle(channel));
    // It ends with the node alone.
    this.#work = this.#own.keepUp(this.#stop.signal).catch(() => {});
  }

  /** All known cuts are folded. @param prints null in a network without witnesses */
  settled(epoch: number, prints: FingerprintFold | null): void {
    this.#prints = prints;
    this.#view = prints?.view().rows ?? [];
    this.#history.settled(epoch, Date.now(), this.#options.node.network.file.rules.epochMs);
    this.#changed();
    if (prints === null) return;
    const owed = prints.owedBy(this.#me).map((duty) => {
      const all = this.#view.find((row) =>
        row.executor === duty.executor && row.profile === duty.profile
      )?.duties ?? [];
      // By what the beacon drew: who is last for one executor is not so for all of them.
      const order = all.map(({ draw }) => draw).sort();
      return { duty, place: Math.max(0, order.indexOf(duty.draw)), challengers: order.length };
    });
    this.#challenging.challenger.settled(epoch, owed);
  }

  /** Takes what a cut says of machines. */
  took(epoch: number, events: readonly PrintEvent[], isTold: boolean): void {
    this.#history.took(epoch, events);
    if (!isTold) return;
    for (const event of events) tellPrint(event, this.#options.bus);
  }

  /** Measures an executor now, because somebody here wants to know. */
  ask(
    order: Order,
    onStep: (step: ChallengeStep) => void,
    signal: AbortSignal,
  ): Promise<Challenged> {
    return this.#challenging.challenger.ask(order, onStep, signal);
  }

  /** Whether two peers share one machine. */
  together(
    a: Uint8Array,
    b: Uint8Array,
    onBlock: (done: number, of: number) => void,
    signal: AbortSignal,
  ): Promise<SharingDecision> {
    return togetherFrom(a, b, this.#options, PROBE_POLICY, onBlock, signal);
  }

  /** Measures this node's own engine with a model, and keeps what comes of it. */
  own(
    model: LoadedModel,
    isFull: boolean,
    signal: AbortSignal,
  ): AsyncGenerator<OwnRun, OwnFigures | null, void> {
    return this.#own.run(model, isFull, signal);
  }

  /** Measures this machine beside its engine. @throws {NexusError} `BUSY`: a job is here, or came */
  ownMachine(isFull: boolean, signal: AbortSignal): Promise<OwnMachine> {
    const plan = isFull ? { aimS: 1, runs: 9, effort: 1 } : { aimS: 0.3, runs: 3, effort: 0.2 };
    const isBusy = () => busy(this.#idleness.now, PROBE_POLICY) !== null;
    return whileIdle(
      { isBusy, interrupted: this.#idleness.interrupted },
      (signal) => measureOwnMachine(this.#probe, plan, randomBytes, signal),
      signal,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#challenging.challenger[Symbol.asyncDispose]();
    await this.#work;
    await this.#probe.close();
  }

  #isDrawn(peer: string): boolean {
    return this.#view.some(({ executor, duties }) =>
      executor === this.#me && duties.some(({ challenger }) => challenger === peer)
    );
  }

  #remember(executor: string, profile: string, row: FigureHistoryRow): void {
    this.#history.add(executor, profile, row);
    this.#changed();
  }

  #changed(): void {
    this.#rows = null;
  }
}
