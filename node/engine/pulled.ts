import type { NexusError } from '../../feeds/base/mod.ts';
import type { GenerationHandle, Sink } from './job.ts';

/** Tokens taken between two messages that say so. */
const CREDIT_EVERY = 8;

/** The source of one answer, as started by {@link pulled}. */
export interface Source extends GenerationHandle {
  /** Called once, when nobody reads any more. */
  forget(): void;
}

/**
 * Turns results that are pushed into a generator that is pulled, and says how far it was pulled.
 * @param start starts the work; aborting or leaving the generator cancels it
 * @param never what ends it where it was aborted before it began
 */
export async function* pulled<T, End>(
  start: (sink: Sink<T, End>) => Source,
  never: End,
  signal?: AbortSignal,
): AsyncGenerator<T, End, void> {
  if (signal?.aborted) return never;
  const arrived: T[] = [];
  let end: { value: End } | null = null, failure: NexusError | null = null;
  let wake: (() => void) | null = null;
  const source = start({
    next: (value) => {
      arrived.push(value);
      wake?.();
    },
    end: (value) => {
      end = { value };
      wake?.();
    },
    fail: (error) => {
      failure = error;
      wake?.();
    },
  });
  const cancel = () => source.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  let taken = 0;
  try {
    while (true) {
      if (arrived.length > 0) {
        const value = arrived.shift()!;
        if (++taken % CREDIT_EVERY === 0) source.credit(taken);
        yield value;
      } else if (failure !== null) throw failure;
      else if (end !== null) return (end as { value: End }).value;
      else await new Promise<void>((resolve) => wake = resolve);
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    if (end === null && failure === null) cancel();
    source.forget();
  }
}
