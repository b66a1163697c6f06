/**
 * A seeded matrix product modulo a prime, exact on every processor: rows are committed to by a
 * Merkle root first, then those that the challenger draws are opened and checked (Freivalds).
 * @module
 */
export type {
  OpenedRow,
  RawBackend,
  RawChallenge,
  RawCommitment,
  RawOpening,
  RawResult,
  RawTiming,
  Shape,
} from './types.ts';
