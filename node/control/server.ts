import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import { readLines, toLine } from './lines.ts';

/**
 * One method of the local interface. Yielded values become events of the call, the returned value
 * its result. The signal aborts when the caller goes away.
 */
export type Handler = (
  params: unknown,
  signal: AbortSignal,
) => AsyncGenerator<unknown, unknown, void> | Promise<unknown>;

export type Handlers = Record<string, Handler>;

/** A listening control socket. */
export interface ControlServer extends AsyncDisposable {
  readonly path: string;
  /** Calls in progress. */
  readonly calls: number;
  /** Resolves when no call is in progress. */
  idle(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Serves methods on a Unix socket: one call a connection, NDJSON both ways, so that the socket's own
 * flow control holds back a call whose reader is slow, and a closed connection is a cancelled call.
 * The caller holds the home's lock, hence a socket file that is already there is stale.
 */
export async function serveControl(path: string, handlers: Handlers): Promise<ControlServer> {
  await Deno.remove(path).catch(() => {});
  const listener = Deno.listen({ transport: 'unix', path });
  await Deno.chmod(path, 0o600);
  const calls = new Set<Promise<void>>();
  const aborts = new Set<AbortController>();
  const accepting = (async () => {
    for await (const conn of listener) {
      const abort = new AbortController();
      aborts.add(abort);
      const call = answer(conn, handlers, abort).finally(() => {
        calls.delete(call);
        aborts.delete(abort);
      });
      calls.add(call);
    }
  })();
  const close = async () => {
    try {
      listener.close();
    } catch { /* closed before */ }
    for (const abort of aborts) abort.abort(new NexusError('NODE_STOPPED', 'the node stopped'));
    await Promise.allSettled([accepting, ...calls]);
    await Deno.remove(path).catch(() => {});
  };
  return {
    path,
    get calls() {
      return calls.size;
    },
    async idle() {
      while (calls.size > 0) await Promise.allSettled(calls);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function answer(conn: Deno.UnixConn, handlers: Handlers, abort: AbortController) {
  const write = async (value: unknown) => {
    const line = toLine(value);
    for (let at = 0; at < line.length;) at += await conn.write(line.subarray(at));
  };
  try {
    const lines = readLines(conn.readable);
    const first = await lines.next();
    if (first.done) return;
    // Nothing more is expected: the end of the stream means that the caller left.
    lines.next().then(() => abort.abort(), () => abort.abort());
    const run = callOf(first.value, handlers, abort.signal);
    for (;;) {
      const { done, value } = await run.next();
      if (abort.signal.reason instanceof NexusError) throw abort.signal.reason;
      await write(done ? { result: value ?? null } : { event: value });
      if (done) break;
    }
  } catch (thrown) {
    await write({ error: asNexusError(thrown) }).catch(() => {});
  } finally {
    abort.abort();
    try {
      conn.close();
    } catch { /* the caller closed it */ }
  }
}

async function* callOf(
  line: string,
  handlers: Handlers,
  signal: AbortSignal,
): AsyncGenerator<unknown, unknown, void> {
  const { method, params } = parseCall(line);
  const handler = Object.hasOwn(handlers, method) ? handlers[method] : undefined;
  if (handler === undefined) {
    throw new NexusError('CONTROL_UNKNOWN_METHOD', `the node knows no method '${method}'`, {
      hint: 'the node runs another version: restart it with `nexus up`',
    });
  }
  const out = handler(params, signal);
  return Symbol.asyncIterator in out ? yield* out : await out;
}

function parseCall(line: string): { method: string; params: unknown } {
  try {
    const { method, params } = JSON.parse(line);
    if (typeof method === 'string') return { method: method.slice(0, 64), params };
  } catch { /* refused below */ }
  throw new NexusError('CONTROL_BAD_CALL', 'expected one JSON object with a method');
}
