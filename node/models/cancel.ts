import { NexusError } from '../../feeds/base/mod.ts';

/** What to throw for `thrown`: `CANCELLED` if the caller's signal is behind it. */
export function orCancelled(thrown: unknown, signal: AbortSignal | undefined, what: string) {
  if (!signal?.aborted) return thrown;
  return new NexusError('CANCELLED', `${what} was cancelled`, {
    hint: 'do it again to go on where it stopped',
    cause: thrown,
  });
}
