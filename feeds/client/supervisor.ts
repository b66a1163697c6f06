import { type Broadcast, messageOf, NexusError, toHex } from '../base/mod.ts';
import type { IdentityRecord } from '../records/mod.ts';
import { Fields, type Link } from '../wire/mod.ts';
import { type Child, startChild } from './child.ts';
import type { Conversations } from './conversations.ts';
import { decodeEvent, decodeIdentity } from './decode.ts';
import type { StartOptions } from './feeds.ts';
import type { FeedsEvent, JoinOptions, Progress } from './types.ts';

const BACKOFF_MS = { first: 50, most: 5000, factor: 3 };
/** A service that held so long starts over with the shortest wait. */
const STABLE_MS = 30_000;
/** How long a call waits for a service that is being restarted. */
const PATIENCE_MS = 15_000;
const CLOSE_MS = 6000;

/** What a new service must be told to go on where the old one ended. */
export interface Replayed {
  join: JoinOptions | null;
  announcement: Uint8Array | null;
  followed: Map<string, Uint8Array>;
}

/** Keeps a service running. */
export class Supervisor {
  readonly state: Replayed = {
    join: null,
    announcement: null,
    followed: new Map(),
  };
  readonly progress = new Map<number, (progress: Progress) => void>();
  readonly #options: StartOptions;
  readonly #events: Broadcast<FeedsEvent>;
  readonly #conversations: Conversations;
  /** Admitted peers, which are lost with the service. */
  readonly #peers = new Map<string, Uint8Array>();
  #identity: IdentityRecord | null = null;
  #child: Child | null = null;
  #up = Promise.withResolvers<Link>();
  #wait = BACKOFF_MS.first;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closing = false;

  constructor(
    options: StartOptions,
    events: Broadcast<FeedsEvent>,
    conversations: Conversations,
  ) {
    this.#options = options;
    this.#events = events;
    this.#conversations = conversations;
  }

  get identity(): IdentityRecord {
    return this.#identity!;
  }

  /** Process id of the service, null while there is none. */
  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  /** Starts the service for the first time. */
  async start(): Promise<void> {
    await this.#launch();
  }

  /** The connection to the service, as soon as there is one. */
  async link(signal?: AbortSignal): Promise<Link> {
    signal?.throwIfAborted();
    if (this.#closing) throw new NexusError('FEEDS_CLOSED', 'the feeds service was closed');
    const child = this.#child;
    if (child !== null && !child.link.closed) return child.link;
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => reject(down()), PATIENCE_MS);
    const abort = () => reject(signal!.reason);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      // Until the end of the last process is known, `#up` still means its connection.
      const ended = child?.ended ?? Promise.resolve();
      return await Promise.race([ended.then(() => this.#up.promise), promise]);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    }
  }

  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    clearTimeout(this.#timer);
    const child = this.#child;
    if (child === null) return;
    const timer = setTimeout(() => child.kill('SIGKILL'), CLOSE_MS);
    await child.link.call('close').catch(() => {});
    await child.ended;
    clearTimeout(timer);
  }

  async #launch(): Promise<void> {
    const { home, seed, host, port, bootstrap, quotaBytes, node } = this.#options;
    const child = await startChild({ program: 'feeds', node, cache: `${home}/cache` }, {
      call: () => Promise.reject(new NexusError('UNKNOWN_METHOD', 'nothing is served here')),
      event: (name, value) => this.#onevent(child.link, name, value),
      data: (ch, message) => this.#conversations.data(ch, message),
      credit: (ch, messages, bytes) => this.#conversations.credit(ch, messages, bytes),
      closed: () => {},
    });
    try {
      const options = { home, seed, host, port, bootstrap, quotaBytes };
      const answer = new Fields(await child.link.call('start', options));
      this.#identity = decodeIdentity(answer.bytes('identity', 4096, true));
      await this.#replay(child.link);
    } catch (error) {
      child.link.destroy();
      child.kill('SIGTERM');
      await child.ended;
      throw error;
    }
    const since = performance.now();
    this.#child = child;
    this.#up.resolve(child.link);
    this.#events.emit({ type: 'service', state: 'up', detail: `process ${child.pid}` });
    child.ended.then((why) => {
      if (performance.now() - since > STABLE_MS) this.#wait = BACKOFF_MS.first;
      this.#onlost(child, why);
    });
  }

  async #replay(link: Link): Promise<void> {
    for (const protocol of this.#conversations.served) await link.call('serve', { protocol });
    const { join, announcement, followed } = this.state;
    if (followed.size > 0) await link.call('follow', { cores: [...followed.values()] });
    if (announcement !== null) await link.call('announce', { announcement });
    if (join !== null) await link.call('join', join);
  }

  #onlost(child: Child, why: string): void {
    this.#child = null;
    child.link.destroy();
    if (this.#closing) return;
    this.#up = Promise.withResolvers();
    this.#up.promise.catch(() => {});
    const error = new NexusError('FEEDS_LOST', `the feeds service ended (${why})`, {
      hint: 'it restarts by itself; open the channel again',
    });
    this.#conversations.endAll(error);
    this.#events.emit({ type: 'service', state: 'down', detail: why });
    for (const key of this.#peers.values()) {
      this.#events.emit({ type: 'peer-lost', key, reason: 'the feeds service of this node ended' });
    }
    this.#peers.clear();
    this.#restart();
  }

  #restart(): void {
    const ms = this.#wait;
    this.#wait = Math.min(BACKOFF_MS.most, ms * BACKOFF_MS.factor);
    this.#events.emit({ type: 'service', state: 'restarting', detail: `in ${ms} ms` });
    this.#timer = setTimeout(() => {
      this.#launch().catch((error) => {
        if (this.#closing) return;
        this.#events.emit({ type: 'service', state: 'down', detail: messageOf(error) });
        this.#restart();
      });
    }, ms);
  }

  #onevent(link: Link, name: string, value: unknown): void {
    if (name === 'feeds') return this.#onfeeds(decodeEvent(value));
    if (name === 'incoming') return this.#conversations.incoming(link, value);
    if (name === 'closed') return this.#conversations.closed(value);
    if (name === 'progress') {
      const fields = new Fields(value);
      const report = this.progress.get(fields.number('transfer'));
      report?.({ done: fields.number('done'), total: fields.number('total') });
    }
  }

  #onfeeds(event: FeedsEvent): void {
    if (event.type === 'peer') this.#peers.set(toHex(event.peer.key), event.peer.key);
    if (event.type === 'peer-lost') this.#peers.delete(toHex(event.key));
    this.#events.emit(event);
  }
}

function down(): NexusError {
  return new NexusError('FEEDS_DOWN', 'the feeds service does not come back', {
    hint: 'run "nexus doctor"; the node tries on meanwhile',
  });
}
