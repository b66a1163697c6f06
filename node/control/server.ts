import { asNexusError, NexusError } from '../../feeds/base/mod.ts';
import { controlLines, toLine } from './lines.ts';

/**
 * One method of the local interface. Yielded values become events of the call, the returned value
 * its result. The signal aborts when the caller goes away.
 */
export type Handler = (
  params: unknown,
  signal: AbortSignal,
) => AsyncGenerator<unknown, unknown, void> | Promise<unknown>;

export type Handlers = Record<string, Handler>;

/** Methods that look on: nobody waits for the end of such a call. */
const PASSIVE = new Set(['watch', 'events']);
/** Callers at once; each holds a file of the process open. */
const MAX_CALLS = 512;
/** A caller says what it wants within this. */
const FIRST_LINE_MS = 10_000;
/** How long a call may take to tell its caller that the node stops. */
const CLOSE_MS = 500;

/** A listening control socket. */
export interface ControlServer extends AsyncDisposable {
  readonly path: string;
  /** Calls in progress. */
  readonly calls: number;
  /** Resolves when no call is in progress but those that look on. */
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
  const calls = new Set<Call>();
  const accepting = (async () => {
    for await (const conn of listener) {
      if (calls.size >= MAX_CALLS) {
        hangUp(conn);
        continue;
      }
      const [waited, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const call: Call = { conn, abort: new AbortController(), passive: false, waited, ended };
      calls.add(call);
      answer(call, handlers).finally(() => {
        calls.delete(call);
        waited.resolve();
        ended.resolve();
      });
    }
  })();
  const close = async () => {
    try {
      listener.close();
    } catch { /* closed before */ }
    const reason = new NexusError('NODE_STOPPED', 'the node stopped');
    for (const { abort } of calls) abort.abort(reason);
    // A caller that reads no more must not keep the node.
    const timer = setTimeout(() => calls.forEach(({ conn }) => hangUp(conn)), CLOSE_MS);
    await Promise.allSettled([accepting]);
    await Promise.all([...calls].map(({ ended }) => ended.promise));
    clearTimeout(timer);
    await Deno.remove(path).catch(() => {});
  };
  return {
    path,
    get calls() {
      return calls.size;
    },
    async idle() {
      for (;;) {
        const waiting = [...calls].filter(({ passive }) => !passive);
        if (waiting.length === 0) return;
        await Promise.race(waiting.map(({ waited }) => waited.promise));
      }
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** Events that a method may still tell of work that was cancelled, before it is ended where it is. */
const MAX_UNREAD = 128;

/** One connection. */
interface Call {
  conn: Deno.UnixConn;
  abort: AbortController;
  /** See {@link PASSIVE}. */
  passive: boolean;
  /** Resolves when nobody needs to wait for it any more. */
  waited: PromiseWithResolvers<void>;
  ended: PromiseWithResolvers<void>;
}

function hangUp(conn: Deno.UnixConn): void {
  try {
    conn.close();
  } catch { /* the caller closed it */ }
}

async function answer(call: Call, handlers: Handlers): Promise<void> {
  const { conn, abort } = call;
  const write = async (value: unknown) => {
    const line = toLine(value);
    for (let at = 0; at < line.length;) at += await conn.write(line.subarray(at));
  };
  try {
    const lines = controlLines(conn.readable);
    const timer = setTimeout(() => hangUp(conn), FIRST_LINE_MS);
    const first = await lines.next().finally(() => clearTimeout(timer));
    if (first.done) return;
    // Nothing more is expected: the end of the stream means that the caller left.
    lines.next().then(() => abort.abort(), () => abort.abort());
    const { method, params } = parseCall(first.value);
    call.passive = PASSIVE.has(method);
    if (call.passive) call.waited.resolve();
    const run = callOf(method, params, handlers, abort.signal);
    let reads = true;
    for (let unread = 0;; unread += reads ? 0 : 1) {
      const { done, value } = await run.next();
      if (abort.signal.reason instanceof NexusError) throw abort.signal.reason;
      // A caller that left has cancelled: the work is led to its end, not left where it stands.
      if (reads) {
        reads = await write(done ? { result: value ?? null } : { event: value })
          .then(() => true, () => false);
      }
      if (!reads) abort.abort();
      if (done || unread > MAX_UNREAD) break;
    }
    await run.return(undefined);
  } catch (thrown) {
    await write({ error: asNexusError(thrown) }).catch(() => {});
  } finally {
    abort.abort();
    hangUp(conn);
  }
}

async function* callOf(
  method: string,
  params: unknown,
  handlers: Handlers,
  signal: AbortSignal,
): AsyncGenerator<unknown, unknown, void> {
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
