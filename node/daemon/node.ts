import { KeyRing } from '../../circuits/mod.ts';
import { NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Feeds } from '../../feeds/client/mod.ts';
import type { Signer } from '../../feeds/records/mod.ts';
import type { LedgerRows, RunRequest, TrustRows } from '../control/mod.ts';
import type { ProcessEngine } from '../engine/mod.ts';
import type { JobServer } from '../job/mod.ts';
import type { ModelStore } from '../models/mod.ts';
import { demandKeys } from '../prover/mod.ts';
import { WatchHub } from '../watch/mod.ts';
import { replayHeld } from './audit.ts';
import { Auditing } from './auditing.ts';
import type { BanList } from './bans.ts';
import type { Checks } from './checks.ts';
import type { Directory } from './directory.ts';
import type { NodeEnergy } from './energy.ts';
import { followEngine } from './engine_events.ts';
import type { EventBus } from './events.ts';
import { demandNetwork } from './gate.ts';
import type { ModelEvent, ModelKeeper } from './keeper.ts';
import type { NodeLedger } from './ledger.ts';
import type { Lender } from './lender.ts';
import { loadModels } from './loading.ts';
import type { OwnLogs } from './logs.ts';
import type { Announced, Mesh } from './mesh.ts';
import type { Money } from './money.ts';
import type { NodeOptions } from './options.ts';
import { partsOf } from './parts.ts';
import type { Place } from './place.ts';
import type { Probing } from './probing.ts';
import type { Proofs } from './proofs.ts';
import { type PullEvent, tellPull } from './pulling.ts';
import { peersOf, statusOf } from './rows.ts';
import type { RunEvent, Runner } from './runner.ts';
import { type Services, startServices } from './services.ts';
import { Seating } from './seating.ts';
import type { ServedModel, ServingModels } from './serving.ts';
import { snapshotsOf } from './snapshots.ts';
import { tellRun } from './telling.ts';
import { demandWitness, makeCuts } from './witnessing.ts';

/** Jobs in progress get this long to end when the node stops. */
const DRAIN_MS = 8000;

/** A running node: engine, logs, its place in the mesh. */
export class NexusNode implements AsyncDisposable {
  readonly options: NodeOptions;
  readonly signer: Signer;
  readonly bus: EventBus;
  readonly directory: Directory;
  /** Milliseconds since 1970. */
  readonly startedAt = Date.now();
  readonly watch: WatchHub;
  readonly bans: BanList;
  readonly checks: Checks;
  readonly store: ModelStore;
  readonly engine: ProcessEngine;
  readonly keeper: ModelKeeper;
  readonly runner: Runner;
  readonly logs: OwnLogs;
  /** Null in a network without a ledger. */
  readonly money: Money | null;
  /** What is measured about machines. */
  readonly probing: Probing;
  readonly #services: Services;
  readonly #place: Place;
  readonly #lender: Lender;
  #endCuts = () => Promise.resolve();
  #auditing: Auditing | null = null;
  #closing: Promise<void> | null = null;
  #up: Feeds | null = null;
  /** Address of the HTTP gateway, where there is one. */
  http: string | null = null;

