import { NexusError } from '../../feeds/base/mod.ts';
import {
  cubeFor,
  memoryOf,
  type RawBackend,
  type RawChallenge,
  type RawLimits,
  type Shape,
  shapeFor,
} from '../../fingerprint/raw/mod.ts';

/** MiB that the product is to fill: several times what caches hold, and room beside a model. */
const MEMORY: Record<RawBackend, number> = { cpu: 192, gpu: 2048 };
/** A GPU that has not even so much room is left alone, MiB. */
const LEAST = 64;
/** What is no fault: there is less room than was asked for, or the device does not compute now. */
const NO_ROOM = new Set(['RAW_GPU', 'RAW_TOO_LARGE']);

/** A product that was made, and how fast: multiply-and-adds a millisecond. */
export interface Sized {
  backend: RawBackend;
  pace: number;
}

export interface SizeOptions {
  /** Multiply-and-adds of the small product that goes first. */
  firstWork: number;
  /** How long the whole one is to take, seconds. */
  aimS: number;
  limits: Readonly<Record<RawBackend, RawLimits>>;
}

/** Whether it could not be made, rather than was made wrongly. */
export function isNoRoom(thrown: unknown): thrown is NexusError {
  return thrown instanceof NexusError && NO_ROOM.has(thrown.code);
}

/**
 * A product that is sized to what a small one before it showed. Where a GPU has no room for it, which a
 * model that lies there may be the reason of, half of it is tried, and in the end the processor.
 * @throws what `make` says of the processor, and whatever else it says
 */
export async function sizedProduct<T extends Sized>(
  make: (shape: Shape, backend: RawChallenge['backend']) => Promise<T>,
  { firstWork, aimS, limits }: SizeOptions,
): Promise<{ first: T; whole: T; shape: Shape }> {
  const small = cubeFor(firstWork);
  let first = await unlessNoRoom(make(small, 'any')) ?? await make(small, 'cpu');
  const shapeOf = ({ backend, pace }: Sized, memory: number) =>
    shapeFor({
      work: Math.min(limits[backend].work, Math.max(firstWork, 1000 * aimS * pace)),
      memory: Math.min(limits[backend].memory, memory),
    });
  for (let most = MEMORY.gpu; first.backend === 'gpu' && most >= LEAST;) {
    const shape = shapeOf(first, most);
    const whole = await unlessNoRoom(make(shape, 'gpu'));
    if (whole !== null) return { first, whole, shape };
    // What the time allows may be less than what the memory does.
    most = memoryOf(shape) / 2;
  }
  if (first.backend === 'gpu') first = await make(small, 'cpu');
  const shape = shapeOf(first, MEMORY.cpu);
  return { first, whole: await make(shape, 'cpu'), shape };
}

async function unlessNoRoom<T>(made: Promise<T>): Promise<T | null> {
  try {
    return await made;
  } catch (thrown) {
    if (isNoRoom(thrown)) return null;
    throw thrown;
  }
}
