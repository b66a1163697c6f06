import { asNexusError, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { Channel, Feeds } from '../../feeds/client/mod.ts';
import type { PayloadStore } from './store.ts';
import {
  type Answer,
  decodeAsk,
  encodeAnswer,
  PAYLOAD_LIMITS,
  PAYLOAD_PROTOCOL,
  PAYLOAD_VERSION,
} from './wire.ts';

/** A channel is open for no longer. */
const CHANNEL_MS = 30_000;
/** Channels at once, in all and of one peer. */
const MAX_CHANNELS = 32;
const MAX_OF_PEER = 4;

/** What serving needs. */
export interface ServeOptions {
  store: Pick<PayloadStore, 'get' | 'openings' | 'shown'>;
  /**
   * True if that peer may have this attempt. `shown`: it asks for what proofs of sampling show of these
   * positions; null: for the transcript, or for openings.
   */
  entitled(
    peer: Uint8Array,
    job: Uint8Array,
    attempt: number,
    shown: readonly number[] | null,
  ): boolean | Promise<boolean>;
  onRefused?(peer: Uint8Array, error: NexusError): void;
}

/** Serves {@link PAYLOAD_PROTOCOL}: sealed payloads, and sealed openings, to those entitled. */
export function servePayloads(feeds: Pick<Feeds, 'serve'>, options: ServeOptions): void {
  const open = new Map<string, number>();
  let all = 0;
  feeds.serve(PAYLOAD_PROTOCOL, (channel) => {
    const peer = toHex(channel.peer);
    const own = open.get(peer) ?? 0;
    const busy = all >= MAX_CHANNELS || own >= MAX_OF_PEER;
    all++;
    open.set(peer, own + 1);
    const timer = setTimeout(() => void channel.close().catch(() => {}), CHANNEL_MS);
    answer(channel, options, busy).catch(() => {}).finally(() => {
      clearTimeout(timer);
      all--;
      const left = open.get(peer)! - 1;
      if (left > 0) open.set(peer, left);
      else open.delete(peer);
      channel.close().catch(() => {});
    });
  });
}

async function answer(channel: Channel, options: ServeOptions, busy: boolean): Promise<void> {
  let bytes: Uint8Array;
  try {
    if (busy) throw no('BUSY', 'too many payloads are being fetched', 'ask again in a while');
    bytes = await asked(channel, options);
  } catch (thrown) {
    const error = asNexusError(thrown);
    options.onRefused?.(channel.peer, error);
    const { code, message, hint = '' } = error;
    return await channel.send(encodeAnswer({ ok: false, code, message, hint }));
  }
  const head: Answer = { ok: true, bytes: bytes.length };
  await channel.send(encodeAnswer(head));
  for (let at = 0; at < bytes.length; at += PAYLOAD_LIMITS.pieceBytes) {
    await channel.send(bytes.subarray(at, at + PAYLOAD_LIMITS.pieceBytes));
  }
  // The reader closes when it has all of it.
  await channel[Symbol.asyncIterator]().next();
}

async function asked(channel: Channel, options: ServeOptions): Promise<Uint8Array> {
  const { handshake, peer } = channel;
  if (handshake.length !== 1 || handshake[0] !== PAYLOAD_VERSION) {
    throw no('BAD_VERSION', `this node speaks version ${PAYLOAD_VERSION}`, 'update the older node');
  }
  const { value, done } = await channel[Symbol.asyncIterator]().next();
  if (done) throw no('NO_QUESTION', 'the channel was closed before anything was asked');
  const { job, attempt, positions, shown } = decodeAsk(value);
  if (!await options.entitled(peer, job, attempt, shown ? positions : null)) {
    throw no('NOT_ENTITLED', 'this node opens that attempt to others only');
  }
  const { store } = options;
  const found = positions === null
    ? await store.get(job, attempt)
    : shown
    ? await store.shown(job, attempt, positions)
    : await store.openings(job, attempt, positions);
  if (found !== null) return found;
  throw no('PAYLOAD_ABSENT', 'nothing is kept of that attempt here', 'ask its other party');
}

function no(code: string, message: string, hint?: string): NexusError {
  return new NexusError(code, message, { stage: 'payload', ...(hint ? { hint } : {}) });
}
