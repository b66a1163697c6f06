import { asNexusError, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { ArtifactRecord } from '../../feeds/records/mod.ts';
import type { Candidate, Deadlines } from '../router/mod.ts';
import type { Acks } from './acks.ts';
import type { RequesterDeps } from './deps.ts';
import type { Inbox, Patience } from './inbox.ts';
import { Pace, type Stretch } from './pace.ts';
import type { Batch, Received } from './received.ts';
import { fromSaid } from './said.ts';
import type { JobMessage } from './wire.ts';

/** What one attempt tells while it runs. */
export type AttemptEvent =
  /** Jobs that are before it; 0: work begins. */
  | { type: 'position'; position: number }
  | { type: 'tokens'; position: number; ids: number[]; bytes: Uint8Array };

/** An artifact that holds, with its bytes. */
export interface Summary {
  record: ArtifactRecord;
  bytes: Uint8Array;
}

/** One accepted attempt, as its requester reads it. */
export interface StreamParts {
  inbox: Inbox;
  received: Received;
  acks: Acks;
  candidate: Candidate;
  limits: Deadlines;
  /** Class that the executor accepted with. */
  class: Uint8Array;
  /** Tokens that the executor has to read before it writes. */
  promptTokens: number;
  deps: Required<RequesterDeps>;
  signal: AbortSignal;
}

/** Reads an attempt from its acceptance to its end, checking all of it. */
export class Stream {
  readonly #parts: StreamParts;
  #checks: Promise<void> = Promise.resolve();
  #fault: NexusError | null = null;
  #queued = false;
  #workFrom: number;
  #pace = new Pace();
  /** Monotonic time of the first token; null before. */
  firstAt: number | null = null;
  /** Tokens of this attempt that the reader took. */
  consumed = 0;
  /** The executor's commitment, once it came and held. */
  summary: Summary | null = null;

  constructor(parts: StreamParts) {
    this.#parts = parts;
    this.#workFrom = parts.deps.clock.tick();
  }

  /**
   * Yields what comes until the summary came and holds.
   * @throws {NexusError} whatever ends it otherwise
   */
  async *run(position: number): AsyncGenerator<AttemptEvent, void, void> {
    const { inbox, received, signal } = this.#parts;
    this.#queued = position > 0;
    yield { type: 'position', position };
    while (this.summary === null) {
      const message = await inbox.next(this.#patience(), signal);
      if (this.#fault !== null) throw this.#fault;
      if (message === null) {
        throw new NexusError('CHANNEL_CLOSED', 'the executor closed the channel without a word');
      }
      if (message.type === 'progress') {
        this.#moved(message.position);
        yield { type: 'position', position: message.position };
      } else if (message.type === 'tokens') {
        received.take(message);
        yield* this.#tokens(message);
      } else await this.#hear(message, 'whole');
    }
  }

  /** After a cancellation: reads what is still on its way, for the summary; bounded by the caller. */
  async rest(): Promise<void> {
    const { inbox, received } = this.#parts;
    while (this.summary === null) {
      const message = await inbox.next(this.#patience());
      if (message === null || this.#fault !== null) return;
      if (message.type === 'tokens') received.take(message);
      else if (message.type !== 'progress') await this.#hear(message, 'part');
    }
  }

  async #hear(message: JobMessage, purpose: 'whole' | 'part'): Promise<void> {
    const { received, candidate } = this.#parts;
    if (message.type === 'heartbeat') return;
    if (message.type === 'digest') {
      const checked = received.digest(message).catch((e) => {
        this.#fault ??= asNexusError(e);
      });
      this.#checks = this.#checks.then(() => checked);
    } else if (message.type === 'summary') {
      await this.#checks;
      if (this.#fault !== null) throw this.#fault;
      await this.#keep(message.artifact, purpose);
      this.#paced(this.#pace.rest());
    } else if (message.type === 'error') {
      await this.#checks;
      // A commitment to what was made so far; without one there is only the last digest.
      await this.#keep(message.artifact, 'part').catch(() => {});
      throw fromSaid(message, toHex(candidate.executor), 'decode');
    } else {
      throw new NexusError('BAD_MESSAGE', `an executor may not send ${message.type} here`);
    }
  }

  async #keep(artifact: Uint8Array, purpose: 'whole' | 'part'): Promise<void> {
    const bytes = artifact.slice();
    const record = await this.#parts.received.summary(bytes, this.#parts.class, purpose);
    this.summary = { record, bytes };
  }

  /** Only who waits can move up, and work begins once: else news alone would hold off deadlines. */
  #moved(position: number): void {
    if (!this.#queued) throw new NexusError('BAD_MESSAGE', 'it moved in a queue that it had left');
    this.#queued = position > 0;
    if (this.#queued) return;
    this.#workFrom = this.#parts.deps.clock.tick();
    this.#parts.inbox.progress();
  }

  async *#tokens({ position, ids, bytes }: Batch): AsyncGenerator<AttemptEvent, void, void> {
    const { inbox, received, acks, deps: { clock, rules, stats }, candidate } = this.#parts;
    const { executor, profile } = candidate;
    inbox.progress();
    const now = clock.tick();
    if (this.firstAt === null) {
      this.firstAt = now;
      const { promptTokens } = this.#parts;
      const ms = now - this.#workFrom;
      stats.observe(executor, profile, { type: 'first', ms, promptTokens });
    }
    this.#paced(this.#pace.read(now, ids.length));
    yield { type: 'tokens', position, ids, bytes };
    this.consumed = received.ids.length;
    const after = clock.tick();
    this.#pace.asked(after, after - now);
    if (received.ids.length - acks.tokens >= rules.ackEvery) acks.send(received.ids.length);
  }

  #paced(stretch: Stretch | null): void {
    if (stretch === null) return;
    const { deps: { stats }, candidate: { executor, profile } } = this.#parts;
    stats.observe(executor, profile, { type: 'tokens', ...stretch });
  }

  #patience(): Patience {
    const { limits, deps: { rules }, received } = this.#parts;
    const silenceMs = limits.heartbeatMs;
    if (this.#queued) return { silenceMs, idleMs: rules.queueMs, late: 'QUEUE_LATE' };
    return received.ids.length === 0
      ? { silenceMs, idleMs: limits.firstTokenMs, late: 'FIRST_TOKEN_LATE' }
      : { silenceMs, idleMs: limits.interTokenMs, late: 'TOKEN_LATE' };
  }
}
