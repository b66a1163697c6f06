/**
 * A seeded matrix product modulo a prime, exact on every processor: rows are committed to by a
 * Merkle root first, then those that the challenger draws are opened and checked (Freivalds).
 *
 * ```ts
 * // executor                              // challenger
 * const product = multiplyHere(challenge); // sends the challenge, starts its clock
 * send(product.root);                      // stops it; only then draws rows
 * send(product.open(rows));                // verifyOpening(challenge, commitment, rows, opening, secret)
 * ```
 * @module
 */
export { type AdapterClass, type AdapterFacts, classifyAdapter, findAdapter } from './adapter.ts';
export { RAW_GAP_MS, RAW_RUN_S, RAW_RUNS, rawChanged } from './class.ts';
export { multiplyHere } from './cpu.ts';
export { PRIME, workOf } from './field.ts';
export { Gpu } from './gpu.ts';
export { Product } from './product.ts';
export { checkShape, cubeFor, memoryOf, RAW_LIMITS, type RawLimits, shapeFor } from './shape.ts';
export { catchProbability, freivaldsMiss, openingsFor } from './theory.ts';
export { Threads } from './threads.ts';
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
export {
  checkClock,
  drawRows,
  gently,
  rawResult,
  verifyOpening,
  verifyOpeningGently,
} from './verify.ts';
