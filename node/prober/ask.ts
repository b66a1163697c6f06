import { NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/mod.ts';
import type { MicroAnswer } from '../../fingerprint/micro/mod.ts';
import type { RawChallenge, RawCommitment, RawOpening } from '../../fingerprint/raw/mod.ts';
import {
  decodeFingerprint,
  encodeFingerprint,
  type FingerprintMessage,
  readingOf,
  rowOf,
} from './wire.ts';

/** An executor that says nothing for this long is given up, milliseconds. */
const SILENT_MS = 45_000;

/** A product's proof, and how long it took by the clock here. */
export interface RawAnswer {
  commitment: RawCommitment;
  /** Rows that were asked for, and what came of them. */
  rows: readonly number[];
  opening: RawOpening;
  /** When the challenge was sent and the commitment's first byte came. */
  from: number;
  to: number;
}

/** The challenger's end of one conversation with a machine. */
export class MachineSession implements AsyncDisposable {
  readonly #channel: Channel;
  readonly #incoming: AsyncIterator<Uint8Array>;
  readonly #tick: () => number;
  readonly #signal: AbortSignal;

  private constructor(channel: Channel, tick: () => number, signal: AbortSignal) {
    this.#channel = channel;
    this.#incoming = channel[Symbol.asyncIterator]();
    this.#tick = tick;
    this.#signal = signal;
  }

  /**
   * Begins on an open channel: when it is there, the executor is idle and what it measures with is up.
   * @param tick monotonic milliseconds
   * @throws {NexusError} as all methods: the executor's refusal with its code (`BUSY`, `TOO_OFTEN`, …),
   * naming the peer; `PEER_SILENT`, `PEER_LOST`, `BAD_MESSAGE`. The channel is closed then.
   */
  static async begin(
    channel: Channel,
    tick: () => number,
    signal: AbortSignal,
  ): Promise<MachineSession> {
    const session = new MachineSession(channel, tick, signal);
    try {
      await session.#say({ type: 'begin' });
      await session.#hear('accept');
      return session;
    } catch (thrown) {
      await session[Symbol.asyncDispose]();
      throw thrown;
    }
  }

  /**
   * Asks for a product, and for rows that are drawn when its root is there.
   * @param nonce as the executor is given it: it binds the nonce to both ends itself
   * @param rowsFor draws the rows, once the root is known
   */
  async raw(
    { shape, backend }: Pick<RawChallenge, 'shape' | 'backend'>,
    nonce: Uint8Array,
    rowsFor: (commitment: RawCommitment) => readonly number[],
  ): Promise<RawAnswer> {
    // Before, not after: it may be there before the sending is known to be over.
    const from = this.#tick();
    await this.#say({ type: 'raw', nonce, ...shape, backend });
    const { type: _, microseconds, ...said } = await this.#hear('commitment');
    const to = this.#tick();
    const commitment: RawCommitment = { ...said, ms: microseconds / 1000 };
    const asked = rowsFor(commitment);
    await this.#say({ type: 'open', rows: [...asked] });
    const rows = [];
    for (let i = 0; i < asked.length; i++) rows.push(rowOf(await this.#hear('row')));
    return { commitment, rows: asked, opening: { rows }, from, to };
  }

  /** Asks for readings. @param memory MiB */
  async micro(
    nonce: Uint8Array,
    effort: number,
    memory: number,
  ): Promise<{ answer: MicroAnswer; elapsedMs: number }> {
    const from = this.#tick();
    await this.#say({ type: 'micro', nonce, effort: Math.round(1000 * effort), memory });
    const { readings, microseconds } = await this.#hear('readings');
    const answer = { readings: readings.map(readingOf), ms: microseconds / 1000 };
    return { answer, elapsedMs: this.#tick() - from };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#channel.close().catch(() => {});
  }

  async #say(message: FingerprintMessage): Promise<void> {
    await this.#channel.send(encodeFingerprint(message));
  }

  async #hear<T extends FingerprintMessage['type']>(
    type: T,
  ): Promise<FingerprintMessage & { type: T }> {
    const message = await this.#next();
    if (message.type === type) return message as FingerprintMessage & { type: T };
    const { peer } = this.#channel;
    if (message.type !== 'refuse') {
      throw new NexusError('BAD_MESSAGE', `${message.type} came out of turn`, named(peer));
    }
    const { code, message: why, hint } = message;
    const safe = /^[A-Z][A-Z0-9_]*$/.test(code) ? code : 'REFUSED';
    throw new NexusError(safe, why, { ...named(peer), ...(hint === '' ? {} : { hint }) });
  }

  async #next(): Promise<FingerprintMessage> {
    const signal = this.#signal, { peer } = this.#channel;
    signal.throwIfAborted();
    let end = (): void => {};
    const late = new Promise<never>((_, reject) => {
      const timer = setTimeout(() => reject(silent(peer)), SILENT_MS);
      const abort = () => reject(signal.reason);
      signal.addEventListener('abort', abort, { once: true });
      end = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
      };
    });
    const coming = this.#incoming.next();
    coming.catch(() => {});
    try {
      const { done, value } = await Promise.race([coming, late]);
      if (done) throw new NexusError('PEER_LOST', 'the executor closed the channel', named(peer));
      return decodeFingerprint(value);
    } finally {
      end();
    }
  }
}

function silent(peer: Uint8Array): NexusError {
  return new NexusError('PEER_SILENT', `no answer within ${SILENT_MS} ms`, named(peer));
}

function named(peer: Uint8Array): { peer: string; stage: string } {
  return { peer: toHex(peer), stage: 'fingerprint' };
}
