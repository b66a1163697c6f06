import {
  BadField,
  blob,
  type Codec,
  fixed,
  list,
  type MessageFields,
  text,
  uint,
} from '../../feeds/records/mod.ts';
import type { JobMessage } from './wire.ts';

/** Bounds of the messages of a job. They belong to the protocol's version. */
export const WIRE_LIMITS = {
  /** Bytes of any message: what a channel takes at once. */
  messageBytes: 64 * 1024,
  /** Bytes of a record inside a message. */
  recordBytes: 32 * 1024,
  /** Ids in one `ids` message: at most 5 bytes each. */
  pieceIds: 8192,
  /** Ids of prompt and prefix together. */
  offerIds: 524_288,
  /** Ids in one `tokens` message. */
  batchTokens: 1024,
  /** A token id. */
  id: 0x7fff_ffff,
  position: 0xffff_ffff,
  stops: 16,
  stopBytes: 1024,
  code: 48,
  message: 512,
} as const;

const utf8 = new TextEncoder();
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Text as it is, line ends and all: a stop string. */
function rawText(max: number): Codec<string> {
  const bytes = blob(max);
  return {
    preencode(state, value) {
      if (typeof value !== 'string' || !value.isWellFormed()) throw new BadField('expected text');
      bytes.preencode(state, utf8.encode(value));
    },
    encode: (state, value) => bytes.encode(state, utf8.encode(value)),
    decode(state) {
      const raw = bytes.decode(state);
      try {
        return strict.decode(raw);
      } catch {
        throw new BadField('text is not UTF-8');
      }
    },
  };
}

const code: Codec<string> = ((inner: Codec<string>): Codec<string> => {
  const check = (value: string): string => {
    if (!/^[A-Z][A-Z0-9_]*$/.test(value)) throw new BadField('not an error code');
    return value;
  };
  return {
    preencode: (state, value) => inner.preencode(state, check(value)),
    encode: (state, value) => inner.encode(state, value),
    decode: (state) => check(inner.decode(state)),
  };
})(text(WIRE_LIMITS.code));

const hash = fixed(32);
const signature = fixed(64);
const position = uint(WIRE_LIMITS.position);
const id = uint(WIRE_LIMITS.id);
const record = blob(WIRE_LIMITS.recordBytes);
const said = { code, message: text(WIRE_LIMITS.message), hint: text(WIRE_LIMITS.message) };

/** Fields of each message; its byte is its place here, from 1. Only ever append. */
export const FIELDS: MessageFields<JobMessage> = {
  offer: {
    job: record,
    jobKey: hash,
    nonce: hash,
    stops: list(rawText(WIRE_LIMITS.stopBytes), WIRE_LIMITS.stops),
  },
  accept: { position, class: hash },
  refuse: said,
  tokens: {
    position,
    ids: list(id, WIRE_LIMITS.batchTokens),
    bytes: blob(WIRE_LIMITS.batchTokens),
  },
  digest: { tokens: position, digest: hash, signature },
  ack: { tokens: position, signature },
  heartbeat: {},
  progress: { position },
  summary: { artifact: record },
  settle: { record },
  cancel: {},
  error: { ...said, artifact: record },
  ids: { ids: list(id, WIRE_LIMITS.pieceIds) },
};
