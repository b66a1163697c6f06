import { messageCodec, type SignedAck, type SignedDigest } from '../../feeds/records/mod.ts';
import { FIELDS, WIRE_LIMITS } from './bodies.ts';

/** Protocol of the channel between requester and executor of one attempt. */
export const JOB_PROTOCOL = 'nexus/job/1';
/** Version within the protocol, the one byte of the channel's handshake. */
export const JOB_VERSION = 3;

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

const codec = messageCodec<JobMessage>('a job', WIRE_LIMITS.messageBytes, FIELDS);

/**
 * Encodes a message.
 * @throws {NexusError} `BAD_MESSAGE` if it exceeds a bound of {@link WIRE_LIMITS}
 */
export const encodeMessage: (message: JobMessage) => Uint8Array = codec.encode;

/**
 * Decodes what a peer sent; byte arrays in the result are views on `bytes`.
 * @throws {NexusError} `BAD_MESSAGE`, `UNKNOWN_MESSAGE` (a type this version does not know)
 */
export const decodeMessage: (bytes: Uint8Array) => JobMessage = codec.decode;
