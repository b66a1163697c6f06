import { asNexusError, equalBytes, NexusError, toHex } from '../../feeds/base/mod.ts';
import { type Feeds, startFeeds } from '../../feeds/client/mod.ts';
import { importSigner, type Signer } from '../../feeds/records/mod.ts';
import { createEngine, type ProcessEngine } from '../engine/mod.ts';
import { modelRoots } from '../home/mod.ts';
import { jobRules, type JobServer, serveJobs } from '../job/mod.ts';
import { ModelStore } from '../models/mod.ts';
import { Directory } from './directory.ts';
import { type EngineMemory, engineMemory } from './memory.ts';
import { EventBus } from './events.ts';
import { SeenHeads } from './heads.ts';
import { type ModelEvent, ModelKeeper } from './keeper.ts';
import { BanList } from './bans.ts';
import { type PullEvent, tellPull } from './pulling.ts';
import { OwnLogs } from './logs.ts';
import { type Announced, Mesh } from './mesh.ts';
import type { NodeOptions } from './options.ts';
import { ReceiptDesk } from './receipts.ts';
import type { RunRequest } from '../control/mod.ts';
import { type RunEvent, Runner } from './runner.ts';
import { type ServedModel, ServingModels } from './serving.ts';
import { Lending } from './lending.ts';
import { replayHeld } from './audit.ts';
import { peersOf, statusOf } from './rows.ts';
import { tellRun } from './telling.ts';
import { WatchHub } from '../watch/mod.ts';
import { bootstrapOf, machineName } from './machine.ts';

/** Jobs in progress get this long to end when the node stops. */
const DRAIN_MS = 8000;
/** How long a prompt waits for a mesh that has just been joined. */
const MESH_MS = 4000;

/** A running node: engine, logs, its place in the mesh. */
export class NexusNode implements AsyncDisposable {
  readonly options: NodeOptions;
  readonly signer: Signer;
  readonly bus = new EventBus();
  readonly directory = new Directory();
  /** Milliseconds since 1970. */
  readonly startedAt = Date.now();
  readonly watch: WatchHub;
  readonly bans: BanList;
  readonly store: ModelStore;
  readonly engine: ProcessEngine;
  readonly serving: ServingModels;
  readonly keeper: ModelKeeper;
  readonly jobs: JobServer;
  readonly runner: Runner;
  readonly logs: OwnLogs;
  readonly #feeds: Promise<Feeds>;
  readonly #needed: PromiseWithResolvers<void>;
  readonly #memory: EngineMemory;
  #mesh: Mesh | null = null;
  #lending: Lending | null = null;
  #since = performance.now();
  #closing: Promise<void> | null = null;
  #up: Feeds | null = null;
  /** Address of the HTTP gateway, where there is one. */
  http: string | null = null;
  /** It takes no new jobs. */
  draining = false;

