import { equalBytes, NexusError, toHex } from '../base/mod.ts';
import type { SignedHead } from '../proof/mod.ts';
import { Held } from './held.ts';
import type { Core, Download, Store } from './native.ts';
import { Hypercore } from './native.ts';
import type { Holding } from './quota.ts';

/** Cores that are followed because their writer is a peer; the least recent one is dropped first. */
const MAX_AUTOMATIC = 3 * 128;
const MAX_FOLLOWED = 4096;

export type Misconduct = {
  core: Uint8Array;
  kind: 'fork' | 'conflict' | 'truncated';
  detail: string;
};

export interface ReplicasHost {
  misconduct(misconduct: Misconduct): void;
  /** Blocks were announced or have arrived. */
  moved(core: Core): void;
  /** So many bytes of payload have arrived. */
  grew(bytes: number): void;
}

interface Replica {
  core: Core;
  held: Held;
  automatic: boolean;
  range: Download | null;
  seen: number;
}

/** A core on disk that nobody follows now. */
interface Dormant {
  key: Uint8Array;
  seen: number;
  bytes: number;
}

/** The cores of others that are kept up to date here. */
export class Replicas {
  readonly #store: Store;
  readonly #host: ReplicasHost;
  readonly #held = new Map<string, Replica>();
  readonly #dormant = new Map<string, Dormant>();
  #clock = 0;

  constructor(store: Store, host: ReplicasHost) {
    this.#store = store;
    this.#host = host;
  }

  get(key: Uint8Array): Core | null {
    return this.#held.get(toHex(key))?.core ?? null;
  }

  keys(): Uint8Array[] {
    return [...this.#held.values()].map((replica) => new Uint8Array(replica.core.key));
  }

  /** What the quota may take from. */
  holdings(): Holding[] {
    const held = [...this.#held.values()].map((replica) => ({
      bytes: replica.held.bytes,
      at: replica.seen,
      drop: (bytes: number) => replica.held.clearOldest(bytes, () => this.#download(replica)),
    }));
    const dormant = [...this.#dormant.values()].map((one) => ({
      bytes: one.bytes,
      at: one.seen,
      drop: (bytes: number) =>
        withStored(this.#store, one.key, async (core) => {
          const held = new Held(core);
          await held.load();
          await held.clearOldest(bytes);
          one.bytes = held.bytes;
        }),
    }));
    return [...held, ...dormant];
  }

  /** Counts what earlier runs left on the disk, of cores that nobody follows in this one. */
  async count(keys: Uint8Array[]): Promise<void> {
    for (const key of keys) {
      const name = toHex(key);
      if (this.#held.has(name) || this.#dormant.has(name)) continue;
      await withStored(this.#store, key, async (core) => {
        const held = new Held(core);
        await held.load();
        await held.save();
        if (!this.#held.has(name)) this.#dormant.set(name, { key, seen: 0, bytes: held.bytes });
      });
    }
  }

  /** Follows a core: opens it, so that it replicates with every admitted peer that has it. */
  async follow(key: Uint8Array, automatic: boolean): Promise<Core> {
    const name = toHex(key);
    const held = this.#held.get(name);
    if (held !== undefined) {
      held.automatic &&= automatic;
      held.seen = ++this.#clock;
      return held.core;
    }
    if (automatic) await this.#makeRoom();
    else if (this.#held.size >= MAX_FOLLOWED) {
      throw new NexusError('TOO_MANY_CORES', `${this.#held.size} cores are followed already`);
    }
    // A rewritten history is misconduct to report, never something to take over silently.
    const core = this.#store.get({ key, allowFork: false });
    const replica = { core, held: new Held(core), automatic, range: null, seen: ++this.#clock };
    this.#held.set(name, replica);
    try {
      await core.ready();
      await replica.held.load();
    } catch (error) {
      this.#held.delete(name);
      throw error;
    }
    this.#dormant.delete(name);
    this.#watch(replica);
    this.#download(replica);
    return core;
  }

  /** Compares a head that somebody vouched for with what is held here. */
  async compare(head: SignedHead): Promise<void> {
    const core = this.get(head.key);
    if (core === null) return;
    if (head.fork > core.fork) {
      return this.#host.misconduct({
        core: head.key,
        kind: 'fork',
        detail: `its writer shows fork ${head.fork}, here it is ${core.fork}`,
      });
    }
    if (core.length < head.length || core.fork !== head.fork) return;
    const own = await core.treeHash(head.length);
    if (equalBytes(own, head.treeHash)) return;
    this.#host.misconduct({
      core: head.key,
      kind: 'conflict',
      detail: `two histories of length ${head.length}`,
    });
  }

  async close(): Promise<void> {
    for (const { core, held, range } of this.#held.values()) {
      range?.destroy();
      await held.save().catch(() => {});
      await core.close().catch(() => {});
    }
    this.#held.clear();
  }

  async #makeRoom(): Promise<void> {
    const automatic = [...this.#held.entries()].filter(([, replica]) => replica.automatic);
    if (automatic.length < MAX_AUTOMATIC) return;
    const [name, oldest] = automatic.reduce((a, b) => a[1].seen <= b[1].seen ? a : b);
    this.#held.delete(name);
    const { core, seen, held, range } = oldest;
    this.#dormant.set(name, { key: new Uint8Array(core.key), seen, bytes: held.bytes });
    range?.destroy();
    await held.save().catch(() => {});
    await core.close();
  }

  #download(replica: Replica): void {
    replica.range?.destroy();
    const first = replica.core.download({ start: 0, end: 1 });
    first.done().catch(() => {});
    replica.range = replica.core.download({ start: Math.max(1, replica.held.clearedTo), end: -1 });
    replica.range.done().catch(() => {});
  }

  #watch(replica: Replica): void {
    const { core } = replica;
    const key = new Uint8Array(core.key);
    const say = (kind: Misconduct['kind'], detail: string) =>
      this.#host.misconduct({ core: key, kind, detail });
    for (const event of ['append', 'download']) core.on(event, () => this.#host.moved(core));
    core.on('download', (index: number, bytes: number) => {
      replica.held.add(index, bytes);
      this.#host.grew(bytes);
    });
    core.on(
      'conflict',
      (length: number, fork: number) =>
        say('conflict', `two histories of length ${length}, fork ${fork}`),
    );
    core.on(
      'truncate',
      (to: number, fork: number) => say('truncated', `cut to length ${to}, fork ${fork}`),
    );
  }
}

/** Opens a core that is on disk for the time of `use`, without replicating it. */
export async function withStored<T>(
  store: Store,
  key: Uint8Array,
  use: (core: Core) => Promise<T>,
): Promise<T> {
  if (!await store.storage.hasCore(Hypercore.discoveryKey(key))) {
    throw new NexusError('CORE_UNKNOWN', `core ${toHex(key)} is not held here`, {
      hint: 'follow it first',
    });
  }
  const core = store.get({ key, active: false, allowFork: false });
  try {
    await core.ready();
    return await use(core);
  } finally {
    await core.close();
  }
}
