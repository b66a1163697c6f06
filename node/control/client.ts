import { NexusError } from '../../feeds/base/mod.ts';
import { controlLines, toLine } from './lines.ts';

/**
 * Calls a method of a running node and yields its events; returns its result. Leaving the loop, or
 * aborting, closes the connection, which cancels the call.
 * @throws {NexusError} `NODE_NOT_RUNNING` if nobody listens, `NODE_LOST` if the node died in
 * between, else what the node answered
 */
export async function* streamCall(
  socket: string,
  method: string,
  params: unknown = {},
  signal?: AbortSignal,
): AsyncGenerator<unknown, unknown, void> {
  signal?.throwIfAborted();
  const conn = await connect(socket);
  const close = () => {
    try {
      conn.close();
    } catch { /* closed before */ }
  };
  signal?.addEventListener('abort', close, { once: true });
  try {
    const line = toLine({ method, params });
    for (let at = 0; at < line.length;) at += await conn.write(line.subarray(at));
    for await (const text of controlLines(conn.readable)) {
      const answer = JSON.parse(text);
      if ('event' in answer) yield answer.event;
      else if ('result' in answer) return answer.result;
      else throw NexusError.fromJSON(answer.error);
    }
    throw lost();
  } catch (thrown) {
    signal?.throwIfAborted();
    throw thrown instanceof NexusError ? thrown : lost(thrown);
  } finally {
    signal?.removeEventListener('abort', close);
    close();
  }
}

/** Calls a method whose events do not matter. */
export async function call(
  socket: string,
  method: string,
  params: unknown = {},
  signal?: AbortSignal,
): Promise<unknown> {
  const run = streamCall(socket, method, params, signal);
  for (;;) {
    const { done, value } = await run.next();
    if (done) return value;
  }
}

async function connect(path: string): Promise<Deno.UnixConn> {
  try {
    return await Deno.connect({ transport: 'unix', path });
  } catch (cause) {
    throw new NexusError('NODE_NOT_RUNNING', 'no node is running here', {
      hint: 'start one with `nexus up`',
      cause,
    });
  }
}

function lost(cause?: unknown): NexusError {
  return new NexusError('NODE_LOST', 'the node stopped before it had answered', {
    hint: 'start it again with `nexus up`',
    cause,
  });
}
