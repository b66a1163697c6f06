import { asNexusError, cleanText, NexusError, sleep, toHex } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/mod.ts';
import type { Probe } from '../../fingerprint/probe/mod.ts';
import type { Budget } from './budget.ts';
import { checkUndrawn, UNDRAWN_MS } from './limits.ts';
import { boundNonce } from './nonce.ts';
import type { ProbePolicy } from './schedule.ts';
import { isNoRoom } from './sized.ts';
import {
  decodeFingerprint,
  encodeFingerprint,
  FINGERPRINT_LIMITS,
  FINGERPRINT_VERSION,
  type FingerprintMessage,
  rowMessage,
  wireReading,
} from './wire.ts';

/** A channel must bring the next message within this, and may be open for so long, milliseconds. */
const NEXT_MS = 10_000, WHOLE_MS = 90_000;
/** What measures is free so long after a challenge was ended, at the latest, milliseconds. */
const FREE_MS = 2_000;
/** Who is not drawn and asks nothing for so long makes room for somebody else, milliseconds. */
const IDLE_MS = 2_000;
/** Products that there is no room for, in one session: each half of the one before. */
const MOST_REFUSED = 8;
/** Nonces of the past that are not answered again. */
const MOST_NONCES = 4096;

/** What an executor tells its node. Keys are hexadecimal. */
export type ResponderEvent =
  | { type: 'answered'; challenger: string; probe: 'raw' | 'micro'; drawn: boolean; ms: number }
  | { type: 'refused'; challenger: string; error: NexusError };

export interface ResponderDeps {
  /** Network id and this node's identity key, 32 bytes each. */
  network: Uint8Array;
  self: Uint8Array;
  /** A child process of its own. */
  probe: Pick<Probe, 'info' | 'run' | 'open'>;
  budget: Budget;
  policy: ProbePolicy;
  /** Why nothing may be measured now, for people; null where it may. */
  busy: () => string | null;
  /** Aborts as soon as somebody's job begins here. */
  interrupted: () => AbortSignal;
  /** Whom this node has nothing to do with. */
  banned: (peer: Uint8Array) => boolean;
  /** The beacon drew that peer to measure this node. */
  drawn: (peer: Uint8Array) => boolean;
  tick: () => number;
  /** How long a session that nobody drew may last, milliseconds. */
  undrawnMs?: number;
  onEvent: (event: ResponderEvent) => void;
}

type Send = (message: FingerprintMessage) => Promise<void>;

/** A challenger that is being answered. */
interface Session {
  isDrawn: boolean;
  /** Since when its challenger could have asked for something, and did not; null: it did. */
  idleSince: number | null;
  /** Ends it, with the reason that its challenger is told. */
  stop: AbortController;
  /** Aborts when it has ended, and what it measured with is free. */
  over: AbortController;
}

/**
 * Answers challenges about this machine, one challenger at a time, and only while nobody's job is here: a
 * job that comes ends a challenge at once, and so does a drawn challenger one that nobody drew.
 */
export class Responder {
  readonly #deps: ResponderDeps;
  readonly #seen = new Set<string>();
  #current: Session | null = null;

  constructor(deps: ResponderDeps) {
    this.#deps = deps;
  }

