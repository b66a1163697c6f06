import { asNexusError, cleanText, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/mod.ts';
import { verifyEd25519 } from '../../feeds/records/mod.ts';
import { no, type Signed, signedOf } from './claim.ts';
import { CHECK_LIMITS, CHECK_RULES, type CheckRules } from './limits.ts';
import { patiently } from './patience.ts';
import { Turns } from './turns.ts';
import {
  type Ask,
  CHECK_VERSION,
  type Checked,
  type CheckMessage,
  decodeCheck,
  encodeCheck,
} from './wire.ts';

/** What a node that checks has to offer. */
export interface CheckerDeps {
  /** Network id, 32 bytes. */
  network: Uint8Array;
  /** This node's identity key. */
  self: Uint8Array;
  rules?: CheckRules;
  /** Policy beyond the protocol; null lets a peer ask. */
  admit?: (peer: Uint8Array) => NexusError | null;
  /**
   * Why an attempt cannot be read here; null where it can: its model with weights is loaded, and it
   * fits the context.
   */
  refuse: (signed: Signed) => NexusError | null;
  /** Reads and judges the encoded payload; checks its commitments first. */
  check: (
    ask: Ask,
    signed: Signed,
    payload: Uint8Array,
    onRead: (done: number) => void,
    signal: AbortSignal,
  ) => Promise<Checked>;
  onEvent?: (event: CheckerEvent) => void;
}

/** What an auditor tells its node. Keys and ids are hexadecimal. */
export type CheckerEvent =
  | { type: 'refused'; requester: string; error: NexusError }
  | {
    type: 'checked';
    requester: string;
    job: string;
    attempt: number;
    executor: string;
    checked: Checked;
    ms: number;
  };

/** Checks answers for the peers that ask for it: one at a time, in turn. */
export class Checker {
  readonly #deps: Required<CheckerDeps>;
  readonly #turns: Turns;
  readonly #open = new Map<string, number>();

  constructor(deps: CheckerDeps) {
    this.#deps = { rules: CHECK_RULES, admit: () => null, onEvent: () => {}, ...deps };
    this.#turns = new Turns(this.#deps.rules);
  }

  /** Serves one channel; never throws. */
  handle(channel: Channel): void {
    this.#serve(channel).catch(() => {}).finally(() => channel.close().catch(() => {}));
  }

  async #serve(channel: Channel): Promise<void> {
    const send = (message: CheckMessage) => channel.send(encodeCheck(message));
    const gone = new AbortController();
    try {
      await this.#checked(channel, send, gone);
    } catch (thrown) {
      const error = asNexusError(thrown, 'CHECK_FAILED');
      this.#deps.onEvent({ type: 'refused', requester: toHex(channel.peer), error });
      if (!gone.signal.aborted) await send(refusal(error));
    } finally {
      gone.abort();
    }
  }

  async #checked(
    channel: Channel,
    send: (message: CheckMessage) => Promise<void>,
    gone: AbortController,
  ): Promise<void> {
    const { rules, check, onEvent } = this.#deps;
    const since = performance.now();
    const incoming = channel[Symbol.asyncIterator]();
    const { ask, signed } = await this.#asked(channel, incoming);
    const requester = toHex(channel.peer);
    using turn = this.#turns.enter(requester);
    await send({ type: 'accept', ahead: turn.ahead });
    const payload = await within(rules.payloadMs, 'PAYLOAD_LATE', payloadOf(incoming, ask));
    // Nothing more is expected: the end means that nobody waits for the verdict.
    incoming.next().then(() => gone.abort(), () => gone.abort());
    let done = 0;
    const progress = (): CheckMessage => ({
      type: 'progress',
      ahead: turn.ahead,
      done,
      total: signed.tokens,
    });
    const alive = setInterval(() => send(progress()).catch(() => gone.abort()), rules.aliveMs);
    try {
      await turn.begin(gone.signal);
      const signal = AbortSignal.any([gone.signal, AbortSignal.timeout(rules.workMs)]);
      const checked = await check(ask, signed, payload, (read) => done = read, signal);
      clearInterval(alive);
      const { job, attempt, executor } = signed.job;
      onEvent({
        type: 'checked',
        requester,
        job: toHex(job),
        attempt,
        executor: toHex(executor),
        checked,
        ms: performance.now() - since,
      });
      await send({ type: 'checked', ...checked });
    } finally {
      clearInterval(alive);
    }
  }

  /** Reads the question, and refuses it before a transcript is sent where it can. */
  async #asked(
    channel: Channel,
    incoming: AsyncIterator<Uint8Array>,
  ): Promise<{ ask: Ask; signed: Signed }> {
    const { rules, network, self, admit, refuse } = this.#deps;
    if (channel.handshake.length !== 1 || channel.handshake[0] !== CHECK_VERSION) {
      throw no('BAD_VERSION', `this node speaks version ${CHECK_VERSION}: update the older one`);
    }
    const refused = admit(channel.peer);
    if (refused !== null) throw refused;
    using _open = this.#enter(toHex(channel.peer));
    const message = decodeCheck(await within(rules.askMs, 'NO_ASK', next(incoming)));
    if (message.type !== 'ask') throw no('BAD_MESSAGE', `${message.type} came, not a question`);
    const context = { network, peer: channel.peer, verify: verifyEd25519 };
    const signed = await signedOf(message, context);
    if (toHex(signed.job.executor) === toHex(self)) {
      throw no('OWN_WORK', 'this node made that answer itself', 'ask another one');
    }
    const unfit = refuse(signed);
    if (unfit !== null) throw unfit;
    if (message.payload > payloadBound(signed)) {
      throw no('PAYLOAD_TOO_LARGE', `${message.payload} bytes are no transcript of this attempt`);
    }
    return { ask: message, signed };
  }

  #enter(peer: string): Disposable {
    const open = this.#open.get(peer) ?? 0;
    if (open >= this.#deps.rules.openPerPeer) {
      throw no('BUSY', `${open} channels are open without a question`, 'ask again later');
    }
    this.#open.set(peer, open + 1);
    return {
      [Symbol.dispose]: () => {
        const left = this.#open.get(peer)! - 1;
        if (left > 0) this.#open.set(peer, left);
        else this.#open.delete(peer);
      },
    };
  }
}

