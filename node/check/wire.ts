import {
  blob,
  bool,
  type Finding,
  fixed,
  list,
  messageCodec,
  nullable,
  type SignedDigest,
  struct,
  text,
  uint,
  word,
} from '../../feeds/records/mod.ts';
import { CHECK_LIMITS } from './limits.ts';

/** Protocol of the channel between a requester and an auditor that it has drawn itself. */
export const CHECK_PROTOCOL = 'nexus/check/1';
/** Version within the protocol, the one byte of the channel's handshake. */
export const CHECK_VERSION = 1;

/** What an auditor is to look at, and the secrets with which it can. */
export interface Ask {
  /** Bytes of the signed `job` record of the attempt. */
  job: Uint8Array;
  /** Bytes of the executor's signed `artifact`; empty where it died before. */
  artifact: Uint8Array;
  /** Its last signed digest, where there is no artifact. */
  digest: SignedDigest | null;
  /** Class that the executor named where there is no artifact; zeros if none. */
  class: Uint8Array;
  /** 32 bytes. */
  jobKey: Uint8Array;
  nonce: Uint8Array;
  /** Length of the encoded payload that follows, bytes. */
  payload: number;
}

const KINDS = ['exact', 'margin', 'margins', 'b1'] as const;
const WHYS = ['no-calibration', 'small-sample', 'open', 'empty'] as const;
const CONTRADICTIONS = [
  'TOKEN_OUTSIDE_VOCABULARY',
  'END_MISSING',
  'TOKENS_AFTER_END',
  'LENGTH_NOT_REACHED',
  'LENGTH_EXCEEDED',
  'CANDIDATES_IMPOSSIBLE',
  'DRAW_DIFFERS',
] as const;

/** Why an auditor objects, and at which positions of the whole answer; of many the first. */
export interface Objection {
  kind: typeof KINDS[number] | typeof CONTRADICTIONS[number];
  positions: number[];
}

/** What an auditor found in one attempt. */
export interface Checked {
  finding: Finding;
  /** Why it is inconclusive, else null. */
  why: typeof WHYS[number] | null;
  /** Output positions that were read. */
  positions: number;
  /** Those where the auditor's own draw, or its byte, is another. */
  mismatches: number;
  /** Determinism class of the auditor. */
  class: Uint8Array;
  /** Executor and auditor are of one class, and the auditor has proved it. */
  exact: boolean;
  objections: Objection[];
}

/** Messages of a check's channel. */
export type CheckMessage =
  /** Requester. */
  | ({ type: 'ask' } & Ask)
  /** Auditor: takes it; `ahead` checks are before it. The payload may come. */
  | { type: 'accept'; ahead: number }
  | { type: 'refuse'; code: string; message: string; hint: string }
  /** Requester: the encoded payload, in pieces. */
  | { type: 'part'; bytes: Uint8Array }
  /** Auditor, at least once in a while: it is alive, and so far. */
  | { type: 'progress'; ahead: number; done: number; total: number }
  /** Auditor: the end. */
  | ({ type: 'checked' } & Checked);

const position = uint(0xffff_ffff);
const hash = fixed(32);
const said = {
  code: text(CHECK_LIMITS.code),
  message: text(CHECK_LIMITS.message),
  hint: text(CHECK_LIMITS.message),
};
const record = blob(CHECK_LIMITS.recordBytes);

/** A message's byte is its place here, from 1. Only ever append. */
const codec = messageCodec<CheckMessage>('a check', CHECK_LIMITS.messageBytes, {
  ask: {
    job: record,
    artifact: record,
    digest: nullable(struct({ tokens: position, digest: hash, signature: fixed(64) })),
    class: hash,
    jobKey: hash,
    nonce: hash,
    payload: position,
  },
  accept: { ahead: position },
  refuse: said,
  part: { bytes: blob(CHECK_LIMITS.partBytes) },
  progress: { ahead: position, done: position, total: position },
  checked: {
    finding: word('ok', 'trigger', 'fraud', 'inconclusive'),
    why: nullable(word(...WHYS)),
    positions: position,
    mismatches: position,
    class: hash,
    exact: bool,
    objections: list(
      struct<Objection>({
        kind: word(...KINDS, ...CONTRADICTIONS),
        positions: list(position, CHECK_LIMITS.positions),
      }),
      KINDS.length + CONTRADICTIONS.length,
    ),
  },
});

/** @throws {NexusError} `BAD_MESSAGE` if a field is beyond {@link CHECK_LIMITS} */
export const encodeCheck: (message: CheckMessage) => Uint8Array = codec.encode;

/**
 * Decodes what a peer sent; its byte arrays are copies.
 * @throws {NexusError} `BAD_MESSAGE`, `UNKNOWN_MESSAGE`
 */
export function decodeCheck(bytes: Uint8Array): CheckMessage {
  return codec.decode(bytes.slice());
}
