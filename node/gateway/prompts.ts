import type { RunRequest } from '../control/mod.ts';
import { badParam } from './errors.ts';
import {
  badType,
  type Body,
  CHAT_REFUSED,
  checkNames,
  COMPLETION_REFUSED,
  isObject,
  unknown,
  unsupported,
} from './params.ts';
import { COMMON, type Common, commonOf, MAX_ANSWERS, nonceOf } from './sampling.ts';

/** A request as it is answered: one run for each answer, in the order of their numbers. */
export interface Asked extends Common {
  runs: Omit<RunRequest, 'model'>[];
}

const MAX_MESSAGES = 1024;
/** OpenAI's own for legacy completions. */
const COMPLETION_TOKENS = 16;

const CHAT = new Set([...COMMON, 'max_completion_tokens', 'messages']);
const COMPLETION = new Set([...COMMON, 'prompt']);

type Message = RunRequest['messages'][number];
const ROLES: Readonly<Record<string, Message['role']>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
};

/**
 * Reads the body of `/v1/chat/completions`.
 * @throws {ApiError} naming the parameter
 */
export function parseChat(body: Body): Asked {
  checkNames(body, CHAT, CHAT_REFUSED);
  const common = commonOf(body, null);
  const messages = messagesOf(body.messages);
  return asked(common, [{ messages }]);
}

/**
 * Reads the body of `/v1/completions`: prompts are gone on from as they stand.
 * @throws {ApiError} naming the parameter
 */
export function parseCompletion(body: Body): Asked {
  checkNames(body, COMPLETION, COMPLETION_REFUSED);
  const common = commonOf(body, COMPLETION_TOKENS);
  return asked(common, promptsOf(body.prompt).map((prompt) => ({ messages: [], prompt })));
}

function asked(common: Common, prompts: Pick<RunRequest, 'messages' | 'prompt'>[]): Asked {
  const { n, run, seed } = common;
  if (n * prompts.length > MAX_ANSWERS) {
    throw badParam('n', `a request may have ${MAX_ANSWERS} answers, prompts times n`);
  }
  const runs = prompts.flatMap((prompt, p) =>
    Array.from({ length: n }, (_, i) => ({ ...run, ...prompt, seed: nonceOf(seed, p * n + i) }))
  );
  return { ...common, runs };
}

function promptsOf(value: unknown): string[] {
  if (value === undefined || value === null) {
    throw badParam('prompt', 'you must provide a prompt', 'missing_required_parameter');
  }
  const prompts: unknown = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(prompts) || prompts.length === 0) {
    throw badType('prompt', 'a text or a list of texts');
  }
  if (prompts.some((part) => typeof part === 'number' || Array.isArray(part))) {
    throw badParam(
      'prompt',
      'prompts of token ids are not supported by this gateway: send texts',
      'unsupported_parameter',
    );
  }
  if (!prompts.every((part) => typeof part === 'string')) {
    throw badType('prompt', 'a text or a list of texts');
  }
  if (prompts.length > MAX_ANSWERS) {
    throw badParam('prompt', `a request may have ${MAX_ANSWERS} prompts`);
  }
  return prompts;
}

function messagesOf(value: unknown): Message[] {
  if (value === undefined || value === null) {
    throw badParam('messages', 'you must provide messages', 'missing_required_parameter');
  }
  if (!Array.isArray(value)) throw badType('messages', 'a list');
  if (value.length === 0 || value.length > MAX_MESSAGES) {
    throw badParam('messages', `messages must be a list of 1 to ${MAX_MESSAGES}`);
  }
  return value.map((message, i) => messageOf(message, `messages[${i}]`));
}

function messageOf(value: unknown, path: string): Message {
  if (!isObject(value)) throw badType(path, 'an object');
  const { role, content, ...rest } = value;
  if (typeof role !== 'string') throw badType(`${path}.role`, 'a text');
  if (role === 'tool' || role === 'function') throw unsupported(`${path}.role: ${role}`);
  if (!Object.hasOwn(ROLES, role)) {
    throw badParam(`${path}.role`, `${path}.role must be one of ${Object.keys(ROLES).join(', ')}`);
  }
  for (const [name, given] of Object.entries(rest)) checkExtra(`${path}.${name}`, name, given);
  return { role: ROLES[role]!, content: contentOf(content, `${path}.content`) };
}

/** What an answer that is sent back may carry as long as it is empty. */
const EXTRAS = new Set(['annotations', 'audio', 'function_call', 'name', 'refusal', 'tool_calls']);

function checkExtra(path: string, name: string, value: unknown): void {
  if (!EXTRAS.has(name)) throw unknown(path);
  if (value !== null && !(Array.isArray(value) && value.length === 0)) throw unsupported(path);
}

function contentOf(value: unknown, path: string): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) throw badType(path, 'a text or a list of text parts');
  return value.map((part, i) => {
    const at = `${path}[${i}]`;
    if (!isObject(part)) throw badType(at, 'an object');
    const { type, text, ...rest } = part;
    if (typeof type !== 'string') throw badType(`${at}.type`, 'a text');
    if (type !== 'text') throw unsupported(`${at}.type: ${type}`);
    const extra = Object.keys(rest)[0];
    if (extra !== undefined) throw unknown(`${at}.${extra}`);
    if (typeof text !== 'string') throw badType(`${at}.text`, 'a text');
    return text;
  }).join('');
}
