import { NexusError, taggedHash, toHex } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/mod.ts';
import { importSigner, type LogRecord, type Signer } from '../../feeds/records/mod.ts';
import { decodeRecord } from '../../feeds/records/mod.ts';
import {
  type AttemptStore,
  channelPair,
  type ExecutorDeps,
  type ExecutorEvent,
  JOB_PROTOCOL,
  JOB_RULES,
  JOB_VERSION,
  type JobEvent,
  type JobRequest,
  type JobRules,
  type JobServer,
  type Purse,
  type RequesterDeps,
  runJob,
  type Served,
  serveJobs,
} from '../../node/job/mod.ts';
import { type Offered, StatsBook } from '../../node/router/mod.ts';
import type {
  GeneratedToken,
  GenerateEnd,
  GenerateRequest,
  TextStream,
} from '../../node/engine/mod.ts';

export const NETWORK = new Uint8Array(32).fill(1);
export const PROFILE = new Uint8Array(32).fill(2);
export const CLASS = new Uint8Array(32).fill(3);
const VOCABULARY = 1000;

/** What a fake engine does when it is about to make the token at a position. */
export type Step = (position: number, signal?: AbortSignal) => Promise<void> | void;

/** An engine whose text depends on prompt, seed and position alone; ids 0 to 999 read ` w<id>`. */
export class FakeEngine {
  running = 0;
  most = 0;
  made = 0;
  /** Position of the answer's end; beyond maxTokens for never. */
  length = 40;
  step: Step = () => {};

  tokenizeChat(_: Uint8Array, messages: readonly { content: string }[]): Promise<number[]> {
    return Promise.resolve(messages.flatMap((m) => [...m.content].map((c) => c.codePointAt(0)!)));
  }

  tokenizeText(_: Uint8Array, text: string): Promise<number[]> {
    return Promise.resolve([...text].map((c) => c.codePointAt(0)!));
  }

  textStream(): TextStream {
    return {
      push: (ids) => {
        if (ids.some((id) => id >= VOCABULARY)) {
          return Promise.reject(new NexusError('BAD_TOKEN', 'not a token id'));
        }
        return Promise.resolve(ids.map((id) => ` w${id}`).join(''));
      },
      end: () => Promise.resolve('.'),
    };
  }

  async *generate(
    request: GenerateRequest,
    signal?: AbortSignal,
  ): AsyncGenerator<GeneratedToken, GenerateEnd, void> {
    const rest = { text: '', cached: 0, promptMs: 0, totalMs: 0 };
    this.most = Math.max(this.most, ++this.running);
    try {
      for (let position = request.prefix.length;; position++) {
        if (signal?.aborted) return { finish: 'cancelled', ...rest };
        if (position >= request.sampling.maxTokens) return { finish: 'length', ...rest };
        if (position >= this.length) return { finish: 'end', ...rest };
        await this.step(position, signal);
        if (signal?.aborted) return { finish: 'cancelled', ...rest };
        this.made++;
        yield { id: idAt(request.seed, position), position, text: '', logit: position / 16 };
      }
    } finally {
      this.running--;
    }
  }
}

export function idAt(seed: Uint8Array, position: number): number {
  const hash = taggedHash('fake', seed, new Uint8Array([position >> 8, position & 255]));
  return (hash[0]! * 256 + hash[1]!) % VOCABULARY;
}

/** A log in memory. */
export class MemoryLog {
  readonly records: LogRecord[] = [];
  append = (_log: string, blocks: Uint8Array[]): Promise<{ index: number; length: number }> => {
    const index = this.records.length;
    for (const block of blocks) this.records.push(decodeRecord(block.slice()));
    return Promise.resolve({ index, length: this.records.length });
  };

  of<T extends LogRecord['type']>(type: T): Extract<LogRecord, { type: T }>[] {
    return this.records.filter((r) => r.type === type) as Extract<LogRecord, { type: T }>[];
  }
}

/** Attempts that outlive an executor: what the disk is to a node. */
export class MemoryAttempts implements AttemptStore {
  names: string[] = [];
  /** What stands between a name and the disk. */
  disk: () => Promise<void> = () => Promise.resolve();

  taken(): Promise<string[]> {
    return Promise.resolve([...this.names]);
  }

  async keep(name: string): Promise<void> {
    await this.disk();
    this.names.push(name);
  }
}

/** An executor with everything that a test may turn. */
export interface FakeExecutor {
  key: string;
  signer: Signer;
  engine: FakeEngine;
  log: MemoryLog;
  attempts: MemoryAttempts;
  server: JobServer;
  events: ExecutorEvent[];
  offered: Offered;
  /** What it serves otherwise than usual. */
  served: Partial<Served>;
  /** Stands between the executor and its channel. */
  tamper: ((channel: Channel) => Channel) | null;
  /** Cuts every line that is open. */
  sever(): void;
}

export interface WorldOptions {
  executors?: number;
  slots?: number;
  rules?: Partial<JobRules>;
  window?: number;
  /** Of the executors. */
  purse?: Purse;
  meter?: NonNullable<ExecutorDeps['meter']>;
}

