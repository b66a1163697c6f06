import { fromHex, NexusError, taggedHash, toHex } from '../../feeds/base/mod.ts';
import type { FingerprintRecord } from '../../feeds/records/mod.ts';
import { canonicalBytes } from '../network/mod.ts';

/** Bytes of a transcript, as text, at most. */
export const MAX_TRANSCRIPT = 512 * 1024;

/** One job of a work probe. Bytes are hexadecimal, times microseconds from the first offer on. */
export interface TranscriptJob {
  step: number;
  nonce: string;
  /** Null where the job came to nothing. */
  job: string | null;
  artifact: string | null;
  promptTokens: number;
  tokens: number;
  sentAt: number;
  firstAt: number;
  lastAt: number;
  verified: boolean;
  tooLong: boolean;
}

/** What a challenger did and saw. All numbers are whole. */
export interface Transcript {
  version: 1;
  network: string;
  challenger: string;
  executor: string;
  profile: string;
  beacon: number;
  /** What the plan follows from. */
  plan: string;
  /** Measured round trip, microseconds. */
  rtt: number;
  jobs: TranscriptJob[];
  raw: {
    nonce: string;
    shape: { rows: number; inner: number; cols: number };
    root: string;
    backend: 'gpu' | 'cpu';
    adapter: string;
    /** By the challenger's clock, and by the executor's; microseconds. */
    elapsed: number;
    said: number;
    opened: number[];
  } | null;
  micro: { nonce: string; elapsed: number; said: number; features: number[] } | null;
}

/** Hash that the `fingerprint` names, 32 bytes. */
export function transcriptHash(transcript: Transcript): Uint8Array {
  return taggedHash('nexus/fingerprint-transcript/1', canonicalBytes(transcript));
}

/**
 * Whether a transcript is the one that an entry stands on.
 * @throws {NexusError} `TRANSCRIPT_FORGED` naming what differs
 */
export function checkTranscript(
  transcript: Transcript,
  record: FingerprintRecord,
  challenger: Uint8Array,
): void {
  const forged = (what: string): NexusError =>
    new NexusError('TRANSCRIPT_FORGED', `the transcript is not the one of this entry: ${what}`, {
      stage: 'fingerprint',
    });
  const same = (said: string, is: Uint8Array, what: string) => {
    if (said !== toHex(is)) throw forged(what);
  };
  same(transcript.network, record.network, 'network');
  same(transcript.challenger, challenger, 'challenger');
  same(transcript.executor, record.executor, 'executor');
  same(transcript.profile, record.profile, 'profile');
  if (transcript.beacon !== record.beacon) throw forged('beacon');
  same(toHex(transcriptHash(transcript)), record.transcript, 'content');
}

/** Hexadecimal as bytes. */
export function bytesOf(hex: string): Uint8Array {
  return fromHex(hex, hex.length / 2);
}

/** Microseconds of a time in milliseconds, since `from`. */
export function micros(ms: number, from = 0): number {
  return Math.max(0, Math.round(1000 * (ms - from)));
}
