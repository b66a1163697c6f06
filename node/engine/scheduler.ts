import { asNexusError, type NexusError } from '../../feeds/base/mod.ts';
import { type BatchPart, type LayeredModel, MAX_ROWS, type Vocabulary } from './backend.ts';
import { Generation } from './generation.ts';
import type { Mutex } from './mutex.ts';
import { chooseSlot, commonPrefix, type Slot } from './slots.ts';
import type { GeneratedToken, GenerateEnd, GenerateRequest } from './types.ts';

/** Tokens that a generation may be ahead of its reader. */
export const WINDOW = 32;
/** Idle time after which sessions opened for a rush are closed, ms. */
const IDLE_MS = 60_000;

/** Where the tokens of one answer go. Exactly one of `end` and `fail` is called, last. */
export interface GenerationSink {
  token(token: GeneratedToken): void;
  end(end: GenerateEnd): void;
  fail(error: NexusError): void;
}

/** The reader's side of a running answer. */
export interface GenerationHandle {
  /** Tokens of this answer that the reader has taken, in all. */
  credit(taken: number): void;
  /** Ends the answer as `cancelled` before its next token. */
  cancel(): void;
}

interface Job {
  generation: Generation;
  sink: GenerationSink;
  slot: Slot | null;
  emitted: number;
  allowed: number;
  cancelled: boolean;
  cached: number;
  submittedAt: number;
  startedAt: number;
  firstAt: number;
}

export interface SchedulerOptions {
  contextSize: number;
  /** Sessions at once, opened as they are needed. */
  maxSlots: number;
  /** Milliseconds, monotonic. */
  now: () => number;
  /** Held during a step: models take turns. */
  turn: Mutex;
}

/**
 * Continuous batching over the sessions of one model: each step takes one row of every answer that
 * decodes and fills up with rows of prompts, at most {@link MAX_ROWS} in all. Answers wait in
 * order of arrival for a session.
 */
export class Scheduler {
  readonly #model: LayeredModel;
  readonly #vocabulary: Vocabulary;
  readonly #options: SchedulerOptions;
  readonly #slots: Slot[];
  #queue: Job[] = [];
  #active: Job[] = [];
  #maxSlots: number;
  #running: Promise<void> | null = null;
  #wake: (() => void) | null = null;
  #nudged = false;
  #uses = 0;
  #idleSince: number;
  #paused = 0;
  #drained: (() => void)[] = [];

  constructor(model: LayeredModel, vocabulary: Vocabulary, options: SchedulerOptions) {
    this.#model = model;
    this.#vocabulary = vocabulary;
    this.#options = options;
    this.#maxSlots = options.maxSlots;
    this.#idleSince = options.now();
    this.#slots = model.sessions.map(newSlot);
  }

  get busy(): boolean {
    return this.#running !== null;
  }

