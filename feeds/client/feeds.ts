import { resolve } from 'node:path';
import { asNexusError, Broadcast, NexusError, toHex } from '../base/mod.ts';
import type { IdentityRecord, LogName } from '../records/mod.ts';
import { Conversations } from './conversations.ts';
import { readBlocks } from './read.ts';
import { Supervisor } from './supervisor.ts';
import type { FeedsOptions } from './start.ts';
import type {
  Block,
  BlockProof,
  Channel,
  CoreSpan,
  CoreState,
  Feeds,
  FeedsEvent,
  JoinOptions,
  PeerInfo,
  Prefix,
  Progress,
  SignedHead,
} from './types.ts';

export type StartOptions = FeedsOptions & { quotaBytes: number; node: string };

/** Calls to the service by name; what must survive its death is told to the supervisor. */
export class FeedsClient implements Feeds {
  readonly #supervisor: Supervisor;
  readonly #events: Broadcast<FeedsEvent>;
  readonly #conversations: Conversations;
  #transfers = 0;

  private constructor(
    supervisor: Supervisor,
    events: Broadcast<FeedsEvent>,
    conversations: Conversations,
  ) {
    this.#supervisor = supervisor;
    this.#events = events;
    this.#conversations = conversations;
  }

  static async start(options: StartOptions): Promise<FeedsClient> {
    const events = new Broadcast<FeedsEvent>();
    const conversations = new Conversations();
    const supervisor = new Supervisor(options, events, conversations);
    await supervisor.start();
    return new FeedsClient(supervisor, events, conversations);
  }

  get identity(): IdentityRecord {
    return this.#supervisor.identity;
  }

  get pid(): number | null {
    return this.#supervisor.pid;
  }

  get events(): AsyncIterable<FeedsEvent> {
    return this.#events;
  }

  async append(log: LogName, blocks: Uint8Array[]): Promise<{ index: number; length: number }> {
    return await this.#call('append', { log, blocks }) as { index: number; length: number };
  }

  async head(core: Uint8Array): Promise<SignedHead> {
    return await this.#call('head', { core }) as SignedHead;
  }

  read(
    core: Uint8Array,
    options: { start?: number; end?: number; signal?: AbortSignal } = {},
  ): AsyncIterable<Block> {
    return readBlocks((method, args, signal) => this.#call(method, args, signal), core, options);
  }

  async prove(core: Uint8Array, index: number): Promise<BlockProof> {
    return await this.#call('prove', { core, index }) as BlockProof;
  }

  async cores(): Promise<Uint8Array[]> {
    return await this.#call('cores') as Uint8Array[];
  }

  async states(): Promise<CoreState[]> {
    return await this.#call('states') as CoreState[];
  }

  async holds(spans: CoreSpan[]): Promise<boolean[]> {
    return await this.#call('holds', { spans }) as boolean[];
  }

  async prefixes(spans: Omit<CoreSpan, 'treeHash'>[]): Promise<(Prefix | null)[]> {
    return await this.#call('prefixes', { spans }) as (Prefix | null)[];
  }

  async follow(cores: Uint8Array[]): Promise<void> {
    await this.#call('follow', { cores });
    for (const core of cores) this.#supervisor.state.followed.set(toHex(core), core);
  }

  async update(core: Uint8Array, signal?: AbortSignal): Promise<SignedHead> {
    return await this.#call('update', { core }, signal) as SignedHead;
  }

  async join(options: JoinOptions): Promise<void> {
    this.#supervisor.state.join = options;
    await this.#call('join', options);
  }

  async leave(): Promise<void> {
    this.#supervisor.state.join = null;
    await this.#call('leave');
  }

  async announce(announcement: Uint8Array): Promise<void> {
    await this.#call('announce', { announcement });
    this.#supervisor.state.announcement = announcement;
  }

  async peers(): Promise<PeerInfo[]> {
    return await this.#call('peers') as PeerInfo[];
  }

  async connect(peer: Uint8Array, signal?: AbortSignal): Promise<PeerInfo> {
    try {
      return await this.#call('connect', { peer }, signal) as PeerInfo;
    } catch (error) {
      if (!signal?.aborted) {
        this.#events.emit({ type: 'unreachable', key: peer, error: asNexusError(error) });
      }
      throw error;
    }
  }

  async open(
    peer: Uint8Array,
    options: { protocol: string; id: Uint8Array; handshake: Uint8Array; signal?: AbortSignal },
  ): Promise<Channel> {
    const { signal, ...rest } = options;
    const link = await this.#supervisor.link(signal);
    return await this.#conversations.open(link, peer, rest, signal);
  }

  serve(protocol: string, handler: (channel: Channel) => void): void {
    this.#conversations.serve(protocol, handler);
    // If the service is down, it learns of it when it is back.
    this.#call('serve', { protocol }).catch(() => {});
  }

  async share(path: string): Promise<Uint8Array> {
    // It stays in the store: a new service need not be told.
    return await this.#call('share', { path: resolve(path) }) as Uint8Array;
  }

  async fetch(
    core: Uint8Array,
    path: string,
    options: { maxBytes: number; signal?: AbortSignal; onProgress?: (p: Progress) => void },
  ): Promise<void> {
    const { maxBytes } = options;
    const transfer = ++this.#transfers;
    if (options.onProgress) this.#supervisor.progress.set(transfer, options.onProgress);
    try {
      await this.#call('fetch', { core, path: resolve(path), maxBytes, transfer }, options.signal);
    } finally {
      this.#supervisor.progress.delete(transfer);
    }
  }

  async close(): Promise<void> {
    await this.#supervisor.close();
    this.#conversations.endAll(new NexusError('FEEDS_CLOSED', 'the feeds service was closed'));
    this.#events.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #call(method: string, args: unknown = null, signal?: AbortSignal): Promise<unknown> {
    return await (await this.#supervisor.link(signal)).call(method, args, signal);
  }
}