  /** Serves one channel; never throws. */
  handle(channel: Channel): void {
    const timer = setTimeout(() => void channel.close().catch(() => {}), WHOLE_MS);
    this.#serve(channel).catch(() => {}).finally(() => {
      clearTimeout(timer);
      channel.close().catch(() => {});
    });
  }

  async #serve(channel: Channel): Promise<void> {
    const { onEvent, interrupted } = this.#deps;
    const send = (message: FingerprintMessage) => channel.send(encodeFingerprint(message));
    const interrupt = interrupted();
    try {
      await this.#session(channel, send, interrupt);
    } catch (thrown) {
      const failed = asNexusError(thrown, 'CHALLENGE_FAILED');
      // Its owner measures the machine with the same process.
      const why = interrupt.aborted
        ? 'a job came in between'
        : failed.code === 'PROBE_BUSY'
        ? failed.message
        : null;
      const error = why === null ? failed : no('BUSY', why, 'try again when it is idle');
      onEvent({ type: 'refused', challenger: toHex(channel.peer), error });
      await send(refusal(error));
    }
  }

  /** Any number of challenges, until the challenger closes the channel. */
  async #session(channel: Channel, send: Send, interrupt: AbortSignal): Promise<void> {
    const { banned, busy, budget, drawn, probe, tick, onEvent } = this.#deps;
    if (channel.handshake.length !== 1 || channel.handshake[0] !== FINGERPRINT_VERSION) {
      throw no('BAD_VERSION', `this node speaks version ${FINGERPRINT_VERSION}`);
    }
    const { peer } = channel;
    if (banned(peer)) throw no('BANNED', 'this node does not work for you');
    const incoming = channel[Symbol.asyncIterator]();
    const begin = await next(incoming);
    if (begin?.type !== 'begin') throw no('BAD_MESSAGE', 'something else came than a beginning');
    const isDrawn = drawn(peer), current = this.#current;
    const isLeft = current?.idleSince != null && tick() - current.idleSince >= IDLE_MS;
    const isTaken = current !== null && (current.isDrawn || !isDrawn && !isLeft);
    const why = isTaken ? 'another challenge is being answered' : busy();
    if (why !== null) throw no('BUSY', why, 'try again when it is idle');
    budget.enter(peer, isDrawn);
    const mine: Session = {
      isDrawn,
      idleSince: null,
      stop: new AbortController(),
      over: new AbortController(),
    };
    this.#current = mine;
    const who = isDrawn ? 'a drawn challenger' : 'another challenger';
    current?.stop.abort(no('BUSY', `${who} came`, 'try again later'));
    const limitMs = isDrawn ? WHOLE_MS : this.#deps.undrawnMs ?? UNDRAWN_MS;
    const timer = setTimeout(
      () => mine.stop.abort(no('CHALLENGE_OVER', `it may last ${limitMs} ms`)),
      limitMs,
    );
    const signal = AbortSignal.any([interrupt, mine.stop.signal]);
    try {
      // What does not read its refusal holds nothing that is needed here.
      if (current !== null) await sleep(FREE_MS, current.over.signal);
      const { backend } = await probe.info(signal);
      await send({ type: 'accept' });
      for (let refused = 0;;) {
        mine.idleSince = tick();
        const challenge = await next(incoming, mine.stop.signal);
        mine.idleSince = null;
        if (challenge === null) return;
        if (challenge.type !== 'raw' && challenge.type !== 'micro') {
          throw no('BAD_MESSAGE', `${challenge.type} came, not a challenge`);
        }
        if (!isDrawn) checkUndrawn(challenge, backend);
        this.#fresh(challenge.nonce);
        budget.check(isDrawn);
        const since = tick();
        try {
          if (challenge.type === 'raw') await this.#raw(challenge, incoming, peer, send, signal);
          else await this.#micro(challenge, peer, send, signal);
        } catch (thrown) {
          if (!isNoRoom(thrown) || ++refused > MOST_REFUSED) throw thrown;
          // A smaller one may fit, and the micro-benchmarks do.
          onEvent({ type: 'refused', challenger: toHex(peer), error: thrown });
          await send(refusal(thrown));
          continue;
        } finally {
          budget.spend(tick() - since);
        }
        const ms = Math.round(tick() - since), challenger = toHex(peer);
        onEvent({ type: 'answered', challenger, probe: challenge.type, drawn: isDrawn, ms });
      }
    } catch (thrown) {
      throw mine.stop.signal.aborted ? mine.stop.signal.reason : thrown;
    } finally {
      clearTimeout(timer);
      mine.over.abort();
      if (this.#current === mine) this.#current = null;
      if (!isDrawn) budget.leave(peer);
    }
  }

  async #raw(
    challenge: FingerprintMessage & { type: 'raw' },
    incoming: AsyncIterator<Uint8Array>,
    peer: Uint8Array,
    send: Send,
    signal: AbortSignal,
  ): Promise<void> {
    const { rows, inner, cols, backend } = challenge;
    const { probe } = this.#deps;
    const nonce = this.#bound(challenge.nonce, peer);
    const { root, adapter, threads, ms, backend: used } = await probe.run(
      { type: 'raw', nonce, shape: { rows, inner, cols }, backend },
      signal,
    );
    await send({
      type: 'commitment',
      root,
      backend: used,
      adapter: cleanText(adapter, FINGERPRINT_LIMITS.adapter),
      threads,
      microseconds: Math.round(1000 * ms),
    });
    const asked = await next(incoming);
    if (asked?.type !== 'open') throw no('BAD_MESSAGE', 'something else came than rows to open');
    const opening = await probe.open(asked.rows, signal);
    for (const row of opening.rows) await send(rowMessage(row));
  }

  async #micro(
    { nonce, effort, memory }: FingerprintMessage & { type: 'micro' },
    peer: Uint8Array,
    send: Send,
    signal: AbortSignal,
  ): Promise<void> {
    const bound = this.#bound(nonce, peer);
    const { readings, ms } = await this.#deps.probe.run(
      { type: 'micro', nonce: bound, effort: effort / 1000, memory },
      signal,
    );
    const microseconds = Math.round(1000 * ms);
    await send({ type: 'readings', readings: readings.map(wireReading), microseconds });
  }

  #bound(nonce: Uint8Array, challenger: Uint8Array): Uint8Array {
    const { network, self } = this.#deps;
    return boundNonce(nonce, { network, challenger, executor: self });
  }

  /** An old nonce asks for what may be known already: that measures nothing. */
  #fresh(nonce: Uint8Array): void {
    const name = toHex(nonce);
    if (this.#seen.has(name)) throw no('OLD_NONCE', 'this challenge was answered before');
    this.#seen.add(name);
    if (this.#seen.size > MOST_NONCES) this.#seen.delete(this.#seen.keys().next().value!);
  }
}

/** Null where the challenger has closed. */
async function next(
  incoming: AsyncIterator<Uint8Array>,
  signal?: AbortSignal,
): Promise<FingerprintMessage | null> {
  signal?.throwIfAborted();
  let abort = (): void => {};
  const late = no('NO_CHALLENGE', `nothing came within ${NEXT_MS} ms`);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const given = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), NEXT_MS);
    abort = () => reject(signal?.reason);
    signal?.addEventListener('abort', abort, { once: true });
  });
  const coming = incoming.next();
  coming.catch(() => {});
  try {
    const { done, value } = await Promise.race([coming, given]);
    return done ? null : decodeFingerprint(value);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

function refusal({ code, message, hint }: NexusError): FingerprintMessage {
  return {
    type: 'refuse',
    code: code.slice(0, FINGERPRINT_LIMITS.code),
    message: cleanText(message, FINGERPRINT_LIMITS.message),
    hint: cleanText(hint ?? '', FINGERPRINT_LIMITS.message),
  };
}

function no(code: string, message: string, hint?: string): NexusError {
  return new NexusError(code, message, {
    stage: 'fingerprint',
    ...(hint === undefined ? {} : { hint }),
  });
}