  submit(request: GenerateRequest, sink: GenerationSink): GenerationHandle {
    const { contextSize, now } = this.#options;
    const job: Job = {
      generation: new Generation(request, this.#vocabulary, contextSize),
      sink,
      slot: null,
      emitted: 0,
      allowed: WINDOW,
      cancelled: false,
      cached: 0,
      submittedAt: now(),
      startedAt: now(),
      firstAt: 0,
    };
    this.#queue.push(job);
    this.#kick();
    return {
      credit: (taken) => {
        job.allowed = Math.max(job.allowed, Math.min(taken, job.emitted) + WINDOW);
        this.#nudge();
      },
      cancel: () => {
        job.cancelled = true;
        this.#nudge();
      },
    };
  }

  /** True once something was decoded. */
  get used(): boolean {
    return this.#uses > 0;
  }

  /** Milliseconds since the last answer ended; 0 while one runs. */
  get idleMs(): number {
    return this.busy ? 0 : this.#options.now() - this.#idleSince;
  }

  /**
   * Runs `work` with all sessions to itself, once the running answers have ended; new ones wait.
   * `work` learns whether somebody waits, and must leave the sessions empty.
   */
  async exclusive<T>(work: (awaited: () => boolean) => Promise<T>): Promise<T> {
    this.#paused++;
    try {
      while (this.#active.length > 0) {
        await new Promise<void>((resolve) => this.#drained.push(resolve));
      }
      return await this.#options.turn.run(async () => {
        try {
          return await work(() => this.#queue.length > 0);
        } finally {
          this.#slots.splice(0, this.#slots.length, ...this.#model.sessions.map(newSlot));
        }
      });
    } finally {
      this.#paused--;
      this.#kick();
    }
  }

  /** Gives back memory that a rush needed, once it is long over. */
  async tidy(): Promise<void> {
    const { now, turn } = this.#options;
    if (this.busy || this.#slots.length <= 1 || now() - this.#idleSince < IDLE_MS) return;
    await turn.run(async () => {
      if (this.busy) return;
      await this.#model.shrink();
      this.#slots.length = this.#model.sessions.length;
    });
  }

  /** Fails everything that runs or waits and resolves when no step runs any more. */
  async close(error: NexusError): Promise<void> {
    for (const job of [...this.#queue, ...this.#active]) {
      if (job.slot) this.#release(job);
      job.sink.fail(error);
    }
    this.#queue = [];
    this.#active = [];
    for (const resolve of this.#drained.splice(0)) resolve();
    this.#nudge();
    await this.#running;
  }

  #kick(): void {
    this.#nudge();
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      this.#idleSince = this.#options.now();
      if (this.#queue.length > 0) this.#kick();
    });
  }

  async #run(): Promise<void> {
    while (this.#queue.length + this.#active.length > 0) {
      this.#nudged = false;
      this.#settle();
      if (this.#queue.length > 0) {
        await this.#options.turn.run(() => this.#admit());
        this.#settle();
      }
      const batch = this.#plan();
      if (batch.length === 0) {
        if (this.#queue.length + this.#active.length > 0) await this.#sleep();
        continue;
      }
      await this.#options.turn.run(() => this.#step(batch));
    }
  }

  /** Ends what is over or cancelled. */
  #settle(): void {
    for (const job of [...this.#active, ...this.#queue]) {
      if (job.generation.finish === null && !job.cancelled) continue;
      this.#remove(job);
      const { now } = this.#options;
      const text = job.generation.end('cancelled');
      job.sink.end({
        finish: job.generation.finish!,
        text,
        cached: job.cached,
        promptMs: job.firstAt === 0 ? 0 : job.firstAt - job.startedAt,
        totalMs: now() - job.submittedAt,
      });
    }
  }

  async #admit(): Promise<void> {
    while (this.#queue.length > 0 && this.#paused === 0) {
      const job = this.#queue[0]!;
      const slot = chooseSlot(this.#slots, job.generation.tokens);
      if (slot === null && (await this.#grow())) continue;
      if (slot === null || this.#queue[0] !== job) return;
      this.#queue.shift();
      this.#active.push(job);
      slot.busy = true;
      slot.usedAt = ++this.#uses;
      job.slot = slot;
      job.startedAt = this.#options.now();
      // One row at least has to be evaluated: the next token comes from its logits.
      const shared = commonPrefix(slot.tokens, job.generation.tokens);
      await slot.session.rewind(Math.min(shared, job.generation.tokens.length - 1));
      job.cached = slot.session.position;
    }
  }

  async #grow(): Promise<boolean> {
    const more = this.#maxSlots - this.#slots.length;
    if (more <= 0) return false;
    try {
      await this.#model.grow(more);
    } catch {
      // Out of memory: the sessions that there are have to do.
      this.#maxSlots = this.#slots.length;
      return false;
    }
    this.#slots.push(...this.#model.sessions.slice(this.#slots.length).map(newSlot));
    return true;
  }

  #plan(): { job: Job; part: BatchPart }[] {
    let left = MAX_ROWS;
    const batch: { job: Job; part: BatchPart }[] = [];
    const add = (job: Job, rows: number) => {
      const session = job.slot!.session;
      const tokens = job.generation.tokens.slice(session.position, session.position + rows);
      const last = session.position + rows === job.generation.tokens.length;
      batch.push({ job, part: { session, tokens, logits: last ? 'last' : 'none' } });
      left -= rows;
    };
    const pending = (job: Job) => job.generation.tokens.length - job.slot!.session.position;
    const ready = this.#active.filter((job) => job.emitted < job.allowed);
    for (const job of ready) if (pending(job) === 1 && left > 0) add(job, 1);
    for (const job of ready) {
      if (pending(job) > 1 && left > 0) add(job, Math.min(left, pending(job)));
    }
    return batch;
  }

  async #step(batch: { job: Job; part: BatchPart }[]): Promise<void> {
    let results;
    try {
      results = await this.#model.step(batch.map(({ part }) => part));
    } catch (thrown) {
      await this.#failStep(batch, asNexusError(thrown, 'DECODE_FAILED'));
      return;
    }
    batch.forEach(({ job }, i) => {
      const top = results[i]?.at(-1);
      if (top === undefined || job.slot === null || job.cancelled) return;
      try {
        const token = job.generation.accept(top);
        if (job.emitted === 0) job.firstAt = this.#options.now();
        job.emitted++;
        job.sink.token(token);
      } catch (thrown) {
        this.#remove(job);
        job.sink.fail(asNexusError(thrown, 'DECODE_FAILED'));
      }
    });
  }

  async #failStep(batch: { job: Job }[], error: NexusError): Promise<void> {
    for (const { job } of batch) {
      const slot = job.slot;
      this.#remove(job);
      job.sink.fail(error);
      if (slot === null) continue;
      slot.tokens = [];
      await slot.session.rewind(0);
    }
  }

  #remove(job: Job): void {
    this.#queue = this.#queue.filter((other) => other !== job);
    this.#active = this.#active.filter((other) => other !== job);
    this.#release(job);
    if (this.#active.length === 0) { for (const resolve of this.#drained.splice(0)) resolve(); }
  }

  #release(job: Job): void {
    const slot = job.slot;
    if (slot === null) return;
    slot.busy = false;
    slot.tokens = job.generation.tokens.slice(0, slot.session.position);
    job.slot = null;
  }

  #nudge(): void {
    this.#nudged = true;
    this.#wake?.();
  }

  /** Waits for a nudge; not at all if there was one since the round began. */
  #sleep(): Promise<void> {
    if (this.#nudged) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = () => {
        this.#wake = null;
        resolve();
      };
    });
  }
}

function newSlot(session: Slot['session']): Slot {
  return { session, tokens: [], busy: false, usedAt: 0 };
}
