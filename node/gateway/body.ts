import { ApiError } from './errors.ts';
import { type Body, isObject } from './params.ts';

/** A body that is too long is read so far, so that its sender gets to read why it was refused. */
const MAX_DISCARDED = 32 << 20;

/** Bytes of bodies that are held at one moment, all requests together. */
export class BodyBudget {
  readonly #max: number;
  #held = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** @throws {ApiError} where it is spent */
  take(bytes: number): void {
    if (this.#held + bytes > this.#max) {
      throw new ApiError(503, 'gateway_busy', 'too many bodies are being read', { retryAfter: 1 });
    }
    this.#held += bytes;
  }

  give(bytes: number): void {
    this.#held -= bytes;
  }
}

/**
 * Reads the JSON object of a request.
 * @param limit bytes at most
 * @throws {ApiError} 400, 413, 415, 503
 */
export async function readBody(
  request: Request,
  limit: number,
  budget: BodyBudget,
): Promise<Body> {
  checkType(request.headers);
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > MAX_DISCARDED) throw tooLarge(limit);
  const chunks: Uint8Array[] = [];
  let length = 0, held = 0;
  try {
    for await (const chunk of request.body ?? []) {
      length += chunk.length;
      if (length > MAX_DISCARDED) throw tooLarge(limit);
      if (length > limit) continue;
      budget.take(chunk.length);
      held += chunk.length;
      chunks.push(chunk);
    }
    if (length > limit) throw tooLarge(limit);
    return parse(chunks, length);
  } catch (thrown) {
    if (thrown instanceof ApiError) throw thrown;
    throw new ApiError(400, 'body_incomplete', 'the body did not arrive whole');
  } finally {
    budget.give(held);
  }
}

function parse(chunks: readonly Uint8Array[], length: number): Body {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ApiError(400, 'invalid_utf8', 'the body is not valid UTF-8');
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError(400, 'invalid_json', 'the body is not valid JSON');
  }
  if (!isObject(value)) throw new ApiError(400, 'invalid_type', 'the body must be a JSON object');
  return value;
}

function checkType(headers: Headers): void {
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type !== 'application/json') {
    throw new ApiError(415, 'unsupported_media_type', 'content-type must be application/json');
  }
  const encoding = headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  if (encoding !== 'identity') {
    throw new ApiError(415, 'unsupported_encoding', 'content-encoding is not supported');
  }
}

function tooLarge(limit: number): ApiError {
  return new ApiError(413, 'body_too_large', `the body has more than ${limit} bytes`);
}
