import { Buffer } from 'node:buffer';
import { networkInterfaces } from 'node:os';
import { counted, NexusError } from '../base/mod.ts';
import type { FeedsEvent } from '../client/types.ts';
import {
  type Dht,
  type Discovery,
  HyperDht,
  Hyperswarm,
  type KeyPair,
  type Swarm,
} from './native.ts';

export interface Address {
  host: string;
  port: number;
}

export interface NetOptions {
  host?: string;
  port?: number;
  bootstrap?: Address[];
}

type NetworkEvent = Extract<FeedsEvent, { type: 'network' }>;

/** No bootstrap node answered for so long: it is said, and tried on. */
const OFFLINE_MS = 1800;
const RETRY_MS = 5000;
/** Topics are looked up again this often: soon while nobody is connected, seldom otherwise. */
const SEEK_MS = { alone: 2000, among: 60_000 };
/**
 * Peers that are dialled at once. The DHT remembers dead ones for twenty minutes, and each takes 4 s
 * to fail: with Hyperswarm's three, a dozen of them keep the living from being found for a minute.
 */
const MAX_PARALLEL = 32;

/** The DHT and the swarm on it: bootstrapping, announcing, and saying how that goes. */
export class Net {
  readonly swarm: Swarm;
  readonly dht: Dht;
  readonly #options: NetOptions;
  readonly #say: (event: NetworkEvent) => void;
  #topics = new Map<string, { discovery: Discovery; announce: boolean }>();
  #wanted: { topics: Uint8Array[]; announce: boolean } = { topics: [], announce: false };
  #state: NetworkEvent['state'] | null = null;
  #retry: ReturnType<typeof setTimeout> | null = null;
  #round = 0;
  /** Topics were wanted, and nothing was said of them yet. */
  #isAsked = false;
  #seek: ReturnType<typeof setTimeout> | null = null;
  #closed = false;

