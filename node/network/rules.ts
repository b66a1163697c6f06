import { closest } from '../home/mod.ts';
import type { PrintRules } from '../../feeds/fingerprints/mod.ts';
import { AUDIT_RULES, type AuditRules } from './audit_rules.ts';
import { type Fail, members, whole } from './check.ts';
import { PRINT_RULES } from './print_rules.ts';

/** The constants of a network: every member works, and every auditor replays, under these. */
export interface Rules extends AuditRules, PrintRules {
  /** An executor that has nothing else to send sends a heartbeat this often, milliseconds. */
  heartbeatMs: number;
  /** So many heartbeats missed: the executor counts as lost. */
  heartbeatsMissed: number;
  /** An offer is answered within this, milliseconds, at least. */
  acceptMs: number;
  /** Least deadline of the first token, milliseconds. */
  firstTokenMs: number;
  /** Least deadline of each further token, milliseconds. */
  tokenMs: number;
  /** Tokens that an executor sends beyond the last acknowledgement. */
  ackWindowTokens: number;
  /** Tokens between two signed digests of the output. */
  digestEvery: number;
  /** Tokens of a prompt, at most. */
  maxPromptTokens: number;
  /** Tokens of an answer, at most. */
  maxTokens: number;
  /** An announcement that was not renewed is forgotten after this, milliseconds. */
  announcementMs: number;
  /** Price band, micro-NCU a token. */
  minPrice: number;
  maxPrice: number;
}

/** A rule's usual value, the bounds that a network file may set, and why it is so. */
export interface RuleSpec {
  value: number;
  least: number;
  most: number;
  reason: string;
  /** Not written where it has the usual value: networks that were made before it keep their ids. */
  optional?: true;
}

/** All rules. The reasons are written into network files, outside the hash. */
export const RULES: Readonly<Record<keyof Rules, RuleSpec>> = {
  heartbeatMs: {
    value: 100,
    least: 20,
    most: 60_000,
    reason: 'a dead executor must be noticed within half a second; a beat costs some 60 bytes',
  },
  heartbeatsMissed: {
    value: 4,
    least: 2,
    most: 100,
    reason: 'three lost or late packets in a row happen on home networks, four rarely',
  },
  acceptMs: {
    value: 1_000,
    least: 50,
    most: 60_000,
    reason: 'checking an offer takes milliseconds; the rest is the way there and back',
  },
  firstTokenMs: {
    value: 4_000,
    least: 100,
    most: 600_000,
    reason: 'reading a long prompt on a small processor; death itself shows in the heartbeats',
  },
  tokenMs: {
    value: 1_500,
    least: 50,
    most: 600_000,
    reason: 'ten times the pace of a slow processor, so that only an engine that hangs is left',
  },
  ackWindowTokens: {
    value: 64,
    least: 1,
    most: 65_536,
    reason: 'the unpaid work that an executor risks: four digests, half a second of a fast one',
  },
  digestEvery: {
    value: 16,
    least: 1,
    most: 4_096,
    reason: 'a signature in 16 tokens costs under 1 % of their decoding',
  },
  maxPromptTokens: {
    value: 131_072,
    least: 16,
    most: 16_777_216,
    reason: 'no profile in use has a longer context; bounds the size of an offer',
  },
  maxTokens: {
    value: 32_768,
    least: 1,
    most: 16_777_216,
    reason: 'no answer may hold an executor for hours',
  },
  announcementMs: {
    value: 60_000,
    least: 1_000,
    most: 3_600_000,
    reason: 'renewed three times within it; a node that vanished is not asked for long',
  },
  minPrice: {
    value: 0,
    least: 0,
    most: 1_000_000_000,
    reason: 'whoever gives inference away may',
  },
  maxPrice: {
    value: 1_000_000,
    least: 0,
    most: 1_000_000_000,
    reason: 'one NCU a token: a slip of the keyboard must not empty an account',
  },
  ...AUDIT_RULES,
  ...PRINT_RULES,
};

const NAMES = Object.keys(RULES) as (keyof Rules)[];

/** The usual rules. */
export function defaultRules(): Rules {
  return Object.fromEntries(NAMES.map((name) => [name, RULES[name].value])) as unknown as Rules;
}

/** Why each rule is as it usually is. */
export function ruleReasons(rules: Rules): Record<keyof Rules, string> {
  const reasons = NAMES.map((name) => [name, reasonOf(RULES[name], rules[name])]);
  return Object.fromEntries(reasons) as Record<keyof Rules, string>;
}

/** The reason of a rule, with its usual value where a network file does not show that. */
export function reasonOf({ value: usual, optional, reason }: RuleSpec, value: number): string {
  if (value !== usual) return `usually ${usual}: ${reason}`;
  return optional ? `${usual} where it is not named: ${reason}` : reason;
}

/** Rules as a network file has them; {@link parseRules} reads it. */
export function rulesToJson(rules: Rules): Partial<Rules> {
  const written = NAMES.filter((name) =>
    !RULES[name].optional || rules[name] !== RULES[name].value
  );
  return Object.fromEntries(written.map((name) => [name, rules[name]]));
}

/** Validates a network file's rules: each must be there unless optional, and none that is unknown. */
export function parseRules(value: unknown, fail: Fail): Rules {
  if (typeof value === 'object' && value !== null) {
    for (const name of Object.keys(value)) {
      if (Object.hasOwn(RULES, name)) continue;
      const meant = closest(name, NAMES);
      fail(`unknown rule "${name.slice(0, 40)}"${meant ? `; did you mean "${meant}"?` : ''}`);
    }
  }
  const names = NAMES.map((name) => RULES[name].optional ? `${name}?` : name);
  const from = members(value, names, (what) => fail(`rules: ${what}`));
  const rules = {} as Rules;
  for (const name of NAMES) {
    const { least, most, optional, value: usual } = RULES[name];
    const given = optional && from[name] === undefined ? usual : from[name];
    rules[name] = whole(given, least, most, name, fail);
  }
  if (rules.minPrice > rules.maxPrice) fail('minPrice is above maxPrice');
  if (rules.digestEvery > rules.ackWindowTokens) fail('digestEvery is above ackWindowTokens');
  if (rules.printEveryCuts > rules.printExpireCuts) fail('printEveryCuts is above printExpireCuts');
  return rules;
}
