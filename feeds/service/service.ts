import { toHex } from '../base/mod.ts';
import type {
  CoreSpan,
  CoreState,
  FeedsEvent,
  JoinOptions,
  PeerInfo,
  Prefix,
  Progress,
} from '../client/types.ts';
import { type BlockProof, type SignedHead, verifyHead } from '../proof/mod.ts';
import { encodeRecord, type LogName } from '../records/mod.ts';
import type { Link } from '../wire/mod.ts';
import { BlobIndex } from './blob-index.ts';
import { Blobs } from './blobs.ts';
import { Channels } from './channels.ts';
import { storedCores } from './cores.ts';
import { ownerOf, signedHead } from './heads.ts';
import { coreState, holdsSpan, prefixOf } from './holding.ts';
import { keysOf } from './keys.ts';
import { Logs } from './logs.ts';
import { Mesh } from './mesh.ts';
import type { Core, Store } from './native.ts';
import type { NetOptions } from './net.ts';
import { openStore } from './open.ts';
import { proveBlock } from './prove.ts';
import { type Holding, Quota } from './quota.ts';
import { connect, reach } from './reach.ts';
import { type Page, readPage } from './reader.ts';
import { type Misconduct, Replicas, withStored } from './replicas.ts';
import { Rumours } from './rumours.ts';
import { INVITE, type Session } from './session.ts';
import { updateCore } from './update.ts';
import { Throttle } from './throttle.ts';

export interface ServiceOptions extends NetOptions {
  /** Folder of the node's state. */
  home: string;
  seed: Uint8Array;
  quotaBytes: number;
}

const GOSSIP_MS = 500;
const PROGRESS_MS = 100;
const HEAD_MS = 250;

