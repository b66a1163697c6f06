import { ApiError } from './errors.ts';

/** Methods and headers that a page of an allowed origin may use. */
const ALLOWED_METHODS = 'GET, POST';
const EXPOSED = [
  'retry-after',
  'x-nexus-receipt',
  'x-request-id',
  ...['limit', 'remaining', 'reset'].flatMap((what) => [
    `x-ratelimit-${what}-requests`,
    `x-ratelimit-${what}-tokens`,
  ]),
].join(', ');

/** True for addresses and names that lead to this machine alone. */
export function isLoopback(hostname: string): boolean {
  const name = hostname.replace(/^\[|\]$/g, '').toLowerCase();
  return /^127(\.\d{1,3}){3}$/.test(name) || name === '::1' || name === 'localhost' ||
    name.endsWith('.localhost');
}

/**
 * Refuses a request to loopback under another name: a page of that name would read our answer as its
 * own once its DNS entry points here (DNS rebinding).
 * @throws {ApiError}
 */
export function checkHost(headers: Headers): void {
  const host = headers.get('host');
  const name = host === null ? null : nameOf(host);
  if (name === null) throw new ApiError(400, 'invalid_host', 'the request has no valid Host');
  if (!isLoopback(name)) {
    throw new ApiError(403, 'host_not_allowed', 'this gateway answers to loopback names alone');
  }
}

/**
 * Refuses what a browser sends for a page that may not call.
 * @returns the page's origin where it may, null where no other page is behind it
 * @throws {ApiError}
 */
export function checkOrigin(headers: Headers, allowed: readonly string[]): string | null {
  const origin = headers.get('origin');
  if (origin === null) {
    const site = headers.get('sec-fetch-site');
    // `none`: typed by the user.
    const own = site === null || site === 'same-origin' || site === 'none';
    if (own || allowed.includes('*')) return null;
    throw refused();
  }
  if (allowed.includes('*') || allowed.includes(origin)) return origin;
  const host = headers.get('host');
  if (host !== null && origin === `http://${host}`) return null;
  throw refused();
}

/** Headers of an answer to a page of an allowed origin. */
export function corsHeaders(origin: string): Record<string, string> {
  return {
    'access-control-allow-origin': origin,
    'access-control-expose-headers': EXPOSED,
    vary: 'origin',
  };
}

/** Headers that let such a page make its call. */
export function preflightHeaders(headers: Headers): Record<string, string> {
  const wanted = headers.get('access-control-request-headers') ?? '';
  const names = wanted.split(',').map((name) => name.trim().toLowerCase())
    .filter((name) => /^[a-z0-9-]{1,64}$/.test(name));
  return {
    'access-control-allow-methods': ALLOWED_METHODS,
    'access-control-allow-headers': names.slice(0, 32).join(', '),
    'access-control-max-age': '600',
    ...(headers.get('access-control-request-private-network') === 'true'
      ? { 'access-control-allow-private-network': 'true' }
      : {}),
  };
}

function nameOf(host: string): string | null {
  return /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:\d{1,5})?$/.exec(host)?.[1] ?? null;
}

function refused(): ApiError {
  return new ApiError(
    403,
    'origin_not_allowed',
    'pages of this origin may not call the gateway: allow it with --http-origin',
  );
}
