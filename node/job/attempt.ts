import { asNexusError, NexusError, toHex } from '../../feeds/base/mod.ts';
import { encodeRecord, type FinishReason, recordHash } from '../../feeds/records/mod.ts';
import { type Candidate, type Deadlines, deadlines } from '../router/mod.ts';
import { Acks } from './acks.ts';
import { within } from './clock.ts';
import type { RequesterDeps } from './deps.ts';
import { Inbox } from './inbox.ts';
import { received as keptOf } from './keeping.ts';
import { openLine } from './line.ts';
import { AttemptLog, type Logged } from './log.ts';
import { buildOffer, type BuiltOffer, channelId, type Job, offerMessages } from './offer.ts';
import { Outbox } from './outbox.ts';
import { Received } from './received.ts';
import { fromSaid } from './said.ts';
import { type AttemptEvent, Stream, type Summary } from './stream.ts';
import { JOB_VERSION } from './wire.ts';

/** How one attempt ended. */
export interface AttemptEnd {
  /** `refused`: before any work, by the executor or by the way to it. */
  outcome: 'done' | 'cancelled' | 'failed' | 'refused';
  finish: FinishReason;
  /** Why it failed or was refused; names peer and stage. */
  error: NexusError | null;
  offer: BuiltOffer | null;
  summary: Summary | null;
  /** All that came; after a cancellation it may be more than its reader took. */
  received: Pick<Received, 'ids' | 'bytes'> | null;
  /** Determinism class that the executor named when it took the attempt; null if it did not. */
  class: Uint8Array | null;
  /** The settlement, written beside whatever comes next. */
  logged: Promise<Logged>;
}

/** What an attempt works with. */
export interface AttemptParts {
  job: Job;
  candidate: Candidate;
  attempt: number;
  prefix: readonly number[];
  deps: Required<RequesterDeps>;
  signal: AbortSignal;
}

const NOTHING_LOGGED: Logged = { settle: null, jobIndex: null, settleIndex: null, warnings: [] };

/** Everything of an attempt that has a channel. */
interface Open {
  close: () => Promise<void>;
  outbox: Outbox;
  inbox: Inbox;
  offer: BuiltOffer;
  received: Received;
  acks: Acks;
}

