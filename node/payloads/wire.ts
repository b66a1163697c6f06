import { messageOf, NexusError } from '../../feeds/base/mod.ts';
import {
  bool,
  cleanText,
  type Codec,
  decodeWith,
  encodeWith,
  fixed,
  LIMITS,
  list,
  nullable,
  struct,
  text,
  uint,
  word,
} from '../../feeds/records/mod.ts';
import { MAX_SEALED_BYTES } from './seal.ts';

/** Protocol by which payloads are fetched. */
export const PAYLOAD_PROTOCOL = 'nexus/payload/1';
/** Version within the protocol, the one byte of the channel's handshake. */
export const PAYLOAD_VERSION = 1;

/** Bounds of its messages. They belong to the version. */
export const PAYLOAD_LIMITS = {
  messageBytes: 64 * 1024,
  pieceBytes: 48 * 1024,
  /** Positions opened at once. */
  positions: 64,
} as const;

/** What is asked for. */
export interface Ask {
  job: Uint8Array;
  attempt: number;
  /** Positions of which candidates are wanted; null for the payload. */
  positions: number[] | null;
  /** Of the candidates their ids alone, with the leaves: what a proof of sampling shows. */
  shown: boolean;
}

/** What comes back: the length of what follows in pieces, or why nothing does. */
export type Answer =
  | { ok: true; bytes: number }
  | { ok: false; code: string; message: string; hint: string };

const ask = struct<Ask>({
  job: fixed(32),
  attempt: uint(LIMITS.attempts),
  positions: nullable(list(uint(LIMITS.tokens), PAYLOAD_LIMITS.positions)),
  shown: bool,
});

interface Answered {
  kind: 'bytes' | 'refusal';
  bytes: number;
  code: string;
  message: string;
  hint: string;
}

const answered = struct<Answered>({
  kind: word('bytes', 'refusal'),
  bytes: uint(MAX_SEALED_BYTES),
  code: text(48),
  message: text(512),
  hint: text(512),
});

/** @throws {NexusError} `BAD_MESSAGE` */
export const encodeAsk = (value: Ask): Uint8Array => encode(ask, value);

/** @throws {NexusError} `BAD_MESSAGE` */
export const decodeAsk = (bytes: Uint8Array): Ask => decode(ask, bytes);

/** @throws {NexusError} `BAD_MESSAGE` */
export function encodeAnswer(value: Answer): Uint8Array {
  const none = { bytes: 0, code: '', message: '', hint: '' };
  if (value.ok) return encode(answered, { ...none, kind: 'bytes', bytes: value.bytes });
  const { code, message, hint } = value;
  const said = { code, message: cleanText(message, 170), hint: cleanText(hint, 170) };
  return encode(answered, { ...none, kind: 'refusal', ...said });
}

/** @throws {NexusError} `BAD_MESSAGE` */
export function decodeAnswer(bytes: Uint8Array): Answer {
  const { kind, bytes: length, code, message, hint } = decode(answered, bytes);
  if (kind === 'bytes') return { ok: true, bytes: length };
  if (!/^[A-Z][A-Z0-9_]*$/.test(code)) throw malformed('not an error code');
  return { ok: false, code, message, hint };
}

const encode = <T>(codec: Codec<T>, value: T): Uint8Array =>
  coded(() => encodeWith(codec, value, PAYLOAD_LIMITS.messageBytes));

const decode = <T>(codec: Codec<T>, bytes: Uint8Array): T =>
  coded(() => decodeWith(codec, bytes.slice(), PAYLOAD_LIMITS.messageBytes));

function coded<T>(work: () => T): T {
  try {
    return work();
  } catch (thrown) {
    throw malformed(messageOf(thrown), thrown);
  }
}

function malformed(what: string, cause?: unknown): NexusError {
  return new NexusError('BAD_MESSAGE', `malformed message about a payload: ${what}`, {
    hint: 'the peer does not follow the protocol: ask another one',
    cause,
  });
}