  constructor(keyPair: KeyPair, options: NetOptions, say: (event: NetworkEvent) => void) {
    this.#options = options;
    this.#say = say;
    const dht: { host?: string; port?: number; bootstrap?: Address[]; firewalled?: boolean } = {};
    if (options.host !== undefined) dht.host = options.host;
    // No NAT stands between processes of one machine: hole punching there only loses packets.
    if (options.host?.startsWith('127.')) dht.firewalled = false;
    if (options.port !== undefined) dht.port = options.port;
    if (options.bootstrap !== undefined) dht.bootstrap = options.bootstrap;
    this.dht = new HyperDht(dht);
    this.swarm = new Hyperswarm({ keyPair, dht: this.dht, maxParallel: MAX_PARALLEL });
    this.dht.on('network-update', () => this.#onupdate());
  }

  /** True once a node of the DHT has answered. */
  get reached(): boolean {
    return this.dht.bootstrapped && this.dht.nodes.length > 0;
  }

  /** Announces and looks up these topics, in the background. */
  want(topics: Uint8Array[], announce: boolean): void {
    this.#wanted = { topics, announce };
    this.#isAsked = true;
    void this.#work(++this.#round);
  }

  /**
   * Waits until the DHT was bootstrapped.
   * @throws {NexusError} `OFFLINE` or `DHT_UNREACHABLE`
   */
  async bootstrapped(ms: number): Promise<void> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => timer = setTimeout(resolve, ms));
    const done = this.dht.fullyBootstrapped().catch(() => {});
    await Promise.race([done, late, ...(this.#hasNetwork() ? [] : [Promise.resolve()])]);
    clearTimeout(timer);
    if (!this.reached) throw this.unreachable();
  }

  unreachable(): NexusError {
    if (!this.#hasNetwork()) {
      return new NexusError('OFFLINE', 'this machine has no network', {
        stage: 'bootstrap',
        hint: 'connect it to a network; local work goes on meanwhile',
      });
    }
    const nodes = this.#options.bootstrap?.map(({ host, port }) => `${host}:${port}`).join(', ');
    return new NexusError(
      'DHT_UNREACHABLE',
      `the DHT is unreachable: no answer from ${nodes ?? 'the public bootstrap nodes'}`,
      {
        stage: 'bootstrap',
        hint: 'check that UDP may leave this machine and that the bootstrap address is right',
      },
    );
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    if (this.#seek !== null) clearTimeout(this.#seek);
    // Taking back announcements needs answers from the DHT: bounded.
    const gentle = this.swarm.destroy().catch(() => {});
    await Promise.race([gentle, new Promise((resolve) => setTimeout(resolve, 1000).unref())]);
    await Promise.race([
      this.swarm.destroy({ force: true }).catch(() => {}),
      new Promise((resolve) => setTimeout(resolve, 1000).unref()),
    ]);
  }

  /** The DHT noticed that nobody answers any more, or that somebody does again. */
  #onupdate(): void {
    if (this.#closed || this.#state === null) return;
    if (!this.dht.online) this.#tell('offline', 'the nodes of the DHT do not answer any more');
    else if (this.#state === 'offline') void this.#work(++this.#round);
  }

  /** Hyperswarm looks up every ten minutes: too long for who came before his peers. */
  #seekAgain(): void {
    if (this.#seek !== null) clearTimeout(this.#seek);
    if (this.#closed || this.#wanted.topics.length === 0) return;
    const alone = this.swarm.connections.size === 0;
    this.#seek = setTimeout(() => {
      const refreshed = [...this.#topics.values()].map(({ discovery }) =>
        discovery.refresh({ server: this.#wanted.announce, client: true }).catch(() => {})
      );
      Promise.all(refreshed).then(() => this.#seekAgain());
    }, alone ? SEEK_MS.alone : SEEK_MS.among);
    this.#seek.unref?.();
  }

  #hasNetwork(): boolean {
    if (this.#options.host?.startsWith('127.')) return true;
    return Object.values(networkInterfaces()).some((list) => list?.some((one) => !one.internal));
  }

  async #work(round: number): Promise<void> {
    const stale = () => round !== this.#round || this.#closed;
    try {
      await this.bootstrapped(OFFLINE_MS);
      if (stale()) return;
      this.#tell('online', `${counted(this.dht.nodes.length, 'node')} of the DHT answered`);
      await this.#apply();
      this.#seekAgain();
      if (stale() || this.#wanted.topics.length === 0) return;
      if (!this.#wanted.announce) return;
      const failed = [...this.#topics.values()].filter(({ discovery }) =>
        !discovery.discovery._closestNodes?.length
      );
      if (failed.length === 0) {
        return this.#tell('announced', `${counted(this.#topics.size, 'topic')} announced`);
      }
      this.#tell('not-announced', `no node of the DHT took ${counted(failed.length, 'topic')}`);
    } catch (error) {
      if (stale()) return;
      const { message, hint } = error instanceof NexusError ? error : this.unreachable();
      this.#tell('offline', hint === undefined ? message : `${message}; ${hint}`);
    }
    this.#retry = setTimeout(() => {
      if (stale()) return;
      if (!this.reached) this.dht.refresh();
      for (const { discovery } of this.#topics.values()) discovery.refresh().catch(() => {});
      void this.#work(round);
    }, RETRY_MS);
    this.#retry.unref?.();
  }

  async #apply(): Promise<void> {
    const { topics, announce } = this.#wanted;
    const wanted = new Map(topics.map((topic) => [hex(topic), topic]));
    for (const [name, { discovery, announce: was }] of this.#topics) {
      if (wanted.has(name) && was === announce) continue;
      this.#topics.delete(name);
      discovery.destroy().catch(() => {});
    }
    for (const [name, topic] of wanted) {
      if (this.#topics.has(name)) continue;
      const discovery = this.swarm.join(copy(topic), { server: announce, client: true });
      this.#topics.set(name, { discovery, announce });
    }
    await Promise.all([...this.#topics.values()].map(({ discovery }) => discovery.flushed()));
  }

  /** Says it once; whether topics are announced, once more for each time that some are wanted. */
  #tell(state: NetworkEvent['state'], detail: string): void {
    const before = this.#state;
    if (before === state && !(isOfTopics(state) && this.#isAsked)) return;
    if (state === 'online' && isOfTopics(before) && this.#wanted.announce) return;
    if (isOfTopics(state)) this.#isAsked = false;
    this.#state = state;
    this.#say({ type: 'network', state, detail });
  }
}

function isOfTopics(state: NetworkEvent['state'] | null): boolean {
  return state === 'announced' || state === 'not-announced';
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

function copy(bytes: Uint8Array): Uint8Array {
  return Buffer.from(bytes);
}