/** Bytes that the encoded payload of an attempt has at most: its ids, its bytes, the counts. */
function payloadBound({ job, tokens }: Signed): number {
  return 5 * (job.promptTokens + job.resumeAt + tokens) + tokens + 16;
}

async function payloadOf(incoming: AsyncIterator<Uint8Array>, ask: Ask): Promise<Uint8Array> {
  const whole = new Uint8Array(ask.payload);
  for (let at = 0; at < whole.length;) {
    const message = decodeCheck(await next(incoming));
    if (message.type !== 'part') throw no('BAD_MESSAGE', `${message.type} came, not a transcript`);
    const { bytes } = message;
    if (bytes.length === 0 || bytes.length > whole.length - at) {
      throw no('BAD_CHECK', 'the transcript is not as long as was said');
    }
    whole.set(bytes, at);
    at += bytes.length;
  }
  return whole;
}

async function next(incoming: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const { done, value } = await incoming.next();
  if (done) throw no('NO_ASK', 'the channel ended before the question was whole');
  return value;
}

function within<T>(ms: number, code: string, value: Promise<T>): Promise<T> {
  return patiently(value, ms, () => no(code, `it did not come within ${ms} ms`));
}

function refusal({ code, message, hint }: NexusError): CheckMessage {
  return {
    type: 'refuse',
    code: code.slice(0, CHECK_LIMITS.code),
    message: cleanText(message, CHECK_LIMITS.message),
    hint: cleanText(hint ?? '', CHECK_LIMITS.message),
  };
}
