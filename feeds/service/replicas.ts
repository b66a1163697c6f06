import { NexusError, toHex } from '../base/mod.ts';
import { type HeadEvidence, type SignedHead, verifyHead } from '../proof/mod.ts';
import { Ahead } from './ahead.ts';
import { type ConflictProof, evidenceAgainst, headInConflict } from './evidence.ts';
import { signedHead } from './heads.ts';
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
  /** What proves it to others; null where its signatures could not be had. */
  evidence: HeadEvidence | null;
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
  readonly #ahead = new Ahead();
  /** Cores whose misconduct was told with its evidence. */
  readonly #told = new Set<string>();
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

  /**
   * Compares a head with what is held here, or, where it is ahead, once that has grown.
   * @param head its signature must have been verified
   */
  async compare(head: SignedHead): Promise<void> {
    const core = this.get(head.key);
    if (core === null || this.#told.has(toHex(head.key))) return;
    const evidence = head.fork === 0 && head.length > core.length
      ? this.#ahead.keep(head)
      : await evidenceAgainst(core, { head, prefix: null });
    if (evidence !== null) this.#tell(head.key, evidence);
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
    await this.#release(name, oldest);
    await oldest.core.close();
  }

  /** Leaves a core as it is on the disk. */
  async #release(name: string, { core, seen, held, range }: Replica): Promise<void> {
    this.#held.delete(name);
    this.#dormant.set(name, { key: new Uint8Array(core.key), seen, bytes: held.bytes });
    range?.destroy();
    await held.save().catch(() => {});
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
    for (const event of ['append', 'download']) core.on(event, () => this.#host.moved(core));
    core.on('download', (index: number, bytes: number) => {
      replica.held.add(index, bytes);
      this.#host.grew(bytes);
    });
    core.on('append', () => {
      for (const head of this.#ahead.reached(key, core.length)) {
        this.compare(head).catch(() => {});
      }
    });
    core.on('conflict', (_length: number, _fork: number, proof: ConflictProof) => {
      void this.#conflict(replica, proof);
    });
    core.on('truncate', (to: number, fork: number) => {
      const detail = `cut to length ${to}, fork ${fork}`;
      signedHead(core).then((head) => evidenceAgainst(core, { head, prefix: null }))
        .catch(() => null)
        .then((evidence) =>
          this.#host.misconduct({ core: key, kind: 'truncated', detail, evidence })
        );
    });
  }

  /** Hypercore has found two histories of one length, and closes the core. */
  async #conflict(replica: Replica, proof: ConflictProof): Promise<void> {
    const { core } = replica;
    const key = new Uint8Array(core.key);
    let evidence: HeadEvidence | null = null;
    try {
      const shown = headInConflict(core, proof);
      if (shown !== null) {
        await verifyHead(shown.head);
        evidence = await withStored(this.#store, key, (core) => evidenceAgainst(core, shown));
      }
    } catch {
      // Without what proves it to others it is still told.
    }
    if (this.#held.get(toHex(key)) === replica) await this.#release(toHex(key), replica);
    if (evidence !== null) return this.#tell(key, evidence);
    const detail = `two histories of length ${proof.upgrade?.length ?? core.length}`;
    this.#host.misconduct({ core: key, kind: 'conflict', detail, evidence });
  }

  #tell(core: Uint8Array, evidence: HeadEvidence): void {
    const name = toHex(core);
    if (this.#told.has(name)) return;
    this.#told.add(name);
    if (this.#told.size > MAX_FOLLOWED) this.#told.delete(this.#told.values().next().value!);
    const isFork = evidence.proof === 'fork';
    const { length, fork } = isFork ? evidence.head.head : evidence.first.head;
    const detail = isFork
      ? `its writer shows fork ${fork}, which is 0 in an honest log`
      : `two histories of length ${length}`;
    this.#host.misconduct({ core, kind: isFork ? 'fork' : 'conflict', detail, evidence });
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
