import { NexusError } from '../../feeds/base/mod.ts';
import type { ChatMessage } from '../engine/mod.ts';
import type { Where } from '../router/mod.ts';

/** A prompt with all that was said about how to answer it. Null: the node's own setting. */
export interface RunRequest {
  /** Empty where `prompt` is given. */
  messages: ChatMessage[];
  /** Raw text to be gone on from, without a chat template. */
  prompt?: string;
  /** Name or id of a model. */
  model: string | null;
  where: Where | null;
  /** Id (hex) of the one network that the prompt may leave to; null: that of the node. */
  network: string | null;
  temperature: number;
  topP: number;
  maxTokens: number | null;
  /** 32-byte nonce in hexadecimal: the same one reproduces an answer. */
  seed: string | null;
  stops: string[];
  /** Key (hex) of the executor to be asked first. */
  executor: string | null;
  /** micro-NCU a token, at most. */
  priceCap: number | null;
  /** Id (hex) of the job that this one continues. */
  parent: string | null;
  /** Whether the receipt holds prompt and answer. */
  receipt: 'with text' | 'without text';
  /** Has the answer checked by another node, or by this one, before the run ends. */
  verify?: boolean;
}

/** Output tokens where nobody said how many. */
export const DEFAULT_MAX_TOKENS = 512;
export const DEFAULT_TEMPERATURE = 0.7;

const MAX_MESSAGES = 1024;
const MAX_STOPS = 16;
const MAX_STOP_CHARS = 256;
const ROLES = ['system', 'user', 'assistant'];

/**
 * Validates what a program sent over the control socket; absent fields get their defaults.
 * @throws {NexusError} `BAD_REQUEST` naming the field
 */
export function parseRunRequest(value: unknown): RunRequest {
  if (typeof value !== 'object' || value === null) throw bad('request', 'an object');
  const from = value as Record<string, unknown>;
  return {
    ...spoken(from),
    model: text(from, 'model', 512),
    where: oneOf(from, 'where', ['local', 'mesh', 'any'] as const),
    network: hex(from, 'network'),
    temperature: number(from, 'temperature', 0, 16) ?? DEFAULT_TEMPERATURE,
    topP: number(from, 'topP', 0, 1) ?? 1,
    maxTokens: whole(from, 'maxTokens'),
    seed: hex(from, 'seed', true),
    stops: stopsOf(from.stops ?? []),
    executor: hex(from, 'executor'),
    priceCap: whole(from, 'priceCap'),
    parent: hex(from, 'parent'),
    receipt: oneOf(from, 'receipt', ['with text', 'without text'] as const) ?? 'with text',
    verify: flag(from, 'verify'),
  };
}

/** Either messages or a raw prompt. */
function spoken(from: Record<string, unknown>): Pick<RunRequest, 'messages' | 'prompt'> {
  const { prompt, messages } = from;
  if (prompt === undefined || prompt === null) return { messages: messagesOf(messages) };
  if (typeof prompt !== 'string') throw bad('prompt', 'a text');
  if (Array.isArray(messages) && messages.length > 0) {
    throw bad('prompt', 'alone, without messages');
  }
  return { messages: [], prompt };
}

function messagesOf(value: unknown): ChatMessage[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_MESSAGES) {
    throw bad('messages', `a list of 1 to ${MAX_MESSAGES} messages`);
  }
  return value.map((message) => {
    const { role, content } = message ?? {};
    if (!ROLES.includes(role) || typeof content !== 'string') {
      throw bad('messages', `each with a role (${ROLES.join(', ')}) and a text as content`);
    }
    return { role, content };
  });
}

function stopsOf(value: unknown): string[] {
  const ok = Array.isArray(value) && value.length <= MAX_STOPS &&
    value.every((s) =>
      typeof s === 'string' && s.length > 0 && s.length <= MAX_STOP_CHARS && s.isWellFormed()
    );
  if (!ok) throw bad('stops', `at most ${MAX_STOPS} texts of 1 to ${MAX_STOP_CHARS} characters`);
  return value;
}

function text(from: Record<string, unknown>, name: string, max: number): string | null {
  const value = from[name] ?? null;
  if (value === null) return null;
  if (typeof value !== 'string' || value === '' || value.length > max) throw bad(name, 'a text');
  return value;
}

/** 64 digits; a shorter one is filled up with zeros in front where `short` allows it. */
function hex(from: Record<string, unknown>, name: string, short = false): string | null {
  const value = text(from, name, 64);
  if (value === null) return null;
  if (!/^[0-9a-fA-F]+$/.test(value) || (!short && value.length !== 64)) {
    throw bad(name, `${short ? 'up to 64' : '64'} hexadecimal digits`);
  }
  return value.toLowerCase().padStart(64, '0');
}

function number(from: Record<string, unknown>, name: string, min: number, max: number) {
  const value = from[name] ?? null;
  if (value === null) return null;
  if (typeof value !== 'number' || !(value >= min && value <= max)) {
    throw bad(name, `a number from ${min} to ${max}`);
  }
  return value;
}

function whole(from: Record<string, unknown>, name: string): number | null {
  const value = number(from, name, 0, Number.MAX_SAFE_INTEGER);
  if (value !== null && !Number.isInteger(value)) throw bad(name, 'a whole number');
  return value;
}

function flag(from: Record<string, unknown>, name: string): boolean {
  const value = from[name] ?? false;
  if (typeof value !== 'boolean') throw bad(name, 'true or false');
  return value;
}

function oneOf<T extends string>(
  from: Record<string, unknown>,
  name: string,
  values: readonly T[],
): T | null {
  const value = from[name] ?? null;
  if (value === null) return null;
  const found = values.find((v) => v === value);
  if (found === undefined) throw bad(name, values.join(', '));
  return found;
}

function bad(field: string, expected: string): NexusError {
  return new NexusError('BAD_REQUEST', `${field} must be ${expected}`, {
    hint: `correct ${field}`,
  });
}
