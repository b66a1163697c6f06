import { asNexusError, sleep } from '../../feeds/base/mod.ts';
import { streamCall, type WatchEvent } from '../control/mod.ts';

/** What {@link watchNode} yields beside a node's own events: the node is not there. */
export interface Away {
  event: 'away';
  /** Milliseconds since 1970. */
  at: number;
  /** Code of what the attempt to reach it said. */
  code: string;
  reason: string;
}

/** Waits between two attempts to reach a node. */
const BACKOFF_MS = { first: 250, most: 2000, factor: 2 };

export interface WatchOptions {
  now?: () => number;
  /** Attaches to the node; its stream ends or throws when the node goes away. */
  attach?: (signal: AbortSignal) => AsyncGenerator<unknown, unknown, void>;
  pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/**
 * Follows a node through its control socket, and stays when it goes away: `away` is told, again where
 * the reason has changed, and a fresh `snapshot` when it is back. Ends when the signal aborts.
 */
export async function* watchNode(
  socket: string,
  signal: AbortSignal,
  options: WatchOptions = {},
): AsyncGenerator<WatchEvent | Away, void, void> {
  const { now = Date.now, pause = sleep } = options;
  const attach = options.attach ?? ((signal) => streamCall(socket, 'watch', {}, signal));
  let wait = BACKOFF_MS.first;
  let away: string | null = null;
  while (!signal.aborted) {
    let code = 'NODE_LOST', reason = 'the node stopped';
    try {
      for await (const event of attach(signal)) {
        yield event as WatchEvent;
        wait = BACKOFF_MS.first;
        away = null;
      }
    } catch (thrown) {
      ({ code, message: reason } = asNexusError(thrown));
    }
    if (signal.aborted) return;
    // The same reason again is no news.
    if (away !== code) yield { event: 'away', at: now(), code, reason };
    away = code;
    await pause(wait, signal);
    wait = Math.min(BACKOFF_MS.most, wait * BACKOFF_MS.factor);
  }
}