/** Everything that the feeds service does, without the socket that it is asked over. */
export class Service {
  readonly logs: Logs;
  readonly replicas: Replicas;
  readonly channels: Channels;
  readonly mesh: Mesh;
  readonly store: Store;
  readonly blobs: Blobs;
  readonly #index: BlobIndex;
  readonly #link: Link;
  readonly #quota: Quota;
  readonly #gossip = new Throttle(GOSSIP_MS);
  readonly #moves = new Throttle(HEAD_MS);
  readonly #rumours = new Rumours({
    head: (key) => this.head(key),
    tell: (heads) => this.mesh.tell(heads),
  });

  private constructor(
    store: Store,
    logs: Logs,
    index: BlobIndex,
    options: ServiceOptions,
    link: Link,
  ) {
    this.store = store;
    this.#index = index;
    this.blobs = new Blobs(store, index);
    this.#quota = new Quota(options.quotaBytes, {
      count: () => this.#count(),
      holdings: () => [...this.#fetched(), ...this.replicas.holdings()],
    });
    this.logs = logs;
    this.#link = link;
    for (const core of logs.all()) core.on('append', () => this.#moved(core));
    this.replicas = new Replicas(store, {
      misconduct: (m) => void this.#misconduct(m),
      moved: (core) => {
        this.#moved(core);
        this.#rumours.grew(new Uint8Array(core.key));
      },
      grew: (bytes) => this.#quota.grew(bytes),
    });
    this.channels = new Channels({
      incoming: (ch, { peer, handshake }, protocol, id) =>
        link.emit('incoming', { ch, peer, handshake, protocol, id }),
      data: (ch, message) => link.data(ch, message),
      credit: (ch, messages, bytes) => link.credit(ch, messages, bytes),
      closed: (ch, error) => link.emit('closed', { ch, error: error?.toJSON() ?? null }),
    });
    const keys = keysOf(options.seed);
    this.mesh = new Mesh(logs.identity, keys.identity, options, this.channels, {
      event: (event) => this.#event(event),
      admitted: (session) => this.#admitted(session),
      heads: (heads) => void this.#heads(heads),
      ownHeads: () => Promise.all(logs.all().map(signedHead)),
    });
  }

  /**
   * Opens the store and the own logs. Needs no network.
   * @throws {NexusError} `HOME_LOCKED`, `HOME_COPIED`, `HOME_UNUSABLE`
   */
  static async open(options: ServiceOptions, link: Link): Promise<Service> {
    const store = await openStore(`${options.home}/store`);
    const logs = await Logs.open(store, keysOf(options.seed), options.seed);
    const index = await BlobIndex.open(`${options.home}/blobs.json`);
    return new Service(store, logs, index, options, link);
  }

  get identity(): Uint8Array {
    return encodeRecord(this.logs.identity);
  }

  async append(log: LogName, blocks: Uint8Array[]): Promise<{ index: number; length: number }> {
    const result = await this.logs.append(log, blocks);
    this.#gossip.run('heads', () => void this.mesh.gossip());
    return result;
  }

  head(key: Uint8Array): Promise<SignedHead> {
    return this.#withCore(key, signedHead);
  }

  read(key: Uint8Array, start: number, end: number): Promise<Page> {
    return this.#withCore(key, (core) => readPage(core, start, end));
  }

  prove(key: Uint8Array, index: number): Promise<BlockProof> {
    return this.#withCore(key, (core) => proveBlock(core, index));
  }

  cores(): Promise<Uint8Array[]> {
    return storedCores(this.store);
  }

  async states(): Promise<CoreState[]> {
    const states: CoreState[] = [];
    for (const key of await this.cores()) {
      states.push(await this.#withCore(key, coreState));
    }
    return states;
  }

  async holds(spans: CoreSpan[]): Promise<boolean[]> {
    const held: boolean[] = [];
    for (const span of spans) {
      held.push(
        await this.#withCore(span.core, (core) => holdsSpan(core, span)).catch(() => false),
      );
    }
    return held;
  }

  async prefixes(spans: Omit<CoreSpan, 'treeHash'>[]): Promise<(Prefix | null)[]> {
    const prefixes: (Prefix | null)[] = [];
    for (const span of spans) {
      prefixes.push(
        await this.#withCore(span.core, (core) => prefixOf(core, span)).catch(() => null),
      );
    }
    return prefixes;
  }

  async follow(keys: Uint8Array[]): Promise<void> {
    for (const key of keys) {
      if (this.logs.byKey(key) === null) await this.replicas.follow(key, false);
    }
  }

  async update(key: Uint8Array, signal: AbortSignal): Promise<SignedHead> {
    const own = this.logs.byKey(key);
    if (own !== null) return await signedHead(own);
    const core = await this.replicas.follow(key, false);
    await updateCore(core, () => this.mesh.peers().length > 0, signal);
    return await signedHead(core);
  }

  join(options: JoinOptions): void {
    this.mesh.join(options);
  }

  connect(peer: Uint8Array, signal: AbortSignal): Promise<PeerInfo> {
    return connect(this.mesh, peer, signal);
  }

  async open(
    ch: number,
    peer: Uint8Array,
    options: { protocol: string; id: Uint8Array; handshake: Uint8Array },
    signal: AbortSignal,
  ): Promise<{ handshake: Uint8Array }> {
    const wanted = options.protocol === INVITE ? 'guest' : 'admitted';
    const session = await reach(this.mesh, peer, wanted, signal);
    return await this.channels.open(ch, session, options, signal);
  }

  /** Fetches a blob into a file; progress is told under the number of the transfer. */
  async fetch(
    key: Uint8Array,
    path: string,
    maxBytes: number,
    transfer: number,
    signal: AbortSignal,
  ): Promise<void> {
    const progress = new Throttle(PROGRESS_MS);
    const say = (value: Progress) => this.#link.emit('progress', { transfer, ...value });
    let last: Progress | null = null;
    try {
      await this.blobs.fetch(key, path, maxBytes, (value) => {
        last = value;
        progress.run('', () => say(last!));
      }, signal);
    } finally {
      progress.forget('');
      if (last !== null) say(last);
    }
  }

  /** Says goodbye, writes everything out. */
  async close(): Promise<void> {
    this.#rumours.close();
    await this.mesh.leave();
    await this.#quota.close();
    await this.replicas.close();
    await this.store.storage.db.flush();
    await this.store.close();
  }

  #event(event: FeedsEvent): void {
    const error = 'error' in event ? event.error.toJSON() : undefined;
    this.#link.emit('feeds', error === undefined ? event : { ...event, error });
  }

  #moved(core: Core): void {
    this.#moves.run(toHex(core.key), () => {
      // A core that is closed meanwhile has nothing more to tell.
      coreState(core).then((head) => this.#event({ type: 'head', head }), () => {});
    });
  }

  #admitted(session: Session): void {
    this.store.replicate(session.connection);
    this.#rumours.met(this.replicas.keys());
    const { jobs, artifacts, attestations } = session.identity!;
    for (const key of [jobs, artifacts, attestations]) {
      this.replicas.follow(key, true).catch(() => {});
    }
  }

  async #heads(heads: SignedHead[]): Promise<void> {
    for (const head of heads) {
      try {
        // A head is its writer's word, whoever tells it on.
        if (this.replicas.get(head.key) === null) continue;
        await verifyHead(head);
        await this.replicas.compare(head);
      } catch {
        // Not signed by its writer: it says nothing about anybody but the sender.
      }
    }
  }

  async #misconduct(misconduct: Misconduct): Promise<void> {
    const { core } = misconduct;
    const offender = await withStored(this.store, core, ownerOf).catch(() => null);
    this.#event({ type: 'misconduct', ...misconduct, offender });
  }

  /** What earlier runs left on the disk takes place too. */
  async #count(): Promise<void> {
    const keys = await this.cores();
    await this.replicas.count(keys.filter((key) => this.logs.byKey(key) === null));
  }

  #fetched(): Holding[] {
    return this.#index.fetched().map(([key, { bytes, at }]) => ({
      bytes,
      // Replicas count uses, blobs time: a blob is fetched again more easily than a log.
      at: at - Number.MAX_SAFE_INTEGER,
      drop: () => this.blobs.clear(key),
    }));
  }

  async #withCore<T>(key: Uint8Array, use: (core: Core) => Promise<T>): Promise<T> {
    const open = this.logs.byKey(key) ?? this.replicas.get(key);
    if (open === null) return await withStored(this.store, key, use);
    // One that is only just being followed is still on its way up.
    await open.ready();
    return await use(open);
  }
}
