import { parseArgs } from 'node:util';
import { NexusError } from '../../feeds/base/mod.ts';
import { closest } from '../home/mod.ts';
import {
  type ActionSpec,
  type CommandSpec,
  COMMON_FLAGS,
  type Flags,
  type FlagSpec,
  type PositionalSpec,
} from './spec.ts';

/** A command line, understood. */
export interface ParsedArgs {
  flags: Record<string, boolean | string | number | string[] | undefined>;
  action: string | null;
  positionals: string[];
}

/** What parsing looks at of a command. */
export type Syntax = Pick<CommandSpec, 'name' | 'flags' | 'positionals' | 'actions'>;

/** A wrong command line: exit code 2. */
export function usageError(message: string, hint: string): NexusError {
  return new NexusError('USAGE', message, { hint });
}

/**
 * Parses what stands after a command's name: flags anywhere, `--flag=value`, joined short flags,
 * `--` before what only looks like flags. With `--help` nothing else is demanded.
 * @throws {NexusError} `USAGE`, with what was probably meant
 */
export function parseCommandLine(command: Syntax, args: readonly string[]): ParsedArgs {
  const specs: Flags = { ...COMMON_FLAGS, ...command.flags };
  const { flags, words } = readTokens(command.name, specs, args);
  if (flags.help === true) return { flags, action: null, positionals: words };
  const { action, positionals } = chooseAction(command, words);
  checkPositionals(
    action === null ? command.name : `${command.name} ${action.name}`,
    (action ?? command).positionals ?? [],
    positionals,
  );
  return { flags, action: action?.name ?? null, positionals };
}

/** A number, not a flag: no flag is a digit. */
const NEGATIVE = /^-(\d+\.?\d*|\.\d+)$/;

function readTokens(name: string, specs: Flags, args: readonly string[]) {
  const options = Object.fromEntries(
    Object.entries(specs).map(([flag, { type, short }]) => [flag, {
      type: type === 'boolean' ? 'boolean' as const : 'string' as const,
      multiple: true,
      ...(short === undefined ? {} : { short }),
    }]),
  );
  const { tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  const flags: ParsedArgs['flags'] = {};
  for (const [flag, { type }] of Object.entries(specs)) {
    flags[flag] = type === 'boolean' ? false : type === 'list' ? [] : undefined;
  }
  const words: string[] = [];
  let negative = -1;
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option' || token.index === negative) continue;
    const word = args[token.index] ?? '';
    if (NEGATIVE.test(word)) {
      negative = token.index;
      words.push(word);
      continue;
    }
    const spec = Object.hasOwn(specs, token.name) ? specs[token.name] : undefined;
    if (spec === undefined) throw unknownFlag(name, specs, token.rawName);
    flags[token.name] = valueOf(name, spec, token, flags[token.name]);
  }
  return { flags, words };
}

interface OptionToken {
  rawName: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}

function valueOf(name: string, spec: FlagSpec, token: OptionToken, before: unknown) {
  const { rawName: raw, value } = token;
  if (spec.type === 'boolean') {
    if (value !== undefined) throw usageError(`${raw} takes no value`, `write ${raw} alone`);
    return true;
  }
  const looksLikeFlag = !token.inlineValue && /^-[^\d.]/.test(value ?? '');
  if (value === undefined || looksLikeFlag) {
    const example = `${raw}${raw.startsWith('--') ? '=' : ' '}<${spec.value ?? 'value'}>`;
    throw usageError(`${raw} needs a value`, `write ${example}; see nexus ${name} --help`);
  }
  if (spec.choices !== undefined && !spec.choices.includes(value)) {
    const meant = closest(value, spec.choices);
    const hint = meant ? `did you mean ${meant}?` : `it is one of ${spec.choices.join(', ')}`;
    throw usageError(`${raw} cannot be ${JSON.stringify(value)}`, hint);
  }
  if (spec.type === 'list') return [...before as string[], value];
  if (spec.type === 'string') return value;
  const number = value.trim() === '' ? NaN : Number(value);
  const isWhole = spec.type === 'integer', { least = -Infinity } = spec;
  const fits = isWhole
    ? /^[+-]?\d+$/.test(value.trim()) && Number.isSafeInteger(number)
    : Number.isFinite(number);
  if (fits && number >= least) return number;
  const bound = least === -Infinity ? '' : ` from ${least} on`;
  const kind = `${isWhole ? 'a whole number' : 'a number'}${bound}`;
  throw usageError(`${raw} must be ${kind}, not ${JSON.stringify(value)}`, `e.g. ${raw} 1`);
}

function unknownFlag(name: string, specs: Flags, raw: string): NexusError {
  const meant = raw.startsWith('--') ? closest(raw.slice(2), Object.keys(specs)) : undefined;
  return usageError(
    `nexus ${name} has no flag ${raw}`,
    meant === undefined ? `see nexus ${name} --help` : `did you mean --${meant}?`,
  );
}

function chooseAction(
  { name, actions }: Syntax,
  words: string[],
): { action: ActionSpec | null; positionals: string[] } {
  const first = actions?.[0];
  if (actions === undefined || first === undefined) return { action: null, positionals: words };
  const [word, ...rest] = words;
  if (word === undefined) return { action: first, positionals: [] };
  const action = actions.find((one) => one.name === word);
  if (action !== undefined) return { action, positionals: rest };
  const names = actions.map((one) => one.name);
  const meant = closest(word, names);
  throw usageError(
    `nexus ${name} has no action ${JSON.stringify(word)}`,
    meant ? `did you mean nexus ${name} ${meant}?` : `it is one of ${names.join(', ')}`,
  );
}

function checkPositionals(
  name: string,
  specs: readonly PositionalSpec[],
  words: readonly string[],
): void {
  const missing = specs.find((spec, i) => spec.required && words[i] === undefined);
  if (missing !== undefined) {
    throw usageError(`nexus ${name} needs <${missing.name}>`, missing.help);
  }
  if (words.length > specs.length && !specs.at(-1)?.many) {
    const extra = JSON.stringify(words[specs.length]!.slice(0, 80));
    const quote = specs.length > 0 ? '; quote a text of several words' : '';
    throw usageError(`nexus ${name} does not take ${extra}`, `leave it out${quote}`);
  }
}