  private constructor(options: NodeOptions, services: Services) {
    const parts = partsOf(options, services, this.startedAt);
    this.options = options;
    this.engine = services.engine;
    this.bans = services.bans;
    this.signer = parts.signer;
    this.bus = parts.bus;
    this.directory = parts.directory;
    this.store = parts.store;
    this.keeper = parts.keeper;
    this.logs = parts.logs;
    this.runner = parts.runner;
    this.checks = parts.checks;
    this.probing = parts.probing;
    this.money = parts.money;
    this.#place = parts.place;
    this.#lender = parts.lender;
    this.#services = services;
    const { feeds } = services;
    feeds.then((up) => this.#up = up, () => {});
    this.watch = new WatchHub({
      status: () => statusOf(this),
      peers: () => peersOf(this),
      history: () => this.bus.history,
      on: (listener) => this.bus.on(listener),
      feeds: () => feeds,
      trust: () => this.trust,
      ledger: () => this.ledgerRows,
      fingerprints: () => this.probing.rows,
      replay: replayHeld,
    });
  }

  /** Starts a node; engine, feeds service and mesh are not waited for. */
  static async start(options: NodeOptions): Promise<NexusNode> {
    await demandWitness(options);
    // Who is there for one prompt only folds nothing.
    if (options.mesh && options.announce) {
      const { keyFolder, file } = options.network;
      await demandKeys(new KeyRing(keyFolder), file.circuits);
    }
    const node = new NexusNode(options, await startServices(options));
    followEngine(node.engine, node.bus, node.#services.memory, (model) => {
      node.serving.changed(model);
      node.#lender.changed();
    });
    const { logs, signer, bus, money } = node;
    const { feeds, engine, transcripts } = node.#services;
    const snapshots = snapshotsOf(options, signer.publicKey, bus);
    const seating = new Seating();
    const cutting = { node: options, feeds, logs, signer, bus, money, snapshots, seating };
    node.#endCuts = makeCuts(cutting);
    const { serving, checks: { checking } } = node;
    node.#auditing = new Auditing({
      node: options,
      feeds,
      logs,
      signer,
      engine,
      serving,
      checking,
      transcripts,
      bus,
      money,
      probing: node.probing,
      snapshots,
      seating,
      planted: node.#lender.planted,
      lends: () => node.#lender.lends,
    });
    if (options.mesh) node.#place.join();
    return node;
  }

  get key(): string {
    return toHex(this.signer.publicKey);
  }

  get serving(): ServingModels {
    return this.#lender.serving;
  }

  get jobs(): JobServer {
    return this.#lender.jobs;
  }

  /** What its jobs cost in energy. */
  get energy(): NodeEnergy {
    return this.#lender.energy;
  }

  /** It takes no new jobs. */
  get draining(): boolean {
    return this.#lender.draining;
  }

  get mesh(): Mesh | null {
    return this.#place.mesh;
  }

  /** Where the audits stand; null in a network without witnesses, and before the first cut. */
  get trust(): TrustRows | null {
    return this.#auditing?.rows ?? null;
  }

  /** Proofs of sampling; null before the node is up. */
  get proofs(): Proofs | null {
    return this.#auditing?.proofs ?? null;
  }

  /** Why no cut is folded, for people; null where it goes on. */
  get foldingNote(): string | null {
    return this.#auditing?.note ?? null;
  }

  /** The ledger as it is known now; null in a network without. */
  get ledger(): NodeLedger | null {
    return this.money?.ledger ?? null;
  }

  /** The ledger for dashboards; null in a network without, and before the first cut. */
  get ledgerRows(): LedgerRows | null {
    return this.money?.ledgering.rows(this.foldingNote) ?? null;
  }

  /** Process id of the feeds service; null where there is none now. */
  get feedsPid(): number | null {
    return this.#up?.pid ?? null;
  }

  /** The feeds service once it is up. */
  feeds(): Promise<Feeds> {
    this.#services.needed.resolve();
    return this.#services.feeds;
  }

  /** Answers a prompt. All but the text is told on the bus too, for whoever watches the node. */
  async *run(
    request: RunRequest,
    signal: AbortSignal,
    via: 'local' | 'gateway' = 'local',
  ): AsyncGenerator<RunEvent, void, void> {
    demandNetwork(request, this.options);
    yield* tellRun(this.runner.run(request, signal), this.bus, via);
  }

  /**
   * Loads the models. One that cannot be had is told as an event; it is an error only if none is
   * left.
   */
  serve(names: readonly string[], signal: AbortSignal): Promise<ServedModel[]> {
    return loadModels(this.keeper, this.bus, names, signal, () => this.#closing !== null);
  }

  /** Offers what {@link serve} loaded to peers; returns how the announcement went. */
  async lend(): Promise<Announced> {
    const feeds = await this.feeds();
    if (!this.#lender.lends) {
      this.checks.checking.serve(feeds);
      this.#services.transcripts.warm();
    }
    await this.#lender.lend(feeds);
    this.probing.serve(feeds);
    await this.#place.refresh();
    return await this.joined();
  }

  /** How joining the mesh went, for a node that lends nothing. */
  async joined(): Promise<Announced> {
    await this.feeds();
    return await this.#place.announced();
  }

  /** Takes no new jobs from peers, or takes them again; peers are told at once. */
  async drain(on: boolean): Promise<void> {
    await this.#lender.drain(on);
  }

  /** Asks another price from now on, until the node stops. @param price micro-NCU a token */
  async setPrice(price: number): Promise<void> {
    await this.#lender.ask(price);
  }

  /** Fetches a model, and lends it where this node lends. */
  pull(name: string, signal: AbortSignal): AsyncGenerator<PullEvent, void, void> {
    return tellPull(async (tell) => {
      const told = (event: ModelEvent) => {
        this.bus.emit('model', { ...event });
        tell(event);
      };
      const model = await this.keeper.choose(name, 'any', signal);
      const pulled = await this.keeper.pull(model, signal, told);
      const served = this.#lender.lends;
      if (served) {
        await this.serving.load(pulled, signal);
        await this.#lender.relist();
        await this.#place.refresh();
      }
      return { model: pulled, served };
    });
  }

  /** Ids of this node's processes. */
  async pids(): Promise<{ node: number; feeds: number | null; engine: number | null }> {
    const feeds = await this.feeds();
    return { node: Deno.pid, feeds: feeds.pid, engine: this.engine.pid };
  }

  /** Reads again what commands changed on disk: the member list. */
  async reload(): Promise<null> {
    await this.#place.reload(this.options.home.paths);
    return null;
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.bus.emit('stopping');
    await this.#lender.tell(true).catch(() => {});
    await this.probing[Symbol.asyncDispose]();
    await this.jobs.drain(DRAIN_MS);
    await this.#auditing?.close();
    await this.#endCuts();
    this.money?.ledgering[Symbol.dispose]();
    await this.logs.flushed();
    await this.#services.transcripts.close();
    this.#lender[Symbol.dispose]();
    this.#services.needed.reject(new NexusError('FEEDS_CLOSED', 'the node was stopped'));
    const feeds = await this.#services.feeds.catch(() => null);
    // What counts energy may still wait for the engine.
    const energy = this.energy[Symbol.asyncDispose]();
    await Promise.allSettled([feeds?.close(), this.engine.close(), energy]);
  }
}
