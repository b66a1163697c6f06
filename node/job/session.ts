import { asNexusError, equalBytes, messageOf, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/types.ts';
import {
  type ArtifactRecord,
  COMMIT,
  commitTokens,
  decodeRecord,
  encodeRecord,
  recordHash,
  seedOf,
  signRecord,
  verifyEd25519,
} from '../../feeds/records/mod.ts';
import type { Ticket } from './admission.ts';
import type { CheckedOffer } from './check.ts';
import { within } from './clock.ts';
import { Credit } from './credit.ts';
import { decode, type Decoded } from './decode.ts';
import type { ExecutorDeps } from './deps.ts';
import { Outbox } from './outbox.ts';
import { toSaid } from './said.ts';
import { decodeMessage, type JobMessage, type Offer } from './wire.ts';
import { TokenWriter } from './writer.ts';

/** How a session ended, for the node's events. */
export interface SessionEnd {
  artifact: ArtifactRecord;
  error: NexusError | null;
  settled: boolean;
  claimed: boolean;
  /** Logs that could not be written. */
  warnings: string[];
}

/** What a session works with. */
export interface SessionParts {
  channel: Channel;
  incoming: AsyncIterator<Uint8Array>;
  offer: Offer;
  checked: CheckedOffer;
  outbox: Outbox;
  deps: Required<ExecutorDeps>;
  /** Monotonic time at which the offer came. */
  since: number;
}

/** The executor's end of one accepted attempt: queue, decode, commit, be settled or claim. */
export class Session {
  readonly #parts: SessionParts;
  readonly #stop = new AbortController();
  readonly #credit: Credit;
  readonly #writer: TokenWriter;
  readonly #settled: Promise<Uint8Array | null>;
  #settle: (record: Uint8Array | null) => void = () => {};

  constructor(parts: SessionParts) {
    this.#parts = parts;
    const { deps, checked: { record }, outbox } = parts;
    const { job, attempt, requester, resumeAt } = record;
    const { clock, rules, signer } = deps;
    this.#settled = new Promise((resolve) => this.#settle = resolve);
    this.#credit = new Credit({
      job,
      attempt,
      requester,
      verify: verifyEd25519,
      clock,
      window: rules.ackWindow,
      patienceMs: rules.ackMs,
    });
    const onLost = (error: unknown): void => this.stop(asNexusError(error, 'PEER_LOST'));
    const { digestEvery } = rules;
    this.#writer = new TokenWriter({
      outbox,
      signer,
      job,
      attempt,
      resumeAt,
      digestEvery,
      onLost,
    });
  }

  get tokens(): number {
    return this.#writer.ids.length;
  }

  /** Ends the decoding; the first reason counts. */
  stop(reason: NexusError): void {
    this.#stop.abort(reason);
  }

  /** Runs to the end. `ticket` is left as soon as decoding is over. */
  async run(ticket: Ticket): Promise<SessionEnd> {
    const { deps: { clock, rules }, outbox, checked, channel } = this.#parts;
    const every = rules.deadlines.heartbeat.everyMs;
    let cancel = (): void => {};
    const beat = (): void => {
      outbox.beat(every);
      cancel = clock.after(every, beat);
    };
    try {
      outbox.post({ type: 'accept', position: ticket.position, class: checked.served.class });
      const listening = this.#listen();
      beat();
      const decoded = await this.#decode(ticket);
      const end = await this.#commit(decoded);
      cancel();
      await this.#close(end);
      await within(clock, rules.stopMs, channel.close().then(() => listening), undefined);
      return end;
    } finally {
      cancel();
      ticket.leave();
    }
  }

  async #decode(ticket: Ticket): Promise<Decoded> {
    const { deps, offer, checked: { record }, since, outbox } = this.#parts;
    const signal = this.#stop.signal;
    try {
      const queued = ticket.position > 0;
      await new Promise<void>((resolve) => {
        signal.addEventListener('abort', () => resolve(), { once: true });
        if (signal.aborted) resolve();
        ticket.ready.then(resolve);
      });
      if (signal.aborted) return { finish: 'cancelled', error: null, firstTokenMs: 0 };
      if (queued) outbox.post({ type: 'progress', position: 0 });
      return await decode({
        engine: deps.engine,
        request: {
          profileId: record.profile,
          prompt: offer.prompt,
          prefix: offer.prefix,
          seed: seedOf(record.network, record.profile, offer.nonce),
          sampling: record.sampling,
          stops: offer.stops,
        },
        writer: this.#writer,
        credit: this.#credit,
        clock: deps.clock,
        rules: deps.rules,
        signal,
        since,
      });
    } finally {
      ticket.leave();
    }
  }

  /** Signs the artifact, tells it and logs it, both at once. */
  async #commit(decoded: Decoded): Promise<SessionEnd> {
    const { deps, outbox, offer, checked: { record, served }, since } = this.#parts;
    const { clock, rules, signer } = deps;
    const ids = this.#writer.ids;
    const reason = this.#stop.signal.aborted ? this.#stop.signal.reason as NexusError : null;
    const error = decoded.error ?? (reason?.code === 'CANCELLED' ? null : reason);
    const artifact = await signRecord<ArtifactRecord>({
      type: 'artifact',
      job: record.job,
      attempt: record.attempt,
      requester: record.requester,
      executor: record.executor,
      offer: recordHash(offer.job),
      output: commitTokens(offer.jobKey, COMMIT.output(record.attempt), ids),
      root: this.#writer.root(),
      topkRoot: null,
      class: served.class,
      promptTokens: record.promptTokens,
      resumeAt: record.resumeAt,
      tokens: ids.length,
      finish: error === null ? decoded.finish : 'error',
      firstTokenMs: Math.round(decoded.firstTokenMs),
      totalMs: Math.round(clock.tick() - since),
      ncu: served.price * ids.length,
      heads: deps.heads(),
      at: clock.now(),
    }, (message) => signer.sign(message));
    const bytes = encodeRecord(artifact);
    if (error === null) outbox.post({ type: 'summary', artifact: bytes });
    else outbox.post({ type: 'error', artifact: bytes, ...toSaid(error) });
    const end = { artifact, error, settled: false, claimed: false, warnings: [] };
    await this.#log(bytes, 'artifact', end, rules.logMs);
    return end;
  }

  /** Waits for the requester's settlement; claims what was acknowledged if none comes. */
  async #close(end: SessionEnd): Promise<void> {
    const { deps: { clock, rules, heads }, checked: { record } } = this.#parts;
    const settle = await within(clock, rules.settleMs, this.#settled, null);
    const ack = this.#credit.last;
    end.settled = settle !== null && this.#holds(settle);
    if (end.settled || ack === null) return;
    const { job, attempt, requester } = record;
    const claim = encodeRecord({
      type: 'claim',
      job,
      attempt,
      requester,
      ack,
      heads: heads(),
      at: clock.now(),
    });
    end.claimed = await this.#log(claim, 'claim', end, rules.logMs);
  }

  #holds(bytes: Uint8Array): boolean {
    const { record } = this.#parts.checked;
    try {
      const settle = decodeRecord(bytes);
      return settle.type === 'settle' && equalBytes(settle.job, record.job) &&
        settle.attempt === record.attempt && equalBytes(settle.executor, record.executor) &&
        settle.tokens >= (this.#credit.last?.tokens ?? 0);
    } catch {
      return false;
    }
  }

  async #log(bytes: Uint8Array, what: string, end: SessionEnd, ms: number): Promise<boolean> {
    const { feeds, clock } = this.#parts.deps;
    try {
      const written = await within(clock, ms, feeds.append('artifacts', [bytes]), null);
      if (written !== null) return true;
      end.warnings.push(`${what} not logged within ${ms} ms`);
    } catch (thrown) {
      end.warnings.push(`${what} not logged: ${messageOf(thrown)}`);
    }
    return false;
  }

  /** Reads what the requester says until the channel ends. */
  async #listen(): Promise<void> {
    try {
      while (true) {
        const { done, value } = await this.#parts.incoming.next();
        if (done) break;
        await this.#hear(decodeMessage(value));
      }
      this.stop(gone('the requester closed the channel', 'CANCELLED'));
    } catch (thrown) {
      this.stop(asNexusError(thrown, 'PEER_LOST'));
    } finally {
      this.#settle(null);
    }
  }

  async #hear(message: JobMessage): Promise<void> {
    if (message.type === 'ack') await this.#credit.take(message, this.tokens);
    else if (message.type === 'cancel') this.stop(gone('the requester cancelled', 'CANCELLED'));
    else if (message.type === 'settle') this.#settle(message.record.slice());
    else {
      throw new NexusError('BAD_MESSAGE', `a requester may not send ${message.type}`, {
        peer: toHex(this.#parts.channel.peer),
        stage: 'decode',
      });
    }
  }
}

function gone(message: string, code: string): NexusError {
  return new NexusError(code, message, { stage: 'decode' });
}
