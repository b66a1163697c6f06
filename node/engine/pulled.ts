import type { NexusError } from '../../feeds/base/mod.ts';
import type { GenerationHandle, GenerationSink } from './job.ts';
import type { GeneratedToken, GenerateEnd } from './types.ts';

/** Tokens taken between two messages that say so. */
const CREDIT_EVERY = 8;

/** The source of one answer, as started by {@link pulled}. */
export interface Source extends GenerationHandle {
  /** Called once, when nobody reads any more. */
  forget(): void;
}

/**
 * Turns tokens that are pushed into a generator that is pulled, and says how far it was pulled.
 * @param start starts the answer; aborting or leaving the generator cancels it
 */
export async function* pulled(
  start: (sink: GenerationSink) => Source,
  signal?: AbortSignal,
): AsyncGenerator<GeneratedToken, GenerateEnd, void> {
  if (signal?.aborted) return { finish: 'cancelled', text: '', cached: 0, promptMs: 0, totalMs: 0 };
  const arrived: GeneratedToken[] = [];
  let end: GenerateEnd | null = null, failure: NexusError | null = null;
  let wake: (() => void) | null = null;
  const source = start({
    token: (token) => {
      arrived.push(token);
      wake?.();
    },
    end: (value) => {
      end = value;
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
        const token = arrived.shift()!;
        if (++taken % CREDIT_EVERY === 0) source.credit(taken);
        yield token;
      } else if (failure !== null) throw failure;
      else if (end !== null) return end;
      else await new Promise<void>((resolve) => wake = resolve);
    }
  } finally {
    signal?.removeEventListener('abort', cancel);
    if (end === null && failure === null) cancel();
    source.forget();
  }
}
