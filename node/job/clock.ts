/** Time as a job sees it; tests put their own in its place. */
export interface Clock {
  /** Wall clock, milliseconds since 1970: only ever written into records. */
  now(): number;
  /** Monotonic milliseconds. */
  tick(): number;
  /** Calls back once after `ms`; the returned function calls it off. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  tick: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`, or at once when `signal` aborts. */
export function pause(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const cancel = clock.after(ms, end);
    signal?.addEventListener('abort', end, { once: true });
  });
}

/** The value, or `otherwise` if it takes longer than `ms`. A rejection passes through. */
export async function within<T, U>(
  clock: Clock,
  ms: number,
  value: Promise<T>,
  otherwise: U,
): Promise<T | U> {
  let cancel = (): void => {};
  const late = new Promise<U>((resolve) => cancel = clock.after(ms, () => resolve(otherwise)));
  try {
    return await Promise.race([value, late]);
  } finally {
    cancel();
  }
}
