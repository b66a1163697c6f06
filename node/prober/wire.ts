import {
  blob,
  fixed,
  list,
  messageCodec,
  struct,
  text,
  uint,
  word,
} from '../../feeds/records/mod.ts';
import type { MicroReading } from '../../fingerprint/micro/mod.ts';
import type { OpenedRow, RawBackend } from '../../fingerprint/raw/mod.ts';

/** Protocol of the channel between a challenger and the node whose machine it measures. */
export const FINGERPRINT_PROTOCOL = 'nexus/fingerprint/1';
/** Version within the protocol, the one byte of the channel's handshake. */
export const FINGERPRINT_VERSION = 2;

/** Bounds of the protocol; they belong to its version. */
export const FINGERPRINT_LIMITS = {
  messageBytes: 64 * 1024,
  /** Rows, columns and inner length of a product. */
  side: 65_536,
  /** Rows that are opened. */
  opened: 64,
  /** Bytes of one row: 16 bits a cell. */
  rowBytes: 60 * 1024,
  depth: 24,
  readings: 256,
  spread: 4,
  /** MiB of a working set. */
  memory: 65_536,
  adapter: 96,
  threads: 4096,
  code: 48,
  message: 512,
} as const;

/** Messages of a challenge. Times are of the executor's clock: claims. */
export type FingerprintMessage =
  /** Challenger: is it idle? What it measures with shall be up before the challenge comes. */
  | { type: 'begin' }
  /** Challenger: multiply. Both factors follow from the nonce. */
  | {
    type: 'raw';
    nonce: Uint8Array;
    rows: number;
    inner: number;
    cols: number;
    backend: RawBackend | 'any';
  }
  /** Challenger: measure. What, in which order and of which size follows from the nonce. */
  | { type: 'micro'; nonce: Uint8Array; effort: number; memory: number }
  /** Executor: the challenge may come. */
  | { type: 'accept' }
  | { type: 'refuse'; code: string; message: string; hint: string }
  /** Executor: what it stands by, before it knows which rows are looked at. */
  | {
    type: 'commitment';
    root: Uint8Array;
    backend: RawBackend;
    adapter: string;
    threads: number;
    microseconds: number;
  }
  /** Challenger: rows that are looked at. */
  | { type: 'open'; rows: number[] }
  /** Executor: one of them. */
  | { type: 'row'; index: number; cells: Uint8Array; path: Uint8Array[] }
  /** Executor: what the machine gave. */
  | { type: 'readings'; readings: WireReading[]; microseconds: number };

/** A reading in whole numbers. */
export interface WireReading {
  /** Picoseconds of all steps, and of filling the working set. */
  ps: number;
  setupPs: number;
  check: number;
  /** Of one step, in millionths of a nanosecond. */
  spread: number[];
}

const L = FINGERPRINT_LIMITS;
const side = uint(L.side, 1);
const hash = fixed(32);
const time = uint();
const backend = word<RawBackend>('gpu', 'cpu');

/** A message's byte is its place here, from 1. Only ever append. */
const codec = messageCodec<FingerprintMessage>('a fingerprint', L.messageBytes, {
  begin: {},
  raw: {
    nonce: hash,
    rows: side,
    inner: side,
    cols: side,
    backend: word<RawBackend | 'any'>('gpu', 'cpu', 'any'),
  },
  micro: { nonce: hash, effort: uint(1000, 1), memory: uint(L.memory, 1) },
  accept: {},
  refuse: { code: text(L.code), message: text(L.message), hint: text(L.message) },
  commitment: {
    root: hash,
    backend,
    adapter: text(L.adapter),
    threads: uint(L.threads),
    microseconds: time,
  },
  open: { rows: list(uint(L.side), L.opened) },
  row: { index: uint(L.side), cells: blob(L.rowBytes), path: list(hash, L.depth) },
  readings: {
    readings: list(
      struct<WireReading>({
        ps: uint(),
        setupPs: uint(),
        check: uint(0xffff_ffff),
        spread: list(uint(), L.spread),
      }),
      L.readings,
    ),
    microseconds: time,
  },
});

/** @throws {NexusError} `BAD_MESSAGE` if a field is beyond {@link FINGERPRINT_LIMITS} */
export const encodeFingerprint: (message: FingerprintMessage) => Uint8Array = codec.encode;

/**
 * Decodes what a peer sent; its byte arrays are copies.
 * @throws {NexusError} `BAD_MESSAGE`, `UNKNOWN_MESSAGE`
 */
export function decodeFingerprint(bytes: Uint8Array): FingerprintMessage {
  return codec.decode(bytes.slice());
}

/** A row as it is sent: two bytes a cell, the lower one first. */
export function rowMessage({ index, cells, path }: OpenedRow): FingerprintMessage {
  const bytes = new Uint8Array(2 * cells.length);
  cells.forEach((cell, i) => {
    bytes[2 * i] = cell & 0xff;
    bytes[2 * i + 1] = cell >> 8;
  });
  return { type: 'row', index, cells: bytes, path: [...path] };
}

/** The row that a message carries; an odd last byte is none. */
export function rowOf(message: FingerprintMessage & { type: 'row' }): OpenedRow {
  const { index, cells: bytes, path } = message;
  const cells = Uint16Array.from(
    { length: bytes.length >> 1 },
    (_, i) => bytes[2 * i]! | bytes[2 * i + 1]! << 8,
  );
  return { index, cells, path };
}

/** Readings as they are sent. */
export function wireReading({ ns, setup, check, spread }: MicroReading): WireReading {
  return {
    ps: Math.round(1000 * ns),
    setupPs: Math.round(1000 * setup),
    check,
    spread: spread.map((step) => Math.round(1e6 * step)),
  };
}

/** The reading that was sent. */
export function readingOf({ ps, setupPs, check, spread }: WireReading): MicroReading {
  return { ns: ps / 1000, setup: setupPs / 1000, check, spread: spread.map((step) => step / 1e6) };
}
