import { asNexusError, type NexusError } from '../../feeds/base/mod.ts';
import type { LayeredModel, Vocabulary } from './backend.ts';
import { type BatchEntry, planBatch } from './batch.ts';
import { Generation } from './generation.ts';
import { type GenerationHandle, type GenerationSink, type Job, WINDOW } from './job.ts';
import type { Mutex } from './mutex.ts';
import { Scorer, type ScoreSink } from './scorer.ts';
import { SlotPool } from './slot_pool.ts';
import { commonPrefix } from './slots.ts';
import type { GenerateRequest, ScoreRequest } from './types.ts';
import { Wakeup } from './wakeup.ts';

/** Idle time after which sessions opened for a rush are closed, ms. */
const IDLE_MS = 60_000;

export interface SchedulerOptions {
  contextSize: number;
  /** Sessions at once, opened as they are needed. */
  maxSlots: number;
  /** Share of the time that scoring may take beside answers, 0 to 1. */
  scoreShare: number;
  /** Milliseconds, monotonic. */
  now: () => number;
  /** Held during a step: models take turns. */
  turn: Mutex;
}

/**
 * Continuous batching over the sessions of one model: each step takes one row of every answer that
 * decodes and fills up with rows of prompts, at most `MAX_ROWS` in all. Answers wait in
 * order of arrival for a session. Scorings come last, see {@link Scorer}.
 */
export class Scheduler {
  readonly #model: LayeredModel;
  readonly #vocabulary: Vocabulary;
  readonly #options: SchedulerOptions;
  readonly #slots: SlotPool;
  #queue: Job[] = [];
  #active: Job[] = [];
  #running: Promise<void> | null = null;
  readonly #wakeup = new Wakeup();
  readonly #scorer: Scorer;
  #idleSince: number;
  #paused = 0;
  #drained: (() => void)[] = [];

  constructor(model: LayeredModel, vocabulary: Vocabulary, options: SchedulerOptions) {
    this.#model = model;
    this.#vocabulary = vocabulary;
    this.#options = options;
    this.#idleSince = options.now();
    this.#slots = new SlotPool(model, options.maxSlots);
    this.#scorer = new Scorer(model, {
      share: options.scoreShare,
      now: options.now,
      takeSlot: () => this.#slots.takeSpare(),
    });
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
        this.#wakeup.nudge();
      },
      cancel: () => {
        job.cancelled = true;
        this.#wakeup.nudge();
      },
    };
  }

  /** @throws {NexusError} `ENGINE_BUSY` */
  score(request: ScoreRequest, sink: ScoreSink): GenerationHandle {
    return this.#scorer.submit(request, sink, () => this.#kick());
  }

  /** True once something was decoded. */
  get used(): boolean {
    return this.#slots.used;
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
        await this.#scorer.giveUp();
        try {
          return await work(() => this.#queue.length > 0);
        } finally {
          this.#slots.reset();
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
    if (this.busy || this.#slots.size <= 1 || now() - this.#idleSince < IDLE_MS) return;
    await turn.run(async () => {
      if (!this.busy) await this.#slots.shrink();
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
    this.#scorer.fail(error);
    for (const resolve of this.#drained.splice(0)) resolve();
    this.#wakeup.nudge();
    await this.#running;
  }

  #kick(): void {
    this.#wakeup.nudge();
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      this.#idleSince = this.#options.now();
      if (this.#queue.length > 0 || this.#scorer.busy) this.#kick();
    });
  }

  async #run(): Promise<void> {
    const { turn } = this.#options;
    while (this.#unfinished) {
      this.#wakeup.begin();
      this.#settle();
      if (this.#scorer.busy) await turn.run(() => this.#scorer.settle());
      if (this.#queue.length > 0) {
        await turn.run(() => this.#admit());
        this.#settle();
      }
      const batch = planBatch(this.#active);
      const beside = batch.length > 0;
      if (beside) await turn.run(() => this.#step(batch));
      const scored = this.#scorer.busy && await turn.run(() => this.#score(beside));
      if (!beside && !scored && this.#unfinished) await this.#wakeup.sleep();
    }
  }

  get #unfinished(): boolean {
    return this.#queue.length + this.#active.length > 0 || this.#scorer.busy;
  }

  async #score(beside: boolean): Promise<boolean> {
    return this.#paused === 0 && this.#queue.length === 0 && await this.#scorer.step(beside);
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
      const slot = await this.#slots.take(job.generation.tokens);
      if (slot === null && (await this.#scorer.giveUp())) continue;
      if (slot === null) return;
      if (this.#queue[0] !== job || this.#paused > 0) {
        // Meanwhile it was cancelled, or somebody wants all sessions.
        slot.busy = false;
        continue;
      }
      this.#queue.shift();
      this.#active.push(job);
      job.slot = slot;
      job.startedAt = this.#options.now();
      // One row at least has to be evaluated: the next token comes from its logits.
      const shared = commonPrefix(slot.tokens, job.generation.tokens);
      await slot.session.rewind(Math.min(shared, job.generation.tokens.length - 1));
      job.cached = slot.session.position;
    }
  }

  async #step(batch: BatchEntry[]): Promise<void> {
    let results;
    const { now } = this.#options, started = now();
    try {
      results = await this.#model.step(batch.map(({ part }) => part));
    } catch (thrown) {
      await this.#failStep(batch, asNexusError(thrown, 'DECODE_FAILED'));
      return;
    }
    this.#scorer.earn(now() - started);
    batch.forEach(({ job }, i) => {
      const top = results[i]?.at(-1);
      if (top === undefined || job.slot === null || job.cancelled) return;
      try {
        const token = job.generation.accept(top);
        if (job.emitted === 0) job.firstAt = this.#options.now();
        job.emitted++;
        job.sink.next(token);
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
}
