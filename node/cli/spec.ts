import type { Output } from './output.ts';
import type { Interrupts } from './signals.ts';

/** What a flag takes. `list` may be given several times. */
export type FlagType = 'boolean' | 'string' | 'integer' | 'number' | 'list';

/** One flag of a command, under its long name. */
export interface FlagSpec {
  type: FlagType;
  /** One letter. */
  short?: string;
  /** What stands for the value in the help, e.g. `file`. */
  value?: string;
  /** Of a number: the least that it may be. */
  least?: number;
  /** The only values that it takes. */
  choices?: readonly string[];
  /** Environment variable that sets the same, for the help. */
  env?: string;
  help: string;
}

export type Flags = Readonly<Record<string, FlagSpec>>;

/** The values of a command's flags: false, undefined or an empty list where not given. */
export type FlagValues<F extends Flags> = { readonly [K in keyof F]: FlagValue<F[K]> };

type FlagValue<S extends FlagSpec> = S['type'] extends 'boolean' ? boolean
  : S['type'] extends 'list' ? string[]
  : S['type'] extends 'integer' | 'number' ? number | undefined
  : S extends { choices: readonly (infer C)[] } ? C | undefined
  : string | undefined;

/** A positional argument. Only the last one may take many. */
export interface PositionalSpec {
  name: string;
  help: string;
  required?: boolean;
  many?: boolean;
}

/** A word after the command's name that chooses what it does, e.g. `new` in `network new`. */
export interface ActionSpec {
  name: string;
  summary: string;
  positionals?: readonly PositionalSpec[];
}

/** Flags that every command takes. */
export const COMMON_FLAGS = {
  home: { type: 'string', value: 'folder', env: 'NEXUS_HOME', help: 'where this node keeps all' },
  json: { type: 'boolean', help: 'events as NDJSON on stdout' },
  quiet: { type: 'boolean', short: 'q', help: 'say only what was asked for, and errors' },
  verbose: { type: 'boolean', help: 'say more' },
  help: { type: 'boolean', short: 'h', help: 'show this help' },
} as const satisfies Flags;

/** What a command is given to work with. */
export interface Invocation<F extends Flags = Flags> {
  flags: FlagValues<F> & FlagValues<typeof COMMON_FLAGS>;
  /** The chosen action's name; null for a command without actions. */
  action: string | null;
  positionals: readonly string[];
  out: Output;
  /** Aborts on Ctrl-C, SIGTERM, and when the reader of stdout has gone. */
  signal: AbortSignal;
  /** For a command that goes on after a first Ctrl-C. */
  interrupts: Interrupts;
}

/** A command: what it takes, how it is explained, what it does. */
export interface CommandSpec<F extends Flags = Flags> {
  name: string;
  /** One line, no full stop. */
  summary: string;
  /** A paragraph below it. */
  description?: string;
  flags: F;
  positionals?: readonly PositionalSpec[];
  /** The first one runs when none is named. */
  actions?: readonly ActionSpec[];
  examples: readonly { command: string; does: string }[];
  /** Returns the exit code; nothing counts as 0. */
  run(invocation: Invocation<F>): Promise<number | void>;
}

/** Keeps the types of a command's flags for its `run`. */
export function defineCommand<const F extends Flags>(spec: CommandSpec<F>): CommandSpec<F> {
  return spec;
}
