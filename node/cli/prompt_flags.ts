import { DEFAULT_TEMPERATURE, type RunRequest } from '../control/mod.ts';
import { NETWORK_FLAGS } from './context.ts';
import type { Flags, FlagValues } from './spec.ts';

/** Flags of `run` and `chat`. */
export const PROMPT_FLAGS = {
  model: { type: 'string', short: 'm', value: 'name', env: 'NEXUS_MODEL', help: 'model to ask' },
  system: { type: 'string', short: 's', value: 'text', help: 'system prompt' },
  'max-tokens': {
    type: 'integer',
    short: 'n',
    value: 'count',
    help: 'tokens of the answer at most',
  },
  temperature: { type: 'number', short: 't', value: 'number', help: '0 is greedy (default 0.7)' },
  'top-p': { type: 'number', value: 'number', help: 'nucleus; 1 is off (default)' },
  seed: { type: 'string', value: 'hex', help: 'the same seed gives the same answer anywhere' },
  stop: { type: 'list', value: 'text', help: 'end the answer before this text' },
  where: {
    type: 'string',
    value: 'local|mesh|any',
    choices: ['local', 'mesh', 'any'],
    env: 'NEXUS_WHERE',
    help: 'where the prompt may run',
  },
  executor: { type: 'string', value: 'key', help: 'peer to be asked first' },
  'price-cap': { type: 'integer', value: 'micro-NCU', help: 'price of a token at most' },
  'receipt-without-text': { type: 'boolean', help: 'leave prompt and answer out of the receipt' },
  threads: { type: 'integer', value: 'count', env: 'NEXUS_THREADS', help: 'threads of the engine' },
  ...NETWORK_FLAGS,
} as const satisfies Flags;

/** What the flags say of how to answer; validated by the node. */
export function requestOf(
  flags: FlagValues<typeof PROMPT_FLAGS>,
  messages: RunRequest['messages'],
): RunRequest {
  const system = flags.system === undefined
    ? []
    : [{ role: 'system' as const, content: flags.system }];
  return {
    messages: [...system, ...messages],
    model: flags.model ?? null,
    where: flags.where ?? null,
    network: null,
    temperature: flags.temperature ?? DEFAULT_TEMPERATURE,
    topP: flags['top-p'] ?? 1,
    maxTokens: flags['max-tokens'] ?? null,
    seed: flags.seed ?? null,
    stops: flags.stop,
    executor: flags.executor ?? null,
    priceCap: flags['price-cap'] ?? null,
    parent: null,
    receipt: flags['receipt-without-text'] ? 'without text' : 'with text',
  };
}
