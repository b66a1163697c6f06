import { DEFAULT_TEMPERATURE, type RunRequest } from '../control/mod.ts';
import { badParam } from './errors.ts';
import {
  badType,
  type Body,
  flag,
  isObject,
  number,
  unknown,
  unsupported,
  whole,
} from './params.ts';

/** Answers of one request, all its prompts together. */
export const MAX_ANSWERS = 16;
const MAX_STOPS = 16;
const MAX_STOP_CHARS = 256;
const MAX_MODEL_CHARS = 512;

/** What chat and legacy completions have in common. */
export interface Common {
  model: string;
  n: number;
  stream: boolean;
  includeUsage: boolean;
  /** What goes to the node; prompt, seed and model are still to come. */
  run: Omit<RunRequest, 'messages' | 'prompt' | 'seed' | 'model'>;
  /** Null: drawn anew for each answer. */
  seed: number | null;
}

/** Names of the parameters that {@link commonOf} reads. */
export const COMMON = [
  'max_tokens',
  'model',
  'n',
  'seed',
  'stop',
  'stream',
  'stream_options',
  'temperature',
  'top_p',
] as const;

/**
 * @param maxTokens output tokens where the request does not say how many; null: the node's own
 * @throws {ApiError} naming the parameter
 */
export function commonOf(body: Body, maxTokens: number | null): Common {
  const { model } = body;
  if (model === undefined || model === null) {
    throw badParam('model', 'you must provide a model parameter', 'missing_required_parameter');
  }
  if (typeof model !== 'string') throw badType('model', 'a text');
  if (model === '' || model.length > MAX_MODEL_CHARS) {
    throw badParam('model', `model must have 1 to ${MAX_MODEL_CHARS} characters`);
  }
  const stream = flag(body, 'stream');
  return {
    model,
    n: whole(body, 'n', 1, MAX_ANSWERS) ?? 1,
    stream,
    includeUsage: includeUsage(body.stream_options ?? null, stream),
    seed: seedOf(body),
    run: {
      where: null,
      network: null,
      temperature: number(body, 'temperature', 0, 2) ?? DEFAULT_TEMPERATURE,
      topP: number(body, 'top_p', 0, 1) ?? 1,
      maxTokens: tokensOf(body) ?? maxTokens,
      stops: stopsOf(body.stop ?? null),
      executor: null,
      priceCap: null,
      parent: null,
      receipt: 'with text',
    },
  };
}

/**
 * The 32-byte nonce (hexadecimal) of a seed: the number of the answer (4 bytes), zeros, the seed as
 * a big-endian two's complement of 8 bytes. So the first answer of a seed that is not negative is
 * that of `nexus run --seed` with the same number in hexadecimal.
 */
export function nonceOf(seed: number | null, answer: number): string | null {
  if (seed === null) return null;
  const low = BigInt.asUintN(64, BigInt(seed)).toString(16).padStart(16, '0');
  return answer.toString(16).padStart(8, '0') + low.padStart(56, '0');
}

function seedOf(body: Body): number | null {
  const value = body.seed ?? null;
  if (value === null) return null;
  if (typeof value !== 'number' || !Number.isInteger(value)) throw badType('seed', 'an integer');
  // Beyond this, JSON's numbers are not the ones that were written.
  if (!Number.isSafeInteger(value)) {
    throw badParam('seed', 'seed must be between -(2^53 - 1) and 2^53 - 1');
  }
  return value;
}

function tokensOf(body: Body): number | null {
  const max = Number.MAX_SAFE_INTEGER;
  const old = whole(body, 'max_tokens', 1, max);
  const now = whole(body, 'max_completion_tokens', 1, max);
  if (old !== null && now !== null && old !== now) {
    throw badParam('max_tokens', 'max_tokens and max_completion_tokens are given and differ');
  }
  return now ?? old;
}

function stopsOf(value: unknown): string[] {
  if (value === null) return [];
  const stops: unknown = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(stops) || !stops.every((stop) => typeof stop === 'string')) {
    throw badType('stop', 'a text or a list of texts');
  }
  const ok = stops.length <= MAX_STOPS &&
    stops.every((stop) => stop.length > 0 && stop.length <= MAX_STOP_CHARS && stop.isWellFormed());
  if (!ok) {
    throw badParam(
      'stop',
      `stop must be at most ${MAX_STOPS} texts of 1 to ${MAX_STOP_CHARS} characters`,
    );
  }
  return stops;
}

function includeUsage(value: unknown, stream: boolean): boolean {
  if (value === null) return false;
  if (!isObject(value)) throw badType('stream_options', 'an object');
  if (!stream) throw badParam('stream_options', 'stream_options is only allowed with stream: true');
  for (const [name, given] of Object.entries(value)) {
    if (name === 'include_usage') continue;
    const path = `stream_options.${name}`;
    if (name !== 'include_obfuscation') throw unknown(path);
    if (given !== false && given !== null) throw unsupported(path);
  }
  const usage = value.include_usage ?? false;
  if (typeof usage !== 'boolean') throw badType('stream_options.include_usage', 'true or false');
  return usage;
}
