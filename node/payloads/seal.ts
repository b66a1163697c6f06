import nacl from 'tweetnacl';
import { concatBytes, messageOf, NexusError, taggedHash } from '../../feeds/base/mod.ts';
import {
  blob,
  decodeWith,
  encodeWith,
  fixed,
  list,
  type Salted,
  struct,
} from '../../feeds/records/mod.ts';
import { decodePayload, encodePayload, MAX_PAYLOAD_BYTES } from '../audit/mod.ts';
import type { Disclosed } from './types.ts';

const VERSION = 1;
const MAX_STOPS = 16;
const MAX_STOP_BYTES = 1024;
const NONCE = nacl.secretbox.nonceLength;

/** Bytes of a sealed payload, at most. */
export const MAX_SEALED_BYTES = MAX_PAYLOAD_BYTES + MAX_STOPS * (MAX_STOP_BYTES + 8) + 128;

const plain = struct<{ nonce: Uint8Array; stops: Uint8Array[]; payload: Uint8Array }>({
  nonce: fixed(32),
  stops: list(blob(MAX_STOP_BYTES), MAX_STOPS),
  payload: blob(MAX_PAYLOAD_BYTES),
});

/**
 * Encrypts with a key that follows from the job key: the version byte 1, a nonce of 24 bytes,
 * tweetnacl's secretbox. Equal values give equal bytes, and no two values share a nonce.
 */
export function seal(value: Uint8Array, of: Salted): Uint8Array {
  const key = keyOf(of);
  const nonce = taggedHash('nexus/payload-nonce/1', key, value).slice(0, NONCE);
  return concatBytes(Uint8Array.of(VERSION), nonce, nacl.secretbox(value, nonce, key));
}

/**
 * Decrypts what {@link seal} made.
 * @throws {NexusError} `PAYLOAD_UNKNOWN_VERSION`, `PAYLOAD_SEALED`: another key, or changed bytes
 */
export function unseal(sealed: Uint8Array, of: Salted): Uint8Array {
  if (sealed[0] !== VERSION) {
    throw new NexusError('PAYLOAD_UNKNOWN_VERSION', `unknown payload version ${sealed[0]}`, {
      hint: 'update this program if the payload comes from a newer one',
    });
  }
  // The library throws on a nonce that is too short.
  const value = sealed.length <= NONCE
    ? null
    : nacl.secretbox.open(sealed.subarray(1 + NONCE), sealed.subarray(1, 1 + NONCE), keyOf(of));
  if (value !== null) return value;
  throw new NexusError('PAYLOAD_SEALED', 'the payload does not open with this job key', {
    hint: 'whoever sent it changed it, or it belongs to another attempt: ask the other party',
  });
}

/**
 * Encodes and encrypts a transcript.
 * @throws {NexusError} `PAYLOAD_BAD`, `PAYLOAD_TOO_LARGE`
 */
export function sealPayload({ payload, nonce, stops }: Disclosed, of: Salted): Uint8Array {
  const utf8 = new TextEncoder();
  const value = {
    nonce,
    stops: stops.map((stop) => utf8.encode(stop)),
    payload: encodePayload(payload),
  };
  return seal(coded(() => encodeWith(plain, value, MAX_SEALED_BYTES)), of);
}

/** A transcript, decrypted; `payload` is not decoded yet, and nothing of it checked. */
export interface Unsealed {
  /** `encodePayload`'s bytes. */
  payload: Uint8Array;
  nonce: Uint8Array;
  stops: string[];
}

/**
 * Decrypts a transcript that anybody may have written.
 * @throws {NexusError} `PAYLOAD_SEALED`, `PAYLOAD_UNKNOWN_VERSION`, `PAYLOAD_BAD`
 */
export function unsealPayload(sealed: Uint8Array, of: Salted): Unsealed {
  const value = unseal(sealed, of);
  const { nonce, stops, payload } = coded(() => decodeWith(plain, value, MAX_SEALED_BYTES));
  const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const texts = coded(() => stops.map((stop) => strict.decode(stop)));
  return { payload, nonce, stops: texts };
}

/**
 * Decrypts and decodes a transcript. What was signed of it is for the caller to compare.
 * @param vocabulary ids are below it
 * @throws {NexusError} `PAYLOAD_…`
 */
export function openPayload(sealed: Uint8Array, of: Salted, vocabulary: number): Disclosed {
  const { payload, nonce, stops } = unsealPayload(sealed, of);
  return { payload: decodePayload(payload, vocabulary), nonce, stops };
}

function keyOf({ jobKey, job, attempt }: Salted): Uint8Array {
  return taggedHash('nexus/payload-key/1', jobKey, job, Uint8Array.of(attempt >> 8, attempt));
}

function coded<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    const isOurs = thrown instanceof NexusError && !thrown.code.startsWith('RECORD_');
    if (isOurs) throw thrown;
    throw new NexusError('PAYLOAD_BAD', `bad payload: ${messageOf(thrown)}`, {
      hint: 'list the job as not audited for this reason: its writer does not follow the format',
      cause: thrown,
    });
  }
}
