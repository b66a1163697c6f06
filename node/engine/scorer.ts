import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import { type BatchPart, type LayeredModel, MAX_ROWS } from './backend.ts';
import type { GenerationHandle, Sink } from './job.ts';
import type { Slot } from './slots.ts';
import type { ScoredPosition, ScoreEnd, ScoreRequest } from './types.ts';

/** Positions that a scoring may be ahead of its reader: two whole batches. */
const WINDOW = 2 * MAX_ROWS;
/** Scorings that may wait. */
const MAX_WAITING = 32;
/** Whoever comes meanwhile waits for one batch: its length, ms, alone and beside answers. */
const ALONE_MS = 250;
const BESIDE_MS = 40;
/** Rows of a batch while its time is not known yet, alone and beside answers. */
const FIRST_ROWS = [16, 8] as const;
/** A single row would be computed otherwise. */
const MIN_ROWS = 2;

export type ScoreSink = Sink<ScoredPosition, ScoreEnd>;

interface ScoreJob {
  request: ScoreRequest;
  sink: ScoreSink;
  /** What has to be evaluated: the last output token is followed by nothing. */
  tokens: number[];
  slot: Slot | null;
  emitted: number;
  allowed: number;
  cancelled: boolean;
  rows: number;
  workMs: number;
  submittedAt: number;
}

export interface ScorerOptions {
  /** Share of the time that scoring may take beside answers that are being decoded, 0 to 1. */
  share: number;
  now: () => number;
  /** An empty slot that nobody uses, marked busy; null where there is none. */
  takeSlot: () => Promise<Slot | null>;
}

/** The scorings of one model, one after the other, in whatever time the answers leave. */
export class Scorer {
  readonly #model: LayeredModel;
  readonly #options: ScorerOptions;
  #jobs: ScoreJob[] = [];
  /** Rows of the next batch, alone and beside answers. */
  readonly #rows: [number, number] = [...FIRST_ROWS];
  /** Time that may be taken beside answers, ms. */
  #credit = 0;

  constructor(model: LayeredModel, options: ScorerOptions) {
    this.#model = model;
    this.#options = options;
  }

  /** True while some scoring is not over. */
  get busy(): boolean {
    return this.#jobs.length > 0;
  }

  /** @throws {NexusError} `ENGINE_BUSY` */
  submit(request: ScoreRequest, sink: ScoreSink, nudge: () => void): GenerationHandle {
    if (this.#jobs.length >= MAX_WAITING) {
      throw new NexusError('ENGINE_BUSY', `${MAX_WAITING} transcripts wait to be scored`, {
        hint: 'try again later',
        stage: 'score',
      });
    }
    const job: ScoreJob = {
      request,
      sink,
      tokens: [...request.prompt, ...request.output.slice(0, -1)],
      slot: null,
      emitted: 0,
      allowed: WINDOW,
      cancelled: false,
      rows: 0,
      workMs: 0,
      submittedAt: this.#options.now(),
    };
    this.#jobs.push(job);
    nudge();
    return {
      credit: (taken) => {
        job.allowed = Math.max(job.allowed, Math.min(taken, job.emitted) + WINDOW);
        nudge();
      },
      cancel: () => {
        job.cancelled = true;
        nudge();
      },
    };
  }

  /** Ends what is over or cancelled. */
  async settle(): Promise<void> {
    for (const job of [...this.#jobs]) {
      const over = job.emitted >= job.request.output.length - job.request.from;
      if (!over && !job.cancelled) continue;
      await this.#remove(job);
      job.sink.end({
        finish: over ? 'end' : 'cancelled',
        positions: job.emitted,
        rows: job.rows,
        workMs: job.workMs,
        totalMs: this.#options.now() - job.submittedAt,
      });
    }
  }

  /** Answers were decoded for that long. */
  earn(ms: number): void {
    const { share } = this.#options;
    if (share <= 0) return;
    const earned = share >= 1 ? Infinity : ms * share / (1 - share);
    this.#credit = Math.min(BESIDE_MS, this.#credit + earned);
  }

  /**
   * Evaluates one batch. False where there is nothing to do, no room or no time for it.
   * @param beside answers are being decoded
   */
  async step(beside: boolean): Promise<boolean> {
    const job = this.#jobs[0];
    if (job === undefined || job.cancelled) return false;
    if (beside && this.#credit <= 0) return false;
    job.slot ??= await this.#options.takeSlot();
    if (job.slot === null) return false;
    const part = plan(job, this.#rows[beside ? 1 : 0]);
    if (part === null) return false;
    const { now } = this.#options;
    const started = now();
    try {
      const [scored] = await this.#model.step([part]);
      const ms = now() - started;
      this.#spend(job, part.tokens.length, ms, beside);
      // The model may have been unloaded meanwhile.
      if (!this.#jobs.includes(job)) return true;
      for (const { ids, logits, claimed } of scored!) {
        const position = job.request.from + job.emitted++;
        const id = job.request.output[position]!;
        job.sink.next({ position, id, logit: claimed!, ids, logits });
      }
    } catch (thrown) {
      if (!this.#jobs.includes(job)) return true;
      await this.#remove(job);
      job.sink.fail(asNexusError(thrown, 'SCORE_FAILED'));
    }
    return true;
  }

  /** Gives the slot back, to go on in another one from the start. True if there was one. */
  async giveUp(): Promise<boolean> {
    let given = false;
    for (const job of this.#jobs) given = await release(job) || given;
    return given;
  }

  fail(error: NexusError): void {
    for (const job of this.#jobs.splice(0)) {
      if (job.slot !== null) job.slot.busy = false;
      job.sink.fail(error);
    }
  }

  #spend(job: ScoreJob, rows: number, ms: number, beside: boolean): void {
    job.rows += rows;
    job.workMs += ms;
    const kind = beside ? 1 : 0, most = beside ? BESIDE_MS : ALONE_MS;
    const fitting = Math.floor(rows * most / ms);
    // By steps: a batch of few rows may take as long as one of many.
    if (fitting < rows) this.#rows[kind] = Math.max(MIN_ROWS, fitting, rows >> 1);
    else if (rows === this.#rows[kind]) {
      this.#rows[kind] = Math.min(MAX_ROWS, fitting, 2 * rows);
    }
    this.#credit = beside ? this.#credit - ms : 0;
  }

  async #remove(job: ScoreJob): Promise<void> {
    this.#jobs = this.#jobs.filter((other) => other !== job);
    await release(job);
  }
}

/** Others' prompts are not kept. */
async function release(job: ScoreJob): Promise<boolean> {
  const { slot } = job;
  if (slot === null) return false;
  job.slot = null;
  await slot.session.rewind(0);
  slot.tokens = [];
  slot.busy = false;
  return true;
}

/** The next rows of a scoring; null where its reader is to catch up first. */
function plan(job: ScoreJob, most: number): BatchPart | null {
  const { prompt, output, from, topK } = job.request;
  const session = job.slot!.session, at = session.position;
  // The row before a token is the one that it was drawn from.
  const wanted = prompt.length - 1 + from + job.emitted;
  const end = Math.min(job.tokens.length, at + most);
  // Whole batches: rows cost less together, and the reader will take what is missing.
  if (end > wanted + job.allowed - job.emitted) return null;
  const first = Math.max(0, wanted - at), tokens = job.tokens.slice(at, end);
  if (first >= tokens.length) return { session, tokens, logits: 'none' };
  const claimed = output.slice(at + first - prompt.length + 1, end - prompt.length + 1);
  return { session, tokens, logits: { first, topK, claimed } };
}
