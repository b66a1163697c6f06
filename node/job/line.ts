import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import type { Channel } from '../../feeds/client/mod.ts';
import type { Clock } from './clock.ts';

/** Opens a channel; it must give up when its signal aborts. */
export type Dial = (signal: AbortSignal) => Promise<Channel>;

/**
 * Opens a channel within a bound. A channel that comes after that is closed at once.
 * @throws {NexusError} `CONNECT_LATE`, what dialling threw, or the reason of `signal`
 */
export function openLine(
  dial: Dial,
  clock: Clock,
  ms: number,
  signal: AbortSignal,
): Promise<Channel> {
  const stop = new AbortController();
  return new Promise<Channel>((resolve, reject) => {
    let over = false;
    const end = (settle: () => void): void => {
      if (over) return;
      over = true;
      cancel();
      signal.removeEventListener('abort', abort);
      settle();
    };
    const giveUp = (reason: unknown): void =>
      end(() => {
        stop.abort(reason);
        reject(asNexusError(reason));
      });
    const abort = (): void => giveUp(signal.reason);
    const cancel = clock.after(ms, () => giveUp(late(ms)));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) return abort();
    dial(stop.signal).then((channel) => {
      if (over) channel.close().catch(() => {});
      else end(() => resolve(channel));
    }, giveUp);
  });
}

function late(ms: number): NexusError {
  return new NexusError('CONNECT_LATE', `no connection within ${ms} ms`, {
    hint: 'check that the node runs and can be reached',
  });
}
