import { equalBytes, NexusError, taggedHash } from '../../feeds/base/mod.ts';
import { factorKeys, factorRow, PRIME, workOf } from './field.ts';
import { rootFrom, rowHash } from './merkle.ts';
import { memoryOf } from './shape.ts';
import type { RawChallenge, RawCommitment, RawOpening, RawResult, RawTiming } from './types.ts';

/** Random vectors of Freivalds' check: a wrong row passes with chance 65521^-2. */
const VECTORS = 2;
/** The longest that a check keeps others waiting, ms; one row more at most. */
const STEP_MS = 5;
/** Time between the processes and the network that nobody's clock explains, ms and share. */
const SLACK_MS = 100, SLACK_SHARE = 0.1;
/**
 * Of a run, at most so much is taken off for the round trip: how long that is, the executor decides. And
 * the longest that its clock is believed to be off for it, ms.
 */
const RTT_SHARE = 0.1, MOST_RTT_MS = 1000;

/**
 * Distinct positions that are opened, ascending. Both ends can recompute them.
 * @param entropy 32 bytes that the challenger draws after the root has arrived
 * @param root what the executor is committed to
 */
export function drawRows(
  entropy: Uint8Array,
  root: Uint8Array,
  rows: number,
  count: number,
): number[] {
  const drawn = new Set<number>();
  for (let i = 0; drawn.size < Math.min(count, rows); i++) {
    const hash = taggedHash('nexus/raw-rows/1', entropy, root, Uint8Array.of(i >> 8, i & 255));
    const view = new DataView(hash.buffer, hash.byteOffset, hash.length);
    for (let at = 0; at < 32 && drawn.size < Math.min(count, rows); at += 4) {
      drawn.add(view.getUint32(at) % rows);
    }
  }
  return [...drawn].sort((a, b) => a - b);
}

/**
 * Checks what was opened: each row belongs to the root, and is the product's (Freivalds,
 * Probabilistic machines can use less running time, IFIP 1977). Takes time as `inner x cols`.
 * @param positions those that were asked for
 * @param secret 32 random bytes that the executor never learns
 * @throws {NexusError} `RAW_MALFORMED`, `RAW_UNCOMMITTED`, `RAW_WRONG`
 */
export function verifyOpening(...asked: Parameters<typeof openingSteps>): void {
  for (const _ of openingSteps(...asked));
}

/**
 * {@link verifyOpening} in steps of some milliseconds: a large product's check would keep whoever
 * else is served in this thread waiting.
 * @throws {NexusError} as that
 */
export function verifyOpeningGently(...asked: Parameters<typeof openingSteps>): Promise<void> {
  return gently(openingSteps(...asked));
}

/** Lets others run between steps. */
export async function gently(steps: Generator<void>): Promise<void> {
  let last = performance.now();
  for (const _ of steps) {
    if (performance.now() - last < STEP_MS) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    last = performance.now();
  }
}

function* openingSteps(
  challenge: RawChallenge,
  { root }: Pick<RawCommitment, 'root'>,
  positions: readonly number[],
  opening: RawOpening,
  secret: Uint8Array,
): Generator<void> {
  const { nonce, shape } = challenge;
  const { rows } = opening;
  const isAsked = rows.length === positions.length &&
    rows.every((row, i) => row.index === positions[i] && row.cells.length === shape.cols);
  if (!isAsked) throw refused('RAW_MALFORMED', 'other rows were opened than were asked for');
  for (const { index, cells, path } of rows) {
    if (cells.some((cell) => cell >= PRIME)) throw refused('RAW_MALFORMED', 'a cell is no residue');
    const made = rootFrom(rowHash(nonce, index, cells), index, shape.rows, path);
    if (made === null || !equalBytes(made, root)) {
      throw refused('RAW_UNCOMMITTED', `row ${index} is not what was committed to`);
    }
    yield;
  }
  const { a, b } = factorKeys(challenge);
  for (let v = 0; v < VECTORS; v++) {
    const x = randomVector(secret, v, shape.cols);
    const line = new Float64Array(shape.cols), bx = new Float64Array(shape.inner);
    for (let k = 0; k < shape.inner; k++) {
      factorRow(b, k, shape.cols, line);
      bx[k] = dot(line, x);
      yield;
    }
    const left = new Float64Array(shape.inner);
    for (const { index, cells } of rows) {
      factorRow(a, index, shape.inner, left);
      if (dot(left, bx) !== dot(cells, x)) {
        throw refused('RAW_WRONG', `row ${index} is not the product's`);
      }
      yield;
    }
  }
}

/**
 * The rate that a run shows, by the challenger's clock alone. The executor's must agree with it: a
 * clock that does not is no basis for its other figures.
 * @throws {NexusError} `CLOCK_DOCTORED`
 */
export function rawResult(
  { shape }: Pick<RawChallenge, 'shape'>,
  { backend, ms }: Pick<RawCommitment, 'backend' | 'ms'>,
  timing: RawTiming,
): RawResult {
  const counted = checkClock(ms, timing);
  return { backend, rate: workOf(shape) / counted / 1000, memory: memoryOf(shape), ms: counted };
}

/**
 * Compares what an executor says it took with what the challenger saw.
 * @returns elapsed less one round trip, of which a tenth of it counts at most, ms
 * @throws {NexusError} `CLOCK_DOCTORED`
 */
export function checkClock(ms: number, { elapsedMs, rttMs }: RawTiming): number {
  const counted = elapsedMs - Math.min(rttMs, RTT_SHARE * elapsedMs);
  const way = Math.min(rttMs, MOST_RTT_MS), slack = SLACK_MS + way + SLACK_SHARE * elapsedMs;
  const isOff = Math.abs(elapsedMs - way - ms) > slack;
  if (!(counted > 0) || !(ms > 0) || ms > elapsedMs + 1 || isOff) {
    throw refused(
      'CLOCK_DOCTORED',
      `the executor says ${ms.toFixed(0)} ms where ${counted.toFixed(0)} ms passed`,
    );
  }
  return counted;
}

/** Sum of products modulo the prime: exact below 2^21 terms. */
function dot(a: Float64Array | Uint16Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum % PRIME;
}

/** Residues from a hash in counter mode; the bias of 2^32 modulo the prime is below 2^-16. */
function randomVector(secret: Uint8Array, which: number, length: number): Float64Array {
  const out = new Float64Array(length), place = new Uint8Array(8);
  const view = new DataView(place.buffer);
  view.setUint32(0, which);
  for (let i = 0; i < length; i += 8) {
    view.setUint32(4, i);
    const hash = taggedHash('nexus/raw-freivalds/1', secret, place);
    const words = new DataView(hash.buffer, hash.byteOffset, hash.length);
    for (let j = 0; j < 8 && i + j < length; j++) out[i + j] = words.getUint32(4 * j) % PRIME;
  }
  return out;
}

function refused(code: string, message: string): NexusError {
  return new NexusError(code, message, {
    hint: 'the run counts for nothing: challenge again, with a fresh nonce',
    stage: 'fingerprint',
  });
}
