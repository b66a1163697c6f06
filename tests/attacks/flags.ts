import { parseArgs } from 'node:util';
import type { Lie } from './lies.ts';

/** What a cheat is told on its command line. */
export interface Flags {
  profile: string;
  roles: string[];
  host: string | undefined;
  bootstrap: string[] | undefined;
  /** File of other weights. */
  other: string | null;
  /** Format in which keys and values are kept. */
  kv: string | null;
  lie: Lie | null;
}

/** Flags that may stand without a value, and what they mean then. */
const USUAL: Record<string, string> = {
  truncate: '12',
  'edit-token': '9',
  boundary: '0.02',
  'forge-artifact': 'root',
  'forge-proof': 'forged',
};

const text = { type: 'string' } as const, flag = { type: 'boolean' } as const;

export function flagsOf(args: readonly string[]): Flags {
  const { values } = parseArgs({
    args: args.flatMap((arg, i) => {
      const usual = arg.startsWith('--') ? USUAL[arg.slice(2)] : undefined;
      return usual !== undefined && (args[i + 1] ?? '--').startsWith('--') ? [arg, usual] : [arg];
    }),
    options: {
      profile: { ...text, default: 'austen-3.7m' },
      role: { ...text, default: 'executor,requester' },
      host: text,
      bootstrap: text,
      other: text,
      weights: text,
      'prefill-attack': text,
      'drafter-top3': text,
      boundary: text,
      'seed-wrong': flag,
      temperature: text,
      system: text,
      truncate: text,
      'edit-token': text,
      kv: text,
      'forge-artifact': text,
      'forge-proof': text,
      'replay-old-artifact': flag,
      withhold: flag,
      audits: text,
      friend: text,
      claim: text,
      measured: text,
      'cheat-rate': text,
      'cheat-after': text,
    },
  });
  const number = (text: string | undefined) => text === undefined ? undefined : Number(text);
  const lie: Record<Exclude<keyof Lie, 'flood'>, unknown> = {
    weights: values.weights && true,
    prefill: values['prefill-attack'] && true,
    drafterTop3: values['drafter-top3'] && true,
    boundary: number(values.boundary),
    wrongSeed: values['seed-wrong'],
    temperature: number(values.temperature),
    system: values.system,
    truncate: number(values.truncate),
    editToken: number(values['edit-token']),
    forge: values['forge-artifact'],
    proof: values['forge-proof'],
    replay: values['replay-old-artifact'],
    withhold: values.withhold,
    audits: values.audits,
    friend: values.friend,
    claim: number(values.claim),
    measured: number(values.measured),
    rate: number(values['cheat-rate']),
    after: number(values['cheat-after']),
  };
  const told = Object.entries(lie).filter(([, value]) => value !== undefined);
  return {
    profile: values.profile,
    roles: values.role.split(','),
    host: values.host,
    bootstrap: values.bootstrap?.split(','),
    other: values.weights ?? values['prefill-attack'] ?? values['drafter-top3'] ?? values.other ??
      null,
    kv: values.kv ?? null,
    lie: told.length === 0 ? null : Object.fromEntries(told) as Lie,
  };
}