/** The requester's end of one attempt at one executor. */
export class Attempt {
  readonly #parts: AttemptParts;
  readonly #limits: Deadlines;
  readonly #log: AttemptLog;
  readonly #promptTokens: number;
  readonly #start: number;
  #stage: 'connect' | 'accept' | 'admission' | 'decode' = 'connect';
  #open: Open | null = null;
  #stream: Stream | null = null;
  #end: AttemptEnd = {
    outcome: 'cancelled',
    finish: 'cancelled',
    error: null,
    offer: null,
    summary: null,
    received: null,
    class: null,
    logged: Promise.resolve(NOTHING_LOGGED),
  };

  constructor(parts: AttemptParts) {
    const { candidate, deps, job, prefix } = parts;
    this.#parts = parts;
    this.#start = deps.clock.tick();
    this.#promptTokens = job.prompt.length + prefix.length;
    const stats = deps.stats.get(candidate.executor, candidate.profile);
    this.#limits = deadlines(stats, this.#promptTokens, candidate.rttMs, deps.rules.deadlines);
    this.#log = new AttemptLog(deps);
  }

  /** How it ended; meaningful once {@link run} is over, also where its reader left early. */
  get end(): AttemptEnd {
    return this.#end;
  }

  /**
   * Runs the attempt. Whatever its executor does is part of the result. If the reader stops early
   * (`return`), or `signal` aborts, the attempt is cancelled in an orderly way, within a bound.
   */
  async *run(): AsyncGenerator<AttemptEvent, void, void> {
    const { signal, deps, candidate } = this.#parts;
    const leave = deps.stats.enter(candidate.executor);
    try {
      const open = await this.#connect();
      yield* await this.#accepted(open);
      this.#end.outcome = 'done';
      this.#end.finish = this.#stream!.summary!.record.finish;
    } catch (thrown) {
      if (!signal.aborted) this.#failed(thrown);
    } finally {
      leave();
      if (this.#end.outcome === 'cancelled') await this.#cancel();
      this.#measure();
      this.#end.summary = this.#stream?.summary ?? null;
      this.#end.received = this.#open?.received ?? null;
      this.#end.logged = this.#settle();
    }
  }

  async #connect(): Promise<Open> {
    const { job, candidate, attempt, prefix, deps, signal } = this.#parts;
    const { clock, signer } = deps;
    const id = channelId(job.id, attempt);
    const handshake = new Uint8Array([JOB_VERSION]);
    const opening = openLine(
      (signal) => deps.dial(candidate, { id, handshake, signal }),
      clock,
      this.#connectMs(),
      signal,
    );
    opening.catch(() => {});
    const { executor } = candidate;
    const offered = { attempt, executor, prefix, heads: deps.heads(), at: clock.now() };
    const offer = await buildOffer(job, offered, (message) => signer.sign(message));
    const channel = await opening;
    const outbox = new Outbox(channel, clock);
    this.#end.offer = offer;
    this.#stage = 'accept';
    for (const message of offerMessages(offer.offer)) outbox.post(message);
    return this.#open = {
      close: () => channel.close().catch(() => {}),
      outbox,
      inbox: new Inbox(channel, clock),
      offer,
      received: new Received(job, offer),
      acks: new Acks(outbox, signer, job.id, attempt),
    };
  }

  /** How long a channel may take to open, milliseconds. */
  #connectMs(): number {
    const { candidate: { isLocal, rttMs }, deps: { rules } } = this.#parts;
    // This node's own executor may have to load the model first.
    if (isLocal) return rules.stallMs;
    // With a connection it takes a round trip: a peer that died unnoticed shall not cost more.
    return rttMs === null ? rules.connectMs : Math.min(rules.connectMs, this.#limits.acceptMs);
  }

  /** Waits for the answer to the offer; from there on the executor's work is read. */
  async #accepted(open: Open): Promise<AsyncGenerator<AttemptEvent, void, void>> {
    const { deps, candidate, signal } = this.#parts;
    const { inbox, received, acks, offer } = open;
    // A long prompt takes a while to get there.
    const acceptMs = this.#limits.acceptMs + this.#promptTokens / 50;
    const from = deps.clock.tick();
    const patience = { silenceMs: acceptMs, idleMs: acceptMs, late: 'ACCEPT_LATE' };
    const message = await inbox.next(patience, signal);
    if (message?.type === 'refuse') {
      this.#stage = 'admission';
      throw fromSaid(message, toHex(candidate.executor), this.#stage);
    }
    if (message?.type !== 'accept') {
      throw new NexusError('BAD_MESSAGE', `${message?.type ?? 'an end'} came instead of an answer`);
    }
    this.#stage = 'decode';
    this.#log.job(offer.bytes);
    const ms = deps.clock.tick() - from;
    deps.stats.observe(candidate.executor, candidate.profile, { type: 'accept', ms });
    inbox.progress();
    this.#end.class = message.class.slice();
    const stream = new Stream({
      inbox,
      received,
      acks,
      candidate,
      limits: this.#limits,
      class: this.#end.class,
      promptTokens: this.#promptTokens,
      deps,
      signal,
    });
    this.#stream = stream;
    return stream.run(message.position);
  }

  #failed(thrown: unknown): void {
    const { code, message, hint, cause } = asNexusError(thrown);
    const peer = toHex(this.#parts.candidate.executor);
    const detail = { peer, stage: this.#stage, cause, ...(hint === undefined ? {} : { hint }) };
    this.#end.error = new NexusError(code, message, detail);
    this.#end.outcome = this.#stage === 'decode' ? 'failed' : 'refused';
    this.#end.finish = 'error';
    // An executor that did not answer may be at work all the same: its artifact must find a job.
    if (this.#stage === 'accept') this.#log.job(this.#open!.offer.bytes);
  }

  async #cancel(): Promise<void> {
    const { clock, rules } = this.#parts.deps;
    if (this.#open === null) return;
    this.#log.job(this.#open.offer.bytes);
    this.#open.acks.send(this.#stream?.consumed ?? 0);
    this.#open.outbox.post({ type: 'cancel' });
    const rest = this.#stream?.rest().catch(() => {}) ?? Promise.resolve();
    await within(clock, rules.cancelMs, rest, undefined);
  }

  #measure(): void {
    const { deps: { stats, clock }, candidate: { executor, profile } } = this.#parts;
    const { outcome, error } = this.#end;
    if (outcome === 'done') {
      const ms = this.#open!.inbox.longestSilence;
      stats.observe(executor, profile, { type: 'silence', ms });
      stats.observe(executor, profile, { type: 'done' });
    } else if (outcome === 'failed' || this.#stage === 'connect' || this.#stage === 'accept') {
      if (outcome === 'cancelled') return;
      const weight = error?.code.startsWith('BAD_') ? 4 : 1;
      stats.observe(executor, profile, { type: 'failure', at: clock.tick(), weight });
    }
  }

  /** Acknowledges, logs the settlement, hands it over and closes, in this order. */
  async #settle(): Promise<Logged> {
    const { deps: { clock, rules, heads, keep }, candidate, job, attempt } = this.#parts;
    const open = this.#open;
    if (open === null) return NOTHING_LOGGED;
    if (!this.#log.begun) {
      await open.close();
      return NOTHING_LOGGED;
    }
    const { outcome, finish, summary, error } = this.#end;
    const { received, acks, outbox } = open;
    if (outcome === 'done') acks.send(received.ids.length);
    else if (!error?.code.startsWith('BAD_')) acks.send(this.#stream?.consumed ?? 0);
    const firstAt = this.#stream?.firstAt ?? null;
    const record = encodeRecord({
      type: 'settle',
      job: job.id,
      attempt,
      executor: candidate.executor,
      outcome: outcome === 'refused' ? 'failed' : outcome,
      finish,
      tokens: received.ids.length,
      artifact: summary && recordHash(summary.bytes),
      digest: received.signed,
      firstTokenMs: firstAt === null ? 0 : Math.round(firstAt - this.#start),
      totalMs: Math.round(clock.tick() - this.#start),
      heads: heads(),
      at: clock.now(),
    });
    const kept = candidate.isLocal ? null : keptOf(job, open.offer, received);
    if (kept !== null) keep(kept);
    const logged = await this.#log.settle(record);
    const handOver = async (): Promise<void> => {
      await acks.flushed();
      if (logged.settleIndex !== null) await outbox.send({ type: 'settle', record });
    };
    await within(clock, rules.cancelMs, handOver().catch(() => {}), undefined);
    await within(clock, rules.cancelMs, open.close(), undefined);
    return logged;
  }
}
