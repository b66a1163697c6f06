import { NexusError } from '../../feeds/base/mod.ts';
import { MAX_INNER, SHAPE_STEP, workOf } from './field.ts';
import type { Shape } from './types.ts';

/** Largest side of the product; a row is 32 KiB then. */
const MAX_SIDE = 16_384;

/** What an executor lets a challenger ask for. */
export interface RawLimits {
  /** Multiply-and-adds. */
  work: number;
  /** MiB of the three matrices, four bytes a cell. */
  memory: number;
}

/** Some seconds of two slow cores; some seconds of a large GPU. */
export const RAW_LIMITS: { readonly cpu: RawLimits; readonly gpu: RawLimits } = {
  cpu: { work: 2 ** 33, memory: 1024 },
  gpu: { work: 2 ** 43, memory: 16_384 },
};

/** MiB that the three matrices take at four bytes a cell. */
export function memoryOf({ rows, inner, cols }: Shape): number {
  return 4 * (rows * inner + inner * cols + rows * cols) / 2 ** 20;
}

/**
 * The shape that touches most of `memory` within `work`; of equals that with the smaller product,
 * which is sooner hashed and sent.
 * @param memory MiB
 * @param work multiply-and-adds
 */
export function shapeFor({ memory, work }: RawLimits): Shape {
  let best: Shape = { rows: SHAPE_STEP, inner: SHAPE_STEP, cols: SHAPE_STEP };
  for (let side = SHAPE_STEP; side <= MAX_SIDE; side += SHAPE_STEP) {
    const room = (memory * 2 ** 18 - side * side) / (2 * side);
    const inner = stepDown(Math.min(MAX_INNER, work / side ** 2, room));
    const shape = { rows: side, inner, cols: side };
    if (inner >= SHAPE_STEP && memoryOf(shape) > memoryOf(best)) best = shape;
  }
  return best;
}

/** The cube of so much work: what compares processors best. @param work multiply-and-adds */
export function cubeFor(work: number): Shape {
  const side = Math.min(MAX_SIDE, Math.max(SHAPE_STEP, stepDown(Math.cbrt(work) + 1)));
  return { rows: side, inner: side, cols: side };
}

/**
 * Checks a shape that came from outside.
 * @throws {NexusError} `RAW_SHAPE`, `RAW_TOO_LARGE`
 */
export function checkShape(shape: Shape, limits: RawLimits): void {
  const side = (n: number, most: number) =>
    Number.isInteger(n) && n >= SHAPE_STEP && n <= most && n % SHAPE_STEP === 0;
  const { rows, inner, cols } = shape;
  if (!side(rows, MAX_SIDE) || !side(inner, MAX_INNER) || !side(cols, MAX_SIDE)) {
    throw new NexusError('RAW_SHAPE', `a product of ${rows} x ${inner} x ${cols} is none of ours`, {
      hint: `sides are multiples of ${SHAPE_STEP}, ${MAX_INNER} at most`,
    });
  }
  if (workOf(shape) > limits.work || memoryOf(shape) > limits.memory) {
    throw new NexusError('RAW_TOO_LARGE', 'the product that was asked for is larger than allowed', {
      hint: 'ask for less work or less memory',
    });
  }
}

function stepDown(n: number): number {
  return Math.floor(n / SHAPE_STEP) * SHAPE_STEP;
}
