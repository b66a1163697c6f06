import { NexusError } from '../../feeds/base/mod.ts';
import {
  bool,
  type Codec,
  decodeWith,
  encodeWith,
  fixed,
  list,
  struct,
  text,
  uint,
} from '../../feeds/records/mod.ts';
import { type Calibration, checkCalibration } from './calibration.ts';
import { TAIL_UNIT } from './null.ts';

/** Bytes of an encoded calibration, at most. */
const MAX_CALIBRATION_BYTES = 16_384;

const CELLS = 16;
const COUNT = 2 ** 40;

/** A score: its sign in the lowest bit. */
const score: Codec<number> = ((bits: Codec<number>) => ({
  preencode: (state, value) => bits.preencode(state, zigzag(value)),
  encode: (state, value) => bits.encode(state, zigzag(value)),
  decode: (state) => {
    const coded = bits.decode(state);
    return coded % 2 === 0 ? coded / 2 : -(coded + 1) / 2;
  },
}))(uint(2 ** 32));

const table = struct({
  strata: list(
    struct({
      name: text(32),
      jobs: uint(COUNT),
      counts: list(uint(COUNT), CELLS),
      effective: uint(COUNT),
    }),
    8,
  ),
  tails: list(uint(TAIL_UNIT), CELLS),
  alternatives: list(
    struct({ name: text(32), decisive: bool, scores: list(score, CELLS) }),
    8,
  ),
});

const calibration = struct({
  version: uint(1, 1) as Codec<1>,
  profile: fixed(32),
  executorClass: fixed(32),
  auditorClass: fixed(32),
  deltaPpm: uint(1_000_000, 1),
  slack: uint(1000, 100),
  margins: table,
  b1: table,
});

/** @throws {NexusError} `RECORD_BAD_FIELD` or `RECORD_TOO_LARGE` */
export function encodeCalibration(value: Calibration): Uint8Array {
  return encodeWith(calibration, value, MAX_CALIBRATION_BYTES);
}

/**
 * Reads a calibration that anybody may have written, and checks that its scores follow from its
 * samples' bounds.
 * @throws {NexusError} `RECORD_*`, `CALIBRATION_BAD`, `CALIBRATION_EMPTY`
 */
export function decodeCalibration(bytes: Uint8Array): Calibration {
  if (bytes.length > 0 && bytes[0] !== 1) {
    throw new NexusError('RECORD_UNKNOWN_VERSION', `unknown calibration version ${bytes[0]}`, {
      hint: 'update this program if the calibration comes from a newer one',
    });
  }
  return checkCalibration(decodeWith(calibration, bytes, MAX_CALIBRATION_BYTES));
}

function zigzag(value: number): number {
  return value < 0 ? -2 * value - 1 : 2 * value;
}
