import { NexusError } from '../../feeds/base/mod.ts';
import { checkShape, type RawLimits } from '../../fingerprint/raw/mod.ts';
import type { FingerprintMessage } from './wire.ts';

/**
 * What whom nobody drew may ask for: keys cost nothing, so what each may take is little. About a second
 * of two slow cores or of a small GPU, and the micro-benchmarks that a challenger usually asks for.
 */
export const UNDRAWN_LIMITS: {
  readonly cpu: RawLimits;
  readonly gpu: RawLimits;
  readonly micro: { effort: number; memory: number };
} = {
  cpu: { work: 2 ** 30, memory: 256 },
  gpu: { work: 2 ** 38, memory: 2048 },
  // Thousandths of all steps, MiB.
  micro: { effort: 250, memory: 64 },
};

/** How long a session of somebody that nobody drew may last, milliseconds. */
export const UNDRAWN_MS = 20_000;

/**
 * Checks what whom nobody drew asks for.
 * @param backend on which this node computes where it is not told to use the processor
 * @throws {NexusError} `RAW_SHAPE`, `RAW_TOO_LARGE`, `MICRO_LIMITS`
 */
export function checkUndrawn(
  challenge: FingerprintMessage & { type: 'raw' | 'micro' },
  backend: 'gpu' | 'cpu',
): void {
  if (challenge.type === 'raw') {
    const kind = backend === 'gpu' && challenge.backend !== 'cpu' ? 'gpu' : 'cpu';
    return checkShape(challenge, UNDRAWN_LIMITS[kind]);
  }
  const { effort, memory } = UNDRAWN_LIMITS.micro;
  if (challenge.effort > effort || challenge.memory > memory) {
    throw new NexusError('MICRO_LIMITS', 'that is more than a challenger gets that was not drawn', {
      stage: 'fingerprint',
      hint: `ask for ${effort / 1000} of the steps and ${memory} MiB at most`,
    });
  }
}
