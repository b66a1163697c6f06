import { type ErrorJson, fromHex, NexusError, toHex } from '../../feeds/base/mod.ts';
import type { MicroAnswer, MicroChallenge } from '../micro/mod.ts';
import type { RawChallenge, RawCommitment, RawOpening } from '../raw/mod.ts';

/** Rows that one opening may ask for. */
export const MAX_OPENED = 64;

export type Challenge = RawChallenge | MicroChallenge;

/** What a probe found on its machine. */
export interface ProbeInfo {
  /** What `any` means here. */
  backend: 'gpu' | 'cpu';
  /** The processor's name: a claim. */
  processor: string;
  threads: number;
  /** WebGPU's adapter, software or not; null where there is none. */
  adapter: string | null;
}

export type ToProbe =
  | { id: number; op: 'info' }
  | { id: number; op: 'run'; challenge: unknown }
  | { id: number; op: 'open'; positions: readonly number[] };

export type FromProbe = { id: number; ok: unknown } | { id: number; error: ErrorJson };

/** Bytes travel as hexadecimal. */
export function challengeToWire(challenge: Challenge): unknown {
  return { ...challenge, nonce: toHex(challenge.nonce) };
}

/** @throws {NexusError} `BAD_HEX`; the challenge's own figures are checked by who runs it */
export function challengeFromWire(wire: unknown): Challenge {
  const challenge = wire as Omit<Challenge, 'nonce'> & { nonce: string };
  return { ...challenge, nonce: fromHex(challenge.nonce, 32) } as Challenge;
}

export function commitmentToWire(commitment: RawCommitment): unknown {
  return { ...commitment, root: toHex(commitment.root) };
}

/** @throws {NexusError} `BAD_HEX` */
export function commitmentFromWire(wire: unknown): RawCommitment {
  const commitment = wire as Omit<RawCommitment, 'root'> & { root: string };
  return { ...commitment, root: fromHex(commitment.root, 32) };
}

export function openingToWire({ rows }: RawOpening): unknown {
  return rows.map(({ index, cells, path }) => ({
    index,
    cells: toHex(new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength)),
    path: path.map(toHex),
  }));
}

/** @throws {NexusError} `BAD_HEX`, `BAD_ANSWER` */
export function openingFromWire(wire: unknown): RawOpening {
  if (!Array.isArray(wire) || wire.length > MAX_OPENED) throw badAnswer();
  return {
    rows: wire.map(({ index, cells, path }) => {
      const bytes = fromHex(cells);
      if (bytes.length % 2 !== 0 || !Array.isArray(path) || path.length > 32) throw badAnswer();
      return {
        index,
        cells: new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2),
        path: path.map((hash) => fromHex(hash, 32)),
      };
    }),
  };
}

/** The answer of a micro challenge holds numbers only. */
export function answerFromWire(wire: unknown): MicroAnswer {
  return wire as MicroAnswer;
}

function badAnswer(): NexusError {
  return new NexusError('BAD_ANSWER', 'the probe answered something else than was asked', {
    hint: 'the probe was ended; it starts again by itself',
  });
}
