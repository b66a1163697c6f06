import { messageOf, NexusError } from '../../feeds/base/mod.ts';
import { type Codec, decodeWith, encodeWith, type SignedAck } from '../../feeds/records/mod.ts';
import type { SignedDigest } from '../../feeds/records/mod.ts';
import { BODIES, WIRE_LIMITS } from './bodies.ts';

/** Protocol of the channel between requester and executor of one attempt. */
export const JOB_PROTOCOL = 'nexus/job/1';
/** Version within the protocol, the one byte of the channel's handshake. */
export const JOB_VERSION = 2;

/** What a refusal or a failure says. `code` is stable; `message` and `hint` are for people. */
export interface Said {
  code: string;
  message: string;
  hint: string;
}

/** Messages of a job's channel. */
export type JobMessage =
  /** Requester: the signed `job` record, and the two secrets of 32 bytes that go with it. */
  | { type: 'offer'; job: Uint8Array; jobKey: Uint8Array; nonce: Uint8Array; stops: string[] }
  /** Requester, after the offer: the prompt's ids, then those of earlier attempts, in pieces. */
  | { type: 'ids'; ids: number[] }
  /** Executor: takes the job. `position` jobs are before it; 0 starts now. */
  | { type: 'accept'; position: number; class: Uint8Array }
  | ({ type: 'refuse' } & Said)
  /** Executor: output ids and one artifact byte each; `position` of the first in the whole answer. */
  | { type: 'tokens'; position: number; ids: number[]; bytes: Uint8Array }
  | ({ type: 'digest' } & SignedDigest)
  /** Requester: cumulative. */
  | ({ type: 'ack' } & SignedAck)
  /** Executor: alive. */
  | { type: 'heartbeat' }
  /** Executor: jobs that are still before this one; 0 means that work has begun. */
  | { type: 'progress'; position: number }
  /** Executor: bytes of the signed `artifact` record. */
  | { type: 'summary'; artifact: Uint8Array }
  /** Requester: bytes of its `settle` record. */
  | { type: 'settle'; record: Uint8Array }
  | { type: 'cancel' }
  /** Executor: the attempt failed; `artifact` commits to what it had made, empty if nothing. */
  | ({ type: 'error'; artifact: Uint8Array } & Said);

export type JobMessageType = JobMessage['type'];

/**
 * Encodes a message.
 * @throws {NexusError} `BAD_MESSAGE` if it exceeds a bound of {@link WIRE_LIMITS}
 */
export function encodeMessage(message: JobMessage): Uint8Array {
  return coded(() => encodeWith(message_, message, WIRE_LIMITS.messageBytes));
}

/**
 * Decodes what a peer sent; byte arrays in the result are views on `bytes`.
 * @throws {NexusError} `BAD_MESSAGE`, `UNKNOWN_MESSAGE` (a type this version does not know)
 */
export function decodeMessage(bytes: Uint8Array): JobMessage {
  return coded(() => decodeWith(message_, bytes, WIRE_LIMITS.messageBytes));
}

const BYTE = new Map(BODIES.map(([type], i) => [type, i + 1]));

const message_: Codec<JobMessage> = {
  preencode(state, value) {
    const byte = BYTE.get(value.type);
    if (byte === undefined) throw unknown(String(value.type));
    state.end += 1;
    BODIES[byte - 1]![1].preencode(state, value);
  },
  encode(state, value) {
    const byte = BYTE.get(value.type)!;
    state.buffer![state.start++] = byte;
    BODIES[byte - 1]![1].encode(state, value);
  },
  decode(state) {
    if (state.start >= state.end) throw new NexusError('BAD_MESSAGE', 'an empty message');
    const byte = state.buffer![state.start++]!;
    const body = BODIES[byte - 1];
    if (body === undefined) throw unknown(String(byte));
    return Object.assign({ type: body[0] }, body[1].decode(state)) as JobMessage;
  },
};

function unknown(type: string): NexusError {
  return new NexusError('UNKNOWN_MESSAGE', `unknown message of a job: ${type.slice(0, 40)}`, {
    hint: 'one of the two nodes is older: update it',
  });
}

function coded<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof NexusError && !thrown.code.startsWith('RECORD_')) throw thrown;
    throw new NexusError('BAD_MESSAGE', `malformed message of a job: ${messageOf(thrown)}`, {
      hint: 'the peer does not follow the protocol: use another one',
      cause: thrown,
    });
  }
}