/** Executors and requesters that share in-memory channels. */
export class World {
  readonly rules: JobRules;
  readonly executors: FakeExecutor[] = [];
  readonly #options: WorldOptions;

  private constructor(options: WorldOptions) {
    this.#options = options;
    this.rules = { ...JOB_RULES, ...options.rules };
  }

  static async make(options: WorldOptions = {}): Promise<World> {
    const world = new World(options);
    for (let i = 0; i < (options.executors ?? 1); i++) await world.addExecutor(i);
    return world;
  }

  /** @param attempts those of before, where it is one that starts again */
  async addExecutor(i: number, attempts = new MemoryAttempts()): Promise<FakeExecutor> {
    const signer = await importSigner(new Uint8Array(32).fill(100 + i));
    const engine = new FakeEngine();
    const log = new MemoryLog();
    const events: ExecutorEvent[] = [];
    const slots = this.#options.slots ?? 4;
    const server = serveJobs({
      feeds: log,
      engine,
      signer,
      network: NETWORK,
      rules: this.rules,
      offerings: () => [{
        profile: PROFILE,
        class: CLASS,
        price: 2,
        contextSize: 4096,
        maxTokens: 2048,
        slots,
        ...executor.served,
      }],
      attempts,
      onEvent: (event) => events.push(event),
      ...(this.#options.purse === undefined ? {} : { purse: this.#options.purse }),
      ...(this.#options.meter === undefined ? {} : { meter: this.#options.meter }),
    });
    const offered: Offered = {
      executor: signer.publicKey,
      profile: PROFILE,
      class: CLASS,
      price: 2,
      // Earlier ones are far nearer, so that tests know who is asked first.
      rttMs: 1 + (8 ** i - 1) * 10_000,
      load: { active: 0, queued: 0, slots },
      warm: true,
      prefixAffinity: 0,
      isLocal: false,
      versions: [JOB_VERSION],
      banned: false,
    };
    const executor: FakeExecutor = {
      key: toHex(signer.publicKey),
      signer,
      engine,
      log,
      attempts,
      server,
      events,
      offered,
      served: {},
      tamper: null,
      sever: () => {},
    };
    this.executors.push(executor);
    return executor;
  }

  async requester(seed = 200): Promise<{ deps: RequesterDeps; log: MemoryLog }> {
    const signer = await importSigner(new Uint8Array(32).fill(seed));
    const log = new MemoryLog();
    const deps: RequesterDeps = {
      feeds: log,
      signer,
      network: NETWORK,
      rules: this.rules,
      engine: new FakeEngine(),
      stats: new StatsBook(),
      candidates: () => this.executors.map((e) => e.offered),
      dial: (candidate, { id, handshake }) => {
        const executor = this.executors.find((e) => e.offered === find(this.executors, candidate))!;
        const pair = channelPair({
          protocol: JOB_PROTOCOL,
          id,
          handshake,
          keys: [signer.publicKey, candidate.executor],
          ...(this.#options.window === undefined ? {} : { window: this.#options.window }),
        });
        const before = executor.sever;
        executor.sever = () => {
          before();
          pair.sever();
        };
        const end = pair.ends[1];
        executor.server.handle(executor.tamper === null ? end : executor.tamper(end));
        return Promise.resolve(pair.ends[0]);
      },
    };
    return { deps, log };
  }

  async close(): Promise<void> {
    await Promise.all(this.executors.map((e) => e.server.drain(0)));
  }
}

function find(executors: FakeExecutor[], candidate: Offered): Offered | undefined {
  const key = toHex(candidate.executor);
  return executors.find((e) => e.key === key)?.offered;
}

export function request(more: Partial<JobRequest> = {}): JobRequest {
  return {
    profile: PROFILE,
    contextSize: 4096,
    messages: [{ role: 'user', content: 'hello' }],
    sampling: { tq: 716, pq: 65536, maxTokens: 64 },
    nonce: new Uint8Array(32).fill(9),
    where: 'mesh',
    priceCap: 10,
    ...more,
  };
}

export type Done = Extract<JobEvent, { type: 'done' }>;

/** Runs a job to its end. */
export async function collect(
  request: JobRequest,
  deps: RequesterDeps,
  each: (event: JobEvent) => void | Promise<void> = () => {},
): Promise<{ events: JobEvent[]; done: Done; text: string; ids: number[] }> {
  const events: JobEvent[] = [];
  for await (const event of runJob(request, deps)) {
    events.push(event);
    await each(event);
  }
  const tokens = events.filter((e) => e.type === 'token');
  const done = events.at(-1) as Done;
  return {
    events,
    done,
    text: tokens.map((e) => e.text).join(''),
    ids: tokens.flatMap((e) => e.ids),
  };
}

/** A channel whose outgoing messages pass through `edit`; null drops one. */
export function edited(channel: Channel, edit: (message: Uint8Array) => Uint8Array[]): Channel {
  return {
    peer: channel.peer,
    protocol: channel.protocol,
    id: channel.id,
    handshake: channel.handshake,
    send: async (message) => {
      for (const out of edit(message)) await channel.send(out);
    },
    [Symbol.asyncIterator]: () => channel[Symbol.asyncIterator](),
    close: () => channel.close(),
  };
}