  private constructor(
    options: NodeOptions,
    signer: Signer,
    engine: ProcessEngine,
    feeds: Promise<Feeds>,
    needed: PromiseWithResolvers<void>,
    memory: EngineMemory,
    bans: BanList,
  ) {
    const { home, settings, network } = options;
    const { rules } = network.file;
    this.options = options;
    this.signer = signer;
    this.engine = engine;
    this.#feeds = feeds;
    this.#needed = needed;
    this.#memory = memory;
    this.bans = bans;
    feeds.then((up) => this.#up = up, () => {});
    this.logs = new OwnLogs(feeds);
    this.store = new ModelStore(home.paths.home);
    const { directory, store } = this;
    const price = settings.price.value ?? rules.minPrice;
    const maxTokens = Math.min(rules.maxTokens, settings.maxTokens.value ?? rules.maxTokens);
    this.serving = new ServingModels({
      engine,
      store,
      price,
      maxTokens,
      onLoaded: () => needed.resolve(),
    });
    const meshFeeds = () => (options.mesh ? feeds : null);
    const { serving, logs } = this;
    const seen = new SeenHeads(feeds, directory);
    this.keeper = new ModelKeeper({
      engine,
      store,
      serving,
      directory,
      isPrivate: network.secret !== null,
      feeds: meshFeeds,
    });
    this.jobs = serveJobs({
      engine,
      feeds: logs,
      signer,
      network: network.id,
      rules: jobRules(rules),
      heads: () => seen.now(),
      offerings: () => serving.offerings,
      admit: (job) => this.#admit(job.requester),
      committed: () => logs.committed(),
      onEvent: ({ type, ...fields }) => {
        const model = 'profile' in fields ? { model: this.serving.nameOf(fields.profile) } : {};
        this.bus.emit(`job-${type}`, { ...fields, ...model });
        if (type !== 'rate') this.#lending?.changed();
      },
    });
    this.watch = new WatchHub({
      status: () => statusOf(this),
      peers: () => peersOf(this),
      history: () => this.bus.history,
      on: (listener) => this.bus.on(listener),
      feeds: () => feeds,
      replay: replayHeld,
    });
    const receipts = new ReceiptDesk({ feeds, directory, folder: home.paths.receipts });
    this.runner = new Runner({
      engine,
      keeper: this.keeper,
      serving,
      directory,
      jobs: this.jobs,
      logs,
      signer,
      network: () => this.#mesh?.network ?? network,
      heads: () => seen.now(),
      feeds: meshFeeds,
      meshReady: () => this.#meshReady(),
      meshState: () => this.#mesh?.state ?? null,
      banned: (key) => bans.has(key),
      where: settings.where.value,
      model: settings.model.value,
      maxTokens: settings.maxTokens.value,
      keep: (finished) => receipts.keep(finished),
    });
  }

  /**
   * Starts engine and feeds service; neither is waited for. Without a mesh the logs are first written
   * when an answer begins: until its model is there, the processors are the engine's.
   */
  static async start(options: NodeOptions): Promise<NexusNode> {
    const { home, settings, network } = options;
    const signer = await importSigner(home.seed);
    const bans = await BanList.load(home.paths.banned);
    const memory = await engineMemory(home.paths.state);
    const engine = createEngine({
      roots: modelRoots(home.paths),
      ...(options.engineProcess === undefined ? {} : { process: options.engineProcess }),
      ...memory.options(settings.threads.value, settings.slots.value),
    });
    const bootstrap = bootstrapOf(settings.bootstrap.value ?? network.bootstrap);
    const needed = Promise.withResolvers<void>();
    const feeds = needed.promise.then(() =>
      startFeeds({
        home: home.paths.home,
        seed: home.seed,
        ...(settings.host.value === null ? {} : { host: settings.host.value }),
        ...(bootstrap === null ? {} : { bootstrap }),
        ...(options.nodeBinary === undefined ? {} : { node: options.nodeBinary }),
      })
    );
    if (options.mesh) needed.resolve();
    const node = new NexusNode(options, signer, engine, feeds, needed, memory, bans);
    node.#watchEngine();
    if (options.mesh) node.#join(feeds);
    return node;
  }

  get key(): string {
    return toHex(this.signer.publicKey);
  }

  get mesh(): Mesh | null {
    return this.#mesh;
  }

  /** Process id of the feeds service; null where there is none now. */
  get feedsPid(): number | null {
    return this.#up?.pid ?? null;
  }

  /** The feeds service once it is up. */
  feeds(): Promise<Feeds> {
    this.#needed.resolve();
    return this.#feeds;
  }

  /** Answers a prompt. All but the text is told on the bus too, for whoever watches the node. */
  async *run(
    request: RunRequest,
    signal: AbortSignal,
    via: 'local' | 'gateway' = 'local',
  ): AsyncGenerator<RunEvent, void, void> {
    this.#demandNetwork(request);
    yield* tellRun(this.runner.run(request, signal), this.bus, via);
  }

  /**
   * Loads the models and lends them to peers. A model that cannot be had is told as an event; it is
   * an error only if none is left.
   */
  async serve(names: readonly string[], signal: AbortSignal): Promise<ServedModel[]> {
    const tell = (event: { type: string }) => this.bus.emit('model', { ...event });
    if (names.length === 0) return [await this.keeper.defaultWeights(signal, tell)];
    const served: ServedModel[] = [];
    let failure: unknown;
    for (const name of names) {
      try {
        const model = await this.keeper.choose(name, 'any', signal);
        served.push(await this.keeper.weights(model, signal, tell));
      } catch (thrown) {
        signal.throwIfAborted();
        // What fails because the node stops is not why it stops.
        if (this.#closing !== null) throw thrown;
        failure = thrown;
        this.bus.emit('error', { model: name, ...asNexusError(thrown).toJSON() });
      }
    }
    if (served.length === 0) throw failure;
    return served;
  }

  /** Offers what {@link serve} loaded to peers; returns how the announcement went. */
  async lend(): Promise<Announced> {
    const { settings, network } = this.options;
    const { rules } = network.file;
    this.#lending ??= await Lending.start({
      feeds: await this.feeds(),
      engine: this.engine,
      store: this.store,
      serving: this.serving,
      jobs: this.jobs,
      memory: this.#memory,
      bus: this.bus,
      name: network.secret === null ? '' : machineName(),
      maxTokens: settings.maxTokens.value ?? rules.maxTokens,
      ttlMs: rules.announcementMs,
    });
    if (this.draining) await this.#lending.draining(true);
    await this.#mesh?.refresh();
    return await this.joined();
  }

