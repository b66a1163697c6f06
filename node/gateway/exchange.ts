import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { ApiError } from './errors.ts';
import { later } from './later.ts';

/** What answers requests. */
interface App {
  fetch(request: Request, env: { gone: AbortSignal }): Response | Promise<Response>;
}

/** Responses that have not ended, or were the last ones of their connection, by that. */
const open = new WeakMap<Socket, ServerResponse>();

/**
 * Takes one request from `node:http` to the app and its response back, until that has left. A reader
 * who takes nothing for `stalledMs`, and one who leaves, end it.
 */
export async function exchange(
  app: App,
  req: IncomingMessage,
  res: ServerResponse,
  stalledMs: number,
): Promise<void> {
  const gone = new AbortController();
  open.set(req.socket, res);
  res.on('error', () => {}); // `close` follows
  const over = later<void>();
  res.once('finish', () => over.resolve());
  res.once('close', () => {
    if (res.getHeader('connection') !== 'close') open.delete(req.socket);
    if (!res.writableFinished) gone.abort();
    over.resolve();
  });
  const request = requestOf(req);
  const response = request instanceof ApiError
    ? Response.json(request.body(), { status: request.status })
    : await app.fetch(request, { gone: gone.signal });
  if (gone.signal.aborted) return void response.body?.cancel('client_left').catch(() => {});
  // What is left of a body is not read to its end, so nothing can follow it.
  if (!req.complete) res.setHeader('connection', 'close');
  const { status, headers, body } = response;
  headers.forEach((value, name) => res.setHeader(name, value));
  res.statusCode = status;
  if (body === null || headers.get('content-type')?.startsWith('text/event-stream') !== true) {
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (status !== 204 && req.method !== 'HEAD') res.setHeader('content-length', bytes.length);
    const timer = setTimeout(() => res.destroy(), stalledMs);
    res.end(bytes);
    await over.promise;
    clearTimeout(timer);
    return;
  }
  await written(body, res, stalledMs);
  await over.promise;
}

async function written(
  body: ReadableStream<Uint8Array>,
  res: ServerResponse,
  stalledMs: number,
): Promise<void> {
  const reader = body.getReader();
  res.once('close', () => reader.cancel('client_left').catch(() => {}));
  // What is there already leaves together with the head.
  setImmediate(() => {
    if (!res.headersSent && !res.destroyed) res.flushHeaders();
  });
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (res.write(value) || await drained(res, stalledMs)) continue;
    await reader.cancel('reader_stalled').catch(() => {});
    res.destroy();
    return;
  }
  res.end();
}

/** Whether what was written has left within the time; true also where the reader has left. */
function drained(res: ServerResponse, ms: number): Promise<boolean> {
  if (res.destroyed) return Promise.resolve(true);
  const { promise, resolve } = later<boolean>();
  const timer = setTimeout(() => resolve(false), ms);
  const on = () => resolve(true);
  res.once('drain', on);
  res.once('close', on);
  return promise.finally(() => {
    clearTimeout(timer);
    res.off('drain', on);
    res.off('close', on);
  });
}

function requestOf(req: IncomingMessage): Request | ApiError {
  const { method = 'GET', url = '/' } = req;
  try {
    const headers = new Headers();
    const { rawHeaders } = req;
    for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
      headers.append(rawHeaders[i]!, rawHeaders[i + 1]!);
    }
    const hasBody = method !== 'GET' && method !== 'HEAD' && method !== 'OPTIONS';
    return new Request(new URL(url, 'http://gateway'), {
      method,
      headers,
      ...(hasBody ? { body: Readable.toWeb(req) as ReadableStream, duplex: 'half' } : {}),
    } as RequestInit);
  } catch {
    return new ApiError(400, 'invalid_request', 'the request cannot be read');
  }
}

/** Answers what is no HTTP, or comes too slowly, in the shape of all errors; then hangs up. */
export function refuseBroken(thrown: Error, socket: Socket): void {
  const res = open.get(socket);
  const { code } = thrown as { code?: string };
  if (code === 'ECONNRESET' || !socket.writable || res?.headersSent === true) {
    return void socket.destroy();
  }
  const [status, reason, error] = code === 'HPE_HEADER_OVERFLOW'
    ? [431, 'Request Header Fields Too Large', 'headers_too_large'] as const
    : code === 'ERR_HTTP_REQUEST_TIMEOUT'
    ? [408, 'Request Timeout', 'request_timeout'] as const
    : [400, 'Bad Request', 'invalid_http'] as const;
  const body = JSON.stringify(new ApiError(status, error, reason.toLowerCase()).body());
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\n\r\n${body}`,
  );
}
