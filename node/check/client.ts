import { NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/mod.ts';
import { CHECK_LIMITS } from './limits.ts';
import { patiently } from './patience.ts';
import { type Ask, type Checked, type CheckMessage, decodeCheck, encodeCheck } from './wire.ts';

/** How an audit goes on, as the auditor tells it. */
export interface CheckProgress {
  /** Checks that are before this one. */
  ahead: number;
  /** Output positions that were read, of how many. */
  done: number;
  total: number;
}

/** An auditor that says nothing for this long is given up, milliseconds. */
const SILENT_MS = 15_000;
/** And one that has not finished within this. */
const WHOLE_MS = 360_000;

/**
 * Asks an auditor over an open channel, and waits for what it finds. Closes the channel.
 * @throws {NexusError} the auditor's refusal with its code (`BUSY`, `NOT_SERVED`, …), naming the
 * peer; `AUDITOR_LATE`, `PEER_LOST`, `BAD_MESSAGE`; the reason of `signal`
 */
export async function askAuditor(
  channel: Channel,
  ask: Omit<Ask, 'payload'>,
  payload: Uint8Array,
  onProgress: (progress: CheckProgress) => void,
  signal: AbortSignal,
): Promise<Checked> {
  const whole = AbortSignal.any([signal, AbortSignal.timeout(WHOLE_MS)]);
  const incoming = channel[Symbol.asyncIterator]();
  try {
    await channel.send(encodeCheck({ type: 'ask', ...ask, payload: payload.length }));
    let message = await heard(incoming, channel.peer, whole);
    if (message.type !== 'accept') throw unexpected(message, channel.peer);
    onProgress({ ahead: message.ahead, done: 0, total: 0 });
    for (let at = 0; at < payload.length; at += CHECK_LIMITS.partBytes) {
      whole.throwIfAborted();
      const bytes = payload.subarray(at, at + CHECK_LIMITS.partBytes);
      await channel.send(encodeCheck({ type: 'part', bytes }));
    }
    for (;;) {
      message = await heard(incoming, channel.peer, whole);
      if (message.type === 'checked') {
        const { type: _, ...checked } = message;
        return checked;
      }
      if (message.type !== 'progress') throw unexpected(message, channel.peer);
      const { ahead, done, total } = message;
      onProgress({ ahead, done, total });
    }
  } finally {
    await channel.close().catch(() => {});
  }
}

async function heard(
  incoming: AsyncIterator<Uint8Array>,
  peer: Uint8Array,
  signal: AbortSignal,
): Promise<CheckMessage> {
  const message = await patiently(incoming.next(), SILENT_MS, () => silent(peer), signal);
  if (message.done) {
    throw new NexusError('PEER_LOST', 'the auditor closed the channel', named(peer));
  }
  const decoded = decodeCheck(message.value);
  if (decoded.type !== 'refuse') return decoded;
  const { code, message: why, hint } = decoded;
  const safe = /^[A-Z][A-Z0-9_]*$/.test(code) ? code : 'REFUSED';
  throw new NexusError(safe, why, { ...named(peer), ...(hint === '' ? {} : { hint }) });
}

function silent(peer: Uint8Array): NexusError {
  const message = `the auditor said nothing for ${SILENT_MS} ms`;
  return new NexusError('AUDITOR_LATE', message, named(peer));
}

function unexpected(message: CheckMessage, peer: Uint8Array): NexusError {
  return new NexusError('BAD_MESSAGE', `${message.type} came out of turn`, named(peer));
}

function named(peer: Uint8Array): { peer: string; stage: string } {
  return { peer: toHex(peer), stage: 'check' };
}