  /** How joining the mesh went, for a node that lends nothing. */
  async joined(): Promise<Announced> {
    await this.feeds();
    return await (this.#mesh?.announced ?? { announced: false, detail: 'no mesh' });
  }

  /** Takes no new jobs from peers, or takes them again; peers are told at once. */
  async drain(on: boolean): Promise<void> {
    this.draining = on;
    await this.#lending?.draining(on);
  }

  /** Asks another price from now on, until the node stops. @param price micro-NCU a token */
  async setPrice(price: number): Promise<void> {
    this.serving.reprice(price);
    await this.#lending?.relist();
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
      const served = this.#lending !== null;
      if (served) {
        await this.serving.load(pulled, signal);
        await this.#lending?.relist();
        await this.#mesh?.refresh();
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
    await this.#mesh?.reload(this.options.home.paths);
    return null;
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #join(feeds: Promise<Feeds>): void {
    const { network } = this.options;
    feeds.then(async (up) => {
      this.#since = performance.now();
      this.#mesh = new Mesh({
        feeds: up,
        network,
        self: { publicKey: this.signer.publicKey, sign: (m) => this.signer.sign(m) },
        directory: this.directory,
        bus: this.bus,
        bans: this.bans,
        profiles: () => this.serving.all.map(({ loaded }) => loaded.profileId),
        announce: this.options.announce,
      });
      // With the service all peers are lost: the time for finding somebody begins anew.
      this.bus.on(({ event }) => {
        if (event === 'feeds') this.#since = performance.now();
      });
      await this.#mesh.join();
    }).catch((thrown) => this.bus.emit('error', { ...asNexusError(thrown).toJSON() }));
  }

  /** Somebody to ask, or the time for finding somebody is over, or there is no network. */
  async #meshReady(): Promise<void> {
    await this.#feeds.catch(() => {});
    const left = this.#since + MESH_MS - performance.now();
    if (this.directory.offerings().length > 0 || left <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const off = this.bus.on(({ event, state }) => {
      if (event === 'capability' && this.directory.offerings().length > 0) resolve();
      if (event === 'network' && state === 'offline') resolve();
    });
    const timer = setTimeout(resolve, left);
    if (this.#mesh?.state.state === 'offline') resolve();
    await promise;
    clearTimeout(timer);
    off();
  }

  /** A prompt that was meant for one's own machines must not go to strangers. */
  #demandNetwork({ where, network: wanted }: RunRequest): void {
    const { network: { id, name }, settings, mesh } = this.options;
    if (wanted === null || wanted === toHex(id)) return;
    if (!mesh || (where ?? settings.where.value) === 'local') return;
    throw new NexusError('OTHER_NETWORK', `the node that runs here is in ${name}, not in that`, {
      stage: 'route',
      hint: 'start it again in the network that is wanted, or run with --where local',
    });
  }

  #admit(requester: Uint8Array): NexusError | null {
    if (this.bans.has(requester)) {
      return new NexusError('BANNED', 'this node does not work for you', { stage: 'admission' });
    }
    if (!this.draining || equalBytes(requester, this.signer.publicKey)) return null;
    return new NexusError('DRAINING', 'this node takes no new jobs now', {
      hint: 'Ask another node.',
      stage: 'admission',
    });
  }

  async #watchEngine(): Promise<void> {
    for await (const event of this.engine.events) {
      const { type, ...fields } = event;
      this.bus.emit(
        `engine-${type}`,
        event.type === 'calibrated'
          ? { profile: toHex(event.model.profileId), threads: event.threads }
          : { ...fields },
      );
      if (event.type === 'calibrated') {
        this.serving.changed(event.model);
        this.#lending?.changed();
      }
      await this.#memory.learn(event).catch(() => {});
    }
  }

  async #close(): Promise<void> {
    this.bus.emit('stopping');
    await this.#lending?.draining(true).catch(() => {});
    await this.jobs.drain(DRAIN_MS);
    await this.logs.flushed();
    this.#lending?.[Symbol.dispose]();
    this.#needed.reject(new NexusError('FEEDS_CLOSED', 'the node was stopped'));
    const feeds = await this.#feeds.catch(() => null);
    await Promise.allSettled([feeds?.close(), this.engine.close()]);
  }
}
