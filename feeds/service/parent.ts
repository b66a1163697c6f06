import { connect } from 'node:net';
import process, { stderr } from 'node:process';
import { messageOf } from '../base/mod.ts';
import { Link, type LinkHandlers } from '../wire/mod.ts';

/** Closing is cut short after this: the store's own log replays what was acknowledged. */
const CLOSE_MS = 4000;

/**
 * Connects a child process to the parent that started it, over the socket of its command line, and
 * ends the process when the parent asks, dies (its end of stdin closes) or sends SIGTERM.
 */
export function serveParent(
  call: LinkHandlers['call'],
  handlers: Pick<LinkHandlers, 'event' | 'data' | 'credit'>,
  close: () => Promise<void>,
): { link(): Link } {
  let ending = false;
  const end = (code: number) => {
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(code), CLOSE_MS);
    close().then(() => process.exit(code), () => process.exit(1));
  };
  process.stdin.on('end', () => end(0)).on('error', () => end(0)).resume();
  process.on('SIGTERM', () => end(0));
  // The terminal sends these to the whole group: the parent decides when to drain.
  process.on('SIGINT', () => {});
  process.on('SIGHUP', () => {});
  stderr.on('error', () => {});
  process.on('uncaughtException', (error) => {
    console.error(`uncaught: ${error?.stack ?? messageOf(error)}`);
    process.exit(70);
  });
  process.on('unhandledRejection', (error) => {
    console.error(`unhandled: ${error instanceof Error ? error.stack : messageOf(error)}`);
  });
  const socket = connect(process.argv[3]!);
  socket.on('error', () => end(1));
  const link = new Link(socket, {
    ...handlers,
    call: async (method, args, signal) => {
      const answer = await call(method, args, signal);
      if (method === 'close') setTimeout(() => end(0), 20);
      return answer;
    },
    closed: () => end(0),
  });
  return { link: () => link };
}
