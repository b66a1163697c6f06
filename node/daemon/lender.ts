import { asNexusError } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import type { SeenHead } from '../../feeds/records/mod.ts';
import { PlantedAnswers } from '../canary/mod.ts';
import { type ExecutorEvent, jobRules, type JobServer, serveJobs } from '../job/mod.ts';
import type { ModelStore } from '../models/mod.ts';
import { machineName } from '../network/mod.ts';
import { AttemptFile } from './attempts.ts';
import { NodeEnergy } from './energy.ts';
import type { EventBus } from './events.ts';
import { refusalOf } from './gate.ts';
import type { NodeLedger } from './ledger.ts';
import { Lending } from './lending.ts';
import type { OwnLogs } from './logs.ts';
import type { NodeOptions } from './options.ts';
import type { Services } from './services.ts';
import { ServingModels } from './serving.ts';

/** What a lender works with. */
export interface LenderParts {
  options: NodeOptions;
  services: Services;
  logs: OwnLogs;
  store: ModelStore;
  bus: EventBus;
  heads: () => SeenHead[];
  /** Null where there is no money. */
  ledger: NodeLedger | null;
  /** When the node began, milliseconds since 1970. */
  startedAt: number;
}

/** The executor in a node: the models it has loaded, the jobs it takes, and what it offers peers. */
export class Lender implements Disposable {
  readonly serving: ServingModels;
  readonly jobs: JobServer;
  readonly energy: NodeEnergy;
  /** What it answers to jobs that it planted itself. */
  readonly planted = new PlantedAnswers();
  readonly #parts: LenderParts;
  readonly #maxTokens: number;
  readonly #attempts: AttemptFile;
  /** What its owner asks for an output token, micro-NCU; null: what is usual. */
  #wish: number | null;
  #lending: Lending | null = null;
  /** Energy cannot be kept, which was told. */
  #isLost = false;
  /** It takes no new jobs. */
  draining = false;

  constructor(parts: LenderParts) {
    this.#parts = parts;
    const { options, services, logs, store, bus, heads, ledger, startedAt } = parts;
    const { settings, network } = options;
    const { signer, engine, needed, bans, transcripts } = services;
    const { rules } = network.file;
    this.#maxTokens = Math.min(rules.maxTokens, settings.maxTokens.value ?? rules.maxTokens);
    this.#wish = settings.price.value;
    const serving = new ServingModels({
      engine,
      store,
      priceOf: (profile) => ledger?.askedPrice(profile, this.#wish) ?? this.#wish ?? rules.minPrice,
      costsOf: (profile) => ledger?.costsOf(profile) ?? null,
      maxTokens: this.#maxTokens,
      // What counts is looked for meanwhile.
      onLoading: () => this.energy.warm(),
      onLoaded: () => needed.resolve(),
    });
    this.serving = serving;
    this.energy = new NodeEnergy({
      engine,
      serving,
      costsOf: (profile) => ledger?.costsOf(profile) ?? null,
      path: options.home.paths.energy,
      nodeBinary: options.nodeBinary,
      session: startedAt,
    });
    const jobsRules = jobRules(rules);
    this.#attempts = new AttemptFile({
      path: options.home.paths.attempts,
      most: jobsRules.remembered,
      committed: (most) => logs.committed(most),
    });
    this.jobs = serveJobs({
      engine: this.planted.through(engine),
      feeds: logs,
      signer,
      network: network.id,
      rules: jobsRules,
      heads,
      offerings: () => serving.offerings,
      admit: ({ requester }) =>
        refusalOf(requester, {
          own: signer.publicKey,
          draining: this.draining,
          banned: (key) => bans.has(key) || (ledger?.banned(key) ?? false),
        }),
      ...(ledger === null ? {} : { purse: ledger.peerPurse }),
      attempts: this.#attempts,
      keep: (kept) => transcripts.keep(kept),
      topk: (of, resumeAt) => transcripts.topk(of, resumeAt),
      meter: (profile) => this.energy.begin(profile),
      onEvent: (event) => {
        const { type, ...fields } = event;
        const model = 'profile' in fields ? { model: serving.nameOf(fields.profile) } : {};
        bus.emit(`job-${type}`, { ...fields, ...model });
        if (type !== 'rate') this.changed();
        if (type === 'finished') this.#keepEnergy(event);
      },
    });
  }

  /** True once peers are offered what is loaded. */
  get lends(): boolean {
    return this.#lending !== null;
  }

  /** Offers what is loaded; once is enough. */
  async lend(feeds: Feeds): Promise<void> {
    const { options: { network }, services: { engine, memory }, store, bus } = this.#parts;
    const { serving, jobs } = this;
    // Who cannot tell what it has taken takes nothing.
    await this.#attempts.taken();
    this.#lending ??= await Lending.start({
      feeds,
      engine,
      store,
      serving,
      jobs,
      memory,
      bus,
      name: network.secret === null ? '' : machineName(),
      maxTokens: this.#maxTokens,
      ttlMs: network.file.rules.announcementMs,
    });
    if (this.draining) await this.#lending.draining(true);
  }

  /** Load or models changed. */
  changed(): void {
    this.#lending?.changed();
  }

  /** Asks another price from now on. @param price micro-NCU an output token */
  async ask(price: number): Promise<void> {
    this.#wish = price;
    this.serving.reprice();
    await this.relist();
  }

  /** The market may have moved: what is asked moves with it. */
  reprice(): void {
    if (this.serving.reprice()) this.changed();
  }

  /** Prices or models changed. */
  async relist(): Promise<void> {
    await this.#lending?.relist();
  }

  /** What a job took is nothing that it could fail for. */
  #keepEnergy(
    { energy, requester, executor, ...worked }: Extract<ExecutorEvent, { type: 'finished' }>,
  ) {
    if (energy === null) return;
    this.energy.keep({ ...worked, own: requester === executor, energy }).catch((thrown) => {
      if (this.#isLost) return;
      this.#isLost = true;
      this.#parts.bus.emit('error', { ...asNexusError(thrown).toJSON() });
    });
  }

  /** Takes no new jobs from peers, or takes them again; peers are told at once. */
  async drain(on: boolean): Promise<void> {
    this.draining = on;
    await this.tell(on);
  }

  /** Tells peers whether jobs are wanted. */
  async tell(draining: boolean): Promise<void> {
    await this.#lending?.draining(draining);
  }

  [Symbol.dispose](): void {
    this.#lending?.[Symbol.dispose]();
  }
}
