import { asNexusError, equalBytes, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/mod.ts';
import { recordHash, seedOf, verifyEd25519 } from '../../feeds/records/mod.ts';
import type { JobEnergy } from '../../fingerprint/energy/mod.ts';
import type { Ticket } from './admission.ts';
import type { CheckedOffer } from './check.ts';
import { within } from './clock.ts';
import { commit, type SessionEnd, settleOrClaim } from './commitment.ts';
import { Credit } from './credit.ts';
import { decode, type Decoded } from './decode.ts';
import type { ExecutorDeps, TopkBuilder } from './deps.ts';
import type { Offer } from './offer.ts';
import type { Outbox } from './outbox.ts';
import { ackPatience } from './rules.ts';
import { toSaid } from './said.ts';
import { decodeMessage, type JobMessage } from './wire.ts';
import { type Rate, RateMeter } from './rate.ts';
import { TokenWriter } from './writer.ts';

/** What a session works with. */
export interface SessionParts {
  channel: Channel;
  incoming: AsyncIterator<Uint8Array>;
  offer: Offer;
  checked: CheckedOffer;
  outbox: Outbox;
  deps: Required<ExecutorDeps>;
  /** Resolves once the attempt is remembered for good: nothing of it is signed before. */
  kept: Promise<void>;
  /** Monotonic time at which the offer came. */
  since: number;
  /** Told now and then while tokens come. */
  onRate: (rate: Rate) => void;
}

/** The executor's end of one accepted attempt: queue, decode, commit, be settled or claim. */
export class Session {
  readonly #parts: SessionParts;
  readonly #stop = new AbortController();
  readonly #credit: Credit;
  readonly #writer: TokenWriter;
  readonly #topk: TopkBuilder | null;
  readonly #settled: Promise<Uint8Array | null>;
  #settle: (record: Uint8Array | null) => void = () => {};
  #ticket: Ticket | null = null;

  constructor(parts: SessionParts) {
    this.#parts = parts;
    const { deps, checked: { record }, outbox, offer: { jobKey } } = parts;
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
      patience: (now, before) => ackPatience(rules, now, before, this.#ticket?.wanted ?? false),
    });
    // What a node does for itself is nobody's to audit.
    const isOwn = equalBytes(requester, signer.publicKey);
    this.#topk = isOwn ? null : deps.topk({ jobKey, job, attempt }, resumeAt);
    parts.kept.catch((error) => this.stop(error));
    const onLost = (error: unknown): void => this.stop(asNexusError(error, 'PEER_LOST'));
    const { digestEvery } = rules;
    const meter = new RateMeter();
    const onToken = (tokens: number): void => {
      const rate = meter.take(tokens, clock.tick());
      if (rate !== null) parts.onRate(rate);
    };
    this.#writer = new TokenWriter({
      outbox,
      signer,
      kept: parts.kept,
      offer: recordHash(parts.offer.job),
      jobKey,
      job,
      attempt,
      resumeAt,
      digestEvery,
      onToken,
      onLost,
    });
  }

  /** True once it has a slot. */
  started = false;
  /** What decoding took, as soon as that is known; null where it was not counted. Never rejects. */
  energy: Promise<JobEnergy | null> = Promise.resolve(null);

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
    this.#ticket = ticket;
    const every = rules.deadlines.heartbeat.everyMs;
    let cancel = (): void => {};
    const beat = (): void => {
      cancel = clock.after(outbox.beat(every), beat);
    };
    try {
      outbox.post({ type: 'accept', position: ticket.position, class: checked.served.class });
      const listening = this.#listen();
      beat();
      const decoded = await this.#decode(ticket);
      await this.#kept();
      const end = await this.#commit(decoded);
      cancel();
      await settleOrClaim(this.#parts, end, this.#settled, () => this.#credit.last);
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
      if (signal.aborted) return { finish: 'cancelled', error: null, firstTokenMs: 0, cached: 0 };
      this.started = true;
      if (queued) outbox.post({ type: 'progress', position: 0 });
      const meter = deps.meter(toHex(record.profile));
      const decoded = await decode({
        engine: deps.engine,
        request: {
          profileId: record.profile,
          prompt: offer.prompt,
          prefix: offer.prefix,
          seed: seedOf(record.network, record.profile, offer.nonce),
          sampling: record.sampling,
          stops: offer.stops,
          candidates: this.#topk !== null,
        },
        writer: this.#writer,
        meter,
        topk: this.#topk,
        credit: this.#credit,
        clock: deps.clock,
        rules: deps.rules,
        signal,
        since,
      });
      const read = offer.prompt.length + offer.prefix.length - decoded.cached;
      this.energy = meter.end(Math.max(0, read));
      return decoded;
    } finally {
      ticket.leave();
    }
  }

  /** An attempt that a restart would forget ends unsigned: its requester is told, and goes elsewhere. */
  async #kept(): Promise<void> {
    const { kept, outbox, deps: { clock, rules } } = this.#parts;
    try {
      await kept;
    } catch (thrown) {
      const artifact = new Uint8Array(0);
      const said = outbox.send({ type: 'error', artifact, ...toSaid(thrown) }).catch(() => {});
      await within(clock, rules.stopMs, said, undefined);
      throw thrown;
    }
  }

  #commit(decoded: Decoded): Promise<SessionEnd> {
    const { aborted, reason } = this.#stop.signal;
    const stopped = aborted && reason.code !== 'CANCELLED' ? reason as NexusError : null;
    const error = decoded.error ?? stopped;
    return commit(this.#parts, {
      ids: this.#writer.ids,
      bytes: this.#writer.bytes,
      topk: this.#topk,
      root: this.#writer.root(),
      firstTokenMs: decoded.firstTokenMs,
      finish: error === null ? decoded.finish : 'error',
      error,
    });
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
