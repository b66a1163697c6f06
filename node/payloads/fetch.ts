import { NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Channel, Feeds } from '../../feeds/client/mod.ts';
import { MAX_SEALED_BYTES } from './seal.ts';
import type { AttemptName } from './types.ts';
import {
  type Ask,
  decodeAnswer,
  encodeAsk,
  PAYLOAD_LIMITS,
  PAYLOAD_PROTOCOL,
  PAYLOAD_VERSION,
} from './wire.ts';

export interface FetchOptions extends AttemptName {
  /** Positions of which the candidates are wanted, at most 64; the payload without. */
  positions?: readonly number[];
  /** Their ids and leaves alone: see `unsealShown`. */
  shown?: boolean;
  /** What is larger is refused before any of it is taken; the format's bound if absent. */
  maxBytes?: number;
  signal: AbortSignal;
}

/**
 * Fetches the sealed payload of an attempt, or sealed openings, from a peer. Nothing of it is checked
 * yet: `openPayload`, `unsealOpenings`, `unsealShown`.
 * @throws {NexusError} the peer's refusal (`NOT_ENTITLED`, `PAYLOAD_ABSENT`, `BUSY`, …),
 * `PAYLOAD_TOO_LARGE`, `PAYLOAD_LENGTH`, `BAD_MESSAGE`, or why it cannot be reached
 */
export async function fetchPayload(
  feeds: Pick<Feeds, 'open'>,
  peer: Uint8Array,
  { job, attempt, positions, shown = false, maxBytes = MAX_SEALED_BYTES, signal }: FetchOptions,
): Promise<Uint8Array> {
  signal.throwIfAborted();
  const id = crypto.getRandomValues(new Uint8Array(32));
  const handshake = Uint8Array.of(PAYLOAD_VERSION);
  const channel = await feeds.open(peer, { protocol: PAYLOAD_PROTOCOL, id, handshake, signal });
  const stop = (): void => void channel.close().catch(() => {});
  signal.addEventListener('abort', stop, { once: true });
  try {
    const asked = positions === undefined ? null : [...positions];
    const ask = { job, attempt, positions: asked, shown };
    return await read(channel, ask, Math.min(maxBytes, MAX_SEALED_BYTES));
  } catch (thrown) {
    signal.throwIfAborted();
    throw thrown;
  } finally {
    signal.removeEventListener('abort', stop);
    await channel.close().catch(() => {});
  }
}

async function read(channel: Channel, ask: Ask, maxBytes: number): Promise<Uint8Array> {
  const peer = toHex(channel.peer);
  const bad = (code: string, message: string): NexusError =>
    new NexusError(code, message, { peer, stage: 'payload', hint: 'ask the other party' });
  // Who refuses at once may have closed already: its reason is read all the same.
  await channel.send(encodeAsk(ask)).catch(() => {});
  const messages = channel[Symbol.asyncIterator]();
  const first = await messages.next();
  if (first.done) throw bad('PAYLOAD_LENGTH', 'the peer closed the channel without an answer');
  const answer = decodeAnswer(first.value);
  if (!answer.ok) {
    const { code, message, hint } = answer;
    throw new NexusError(code, `the peer refused: ${message}`, { peer, stage: 'payload', hint });
  }
  const { bytes: length } = answer;
  if (length > maxBytes) {
    throw bad('PAYLOAD_TOO_LARGE', `${length} bytes, at most ${maxBytes} are taken`);
  }
  const whole = new Uint8Array(length);
  for (let at = 0; at < length;) {
    const { value, done } = await messages.next();
    if (done) throw bad('PAYLOAD_LENGTH', `${at} bytes came of ${length}`);
    const due = Math.min(PAYLOAD_LIMITS.pieceBytes, length - at);
    if (value.length !== due) {
      throw bad('PAYLOAD_LENGTH', `a piece of ${value.length} bytes, ${due} were due`);
    }
    whole.set(value, at);
    at += due;
  }
  return whole;
}
