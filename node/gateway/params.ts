import { type ApiError, badParam } from './errors.ts';

/** The members of a request's body. */
export type Body = Record<string, unknown>;

/** Tells whether a value asks for nothing, so that what we lack is not missed. */
type IsIdle = (value: unknown) => boolean;

const absent: IsIdle = (v) => v === null;
const empty: IsIdle = (v) =>
  v === null || (Array.isArray(v) ? v.length === 0 : isObject(v) && Object.keys(v).length === 0);
const among = (...values: unknown[]): IsIdle => (v) => v === null || values.includes(v);

/** Of OpenAI's chat parameters those that are not supported, and the values that ask for nothing. */
export const CHAT_REFUSED: Readonly<Record<string, IsIdle>> = {
  audio: absent,
  frequency_penalty: among(0),
  function_call: among('none', 'auto'),
  functions: empty,
  logit_bias: empty,
  logprobs: among(false),
  modalities: (v) => v === null || (Array.isArray(v) && v.length === 1 && v[0] === 'text'),
  moderation: absent,
  parallel_tool_calls: among(true, false),
  prediction: absent,
  presence_penalty: among(0),
  reasoning_effort: among('none'),
  response_format: (v) => v === null || (isObject(v) && v.type === 'text'),
  service_tier: among('auto', 'default'),
  store: among(false),
  tool_choice: among('none', 'auto'),
  tools: empty,
  top_logprobs: among(0),
  verbosity: absent,
  web_search_options: absent,
};

/** The same of the legacy completions. */
export const COMPLETION_REFUSED: Readonly<Record<string, IsIdle>> = {
  best_of: among(1),
  echo: among(false),
  frequency_penalty: among(0),
  logit_bias: empty,
  logprobs: absent,
  presence_penalty: among(0),
  suffix: among(''),
};

/** What concerns the caller's own books: checked for its type, otherwise without effect. */
const LABELS: Readonly<Record<string, 'text' | 'object'>> = {
  metadata: 'object',
  prompt_cache_key: 'text',
  prompt_cache_retention: 'text',
  safety_identifier: 'text',
  user: 'text',
};

/**
 * Refuses by its name whatever would otherwise be ignored.
 * @param known parameters that are supported
 * @throws {ApiError}
 */
export function checkNames(
  body: Body,
  known: ReadonlySet<string>,
  refused: Readonly<Record<string, IsIdle>>,
): void {
  for (const [name, value] of Object.entries(body)) {
    if (known.has(name)) continue;
    if (Object.hasOwn(LABELS, name)) checkLabel(name, value);
    else if (!Object.hasOwn(refused, name)) throw unknown(name);
    else if (!refused[name]!(value)) throw unsupported(name);
  }
}

/** @param path of the member, such as `messages[0].name` */
export function unknown(path: string): ApiError {
  return badParam(shown(path), `unknown parameter: '${shown(path)}'`, 'unknown_parameter');
}

export function unsupported(path: string): ApiError {
  return badParam(
    shown(path),
    `'${shown(path)}' is not supported by this gateway: leave it out`,
    'unsupported_parameter',
  );
}

export function isObject(value: unknown): value is Body {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A whole number, or null where it is absent. */
export function whole(body: Body, name: string, min: number, max: number): number | null {
  const value = number(body, name, min, max);
  if (value !== null && !Number.isSafeInteger(value)) throw badType(name, 'a whole number');
  return value;
}

export function number(body: Body, name: string, min: number, max: number): number | null {
  const value = body[name] ?? null;
  if (value === null) return null;
  if (typeof value !== 'number') throw badType(name, 'a number');
  if (value < min || value > max) throw badParam(name, `${name} must be from ${min} to ${max}`);
  return value;
}

export function flag(body: Body, name: string): boolean {
  const value = body[name] ?? false;
  if (typeof value !== 'boolean') throw badType(name, 'true or false');
  return value;
}

export function badType(name: string, expected: string): ApiError {
  return badParam(name, `${name} must be ${expected}`, 'invalid_type');
}

function checkLabel(name: string, value: unknown): void {
  if (value === null) return;
  const ok = LABELS[name] === 'text' ? typeof value === 'string' : isObject(value);
  if (!ok) throw badType(name, LABELS[name] === 'text' ? 'a text' : 'an object');
}

/** Names come from outside. */
function shown(path: string): string {
  return path.toWellFormed().slice(0, 80);
}
