/**
 * A value, waited for within a bound.
 * @param late what to say when it does not come in time
 * @throws {NexusError} what `late` makes; the reason of `signal`
 */
export async function patiently<T>(
  value: Promise<T>,
  ms: number,
  late: () => Error,
  signal?: AbortSignal,
): Promise<T> {
  signal?.throwIfAborted();
  let end = (): void => {};
  const given = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(late()), ms);
    const abort = () => reject(signal!.reason);
    signal?.addEventListener('abort', abort, { once: true });
    end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
    };
  });
  try {
    return await Promise.race([value, given]);
  } finally {
    end();
    value.catch(() => {});
  }
}
