import { equalBytes, fromHex, NCU, ncuText, NexusError, parseNcu } from '../../feeds/base/mod.ts';
import type { LedgerRules, LedgerTerms } from '../../feeds/ledger/mod.ts';
import { closest, quoted } from '../home/mod.ts';
import type { Witness } from './file.ts';
import { defaultLedgerRules, demandLastingBonds, parseLedgerRules } from './ledger.ts';
import { LEDGER_RULES } from './ledger_rules.ts';
import { type PresetName, PRESETS } from './presets.ts';
import { defaultRules, parseRules, RULES, type Rules } from './rules.ts';

const MAX_WEIGHT = 1_000_000;
/** Rules that are amounts: these may be given in NCU. */
const AMOUNTS: readonly string[] = [
  'grant',
  'creditLimit',
  'missedFine',
  'faultFine',
  'witnessBonds',
] satisfies (
  keyof LedgerRules
)[];

/**
 * Witnesses as a person names them: `self`, or an identity's key, each with `:weight` where it is
 * not 1.
 * @throws {NexusError} `WITNESS_INVALID`
 */
export function witnessesFrom(texts: readonly string[], self: Uint8Array): Witness[] {
  const witnesses: Witness[] = [];
  for (const text of texts.flatMap((one) => one.split(','))) {
    const [, name, digits = '1'] = /^(self|[0-9a-f]{64})(?::([0-9]{1,7}))?$/i.exec(text.trim()) ??
      [];
    const weight = Number(digits);
    if (name === undefined || weight < 1 || weight > MAX_WEIGHT) {
      throw new NexusError('WITNESS_INVALID', `${quoted(text.slice(0, 80))} names no witness`, {
        hint: 'give self or a key of 64 hexadecimal digits (nexus id), with :weight if it is not 1',
      });
    }
    const key = keyFrom(name, self);
    if (witnesses.some((witness) => equalBytes(witness.key, key))) {
      throw new NexusError('WITNESS_INVALID', `${quoted(text)} is named twice`, {
        hint: 'name each witness once, with the weight that it is to have',
      });
    }
    witnesses.push({ key, weight });
  }
  return witnesses;
}

/**
 * First balances as a person names them: `self` or an identity's key, with `:amount` in NCU.
 * @throws {NexusError} `GRANT_INVALID`
 */
export function grantsFrom(texts: readonly string[], self: Uint8Array): LedgerTerms['genesis'] {
  const grants: { key: Uint8Array; amount: number }[] = [];
  for (const text of texts.flatMap((one) => one.split(','))) {
    const [, name, given = ''] = /^(self|[0-9a-f]{64}):(.{1,40})$/i.exec(text.trim()) ?? [];
    const amount = parseNcu(given);
    if (name === undefined || amount === null || amount === 0) {
      throw new NexusError('GRANT_INVALID', `${quoted(text.slice(0, 110))} is no grant`, {
        hint: 'give self or a key (nexus id), and an amount of NCU, e.g. --grant self:2.5',
      });
    }
    const key = keyFrom(name, self);
    if (grants.some((grant) => equalBytes(grant.key, key))) {
      throw new NexusError('GRANT_INVALID', `${quoted(text)} is named twice`, {
        hint: 'name each identity once, with all that it is to have',
      });
    }
    grants.push({ key, amount });
  }
  return grants;
}

/**
 * A model's coefficients as a person names them: `model=prompt/output`, whole micro-NCU a token.
 * @throws {NexusError} `COEFFICIENT_INVALID`
 */
export function coefficientFrom(text: string): { model: string; prompt: number; output: number } {
  const [, model, prompt, output] = /^([^=]{1,200})=(\d{1,10})\/(\d{1,10})$/.exec(text) ?? [];
  if (model === undefined || Number(output) === 0) {
    throw new NexusError('COEFFICIENT_INVALID', `${quoted(text.slice(0, 120))} is no coefficient`, {
      hint: 'give model=prompt/output, whole micro-NCU a token, e.g. austen-3.7m=4/15',
    });
  }
  return { model, prompt: Number(prompt), output: Number(output) };
}

/**
 * The usual rules, those that a preset changes, and changes of a person, each as `name=value` in the
 * file's unit. Amounts may be given in NCU: `grant=2.5NCU`.
 * @param preset null: a network without a ledger
 * @throws {NexusError} `RULE_INVALID`
 */
export function rulesFrom(
  texts: readonly string[],
  preset: PresetName | null = null,
): { rules: Rules; ledger: LedgerRules | null } {
  const { audit = {}, prints = {}, ledger: changed = {} } = preset === null ? {} : PRESETS[preset];
  const rules: Record<string, number> = { ...defaultRules(), ...audit, ...prints };
  const ledger: Record<string, number> = { ...defaultLedgerRules(), ...changed };
  for (const text of texts) {
    const at = text.indexOf('=');
    const name = text.slice(0, Math.max(0, at)), value = text.slice(at + 1).trim();
    if (Object.hasOwn(RULES, name)) rules[name] = wholeOf(name, value);
    else if (!Object.hasOwn(LEDGER_RULES, name)) throw unknownRule(name, text);
    else if (preset !== null) ledger[name] = wholeOf(name, value);
    else throw needsLedger(`${name} is a rule of the ledger, and this network has none`);
  }
  const made = {
    rules: parseRules(rules, fail),
    ledger: preset === null ? null : parseLedgerRules(ledger, fail),
  };
  if (made.ledger !== null) demandLastingBonds(made.ledger, made.rules, fail);
  return made;
}

/** What is about money was said of a network that is to have none. */
export function needsLedger(what: string): NexusError {
  return new NexusError('RULE_INVALID', what, {
    hint: 'choose how its money begins: --preset dev, or --preset open',
  });
}

function wholeOf(name: string, text: string): number {
  const isNcu = /ncu$/i.test(text);
  if (isNcu && AMOUNTS.includes(name)) return parseNcu(text) ?? fail(`${name}=${text}`);
  const value = Number(text);
  if (/^-?\d{1,16}$/.test(text) && Number.isSafeInteger(value)) return value;
  if (!AMOUNTS.includes(name)) fail(`${name}=${text}`);
  const ncu = parseNcu(text);
  const meant = ncu === null ? `${name}=2.5NCU` : `${name}=${ncuText(ncu)}NCU`;
  throw new NexusError('RULE_INVALID', `not a rule: ${name}=${text.slice(0, 40)}`, {
    hint: `it is a whole number of micro-NCU (${NCU} are one NCU), or NCU by name: ${meant}`,
  });
}

function unknownRule(name: string, text: string): NexusError {
  const known = [...Object.keys(RULES), ...Object.keys(LEDGER_RULES)];
  const meant = name === '' ? undefined : closest(name, known);
  if (meant === undefined) return notRule(text);
  return new NexusError('RULE_INVALID', `there is no rule ${quoted(name.slice(0, 40))}`, {
    hint: `did you mean ${meant}?`,
  });
}

function fail(what: string): never {
  throw notRule(what);
}

function notRule(what: string): NexusError {
  return new NexusError('RULE_INVALID', `not a rule: ${what.slice(0, 120)}`, {
    hint:
      'give name=value, e.g. epochMs=10000; nexus network show lists those of the chosen network',
  });
}

function keyFrom(name: string, self: Uint8Array): Uint8Array {
  return name.toLowerCase() === 'self' ? self : fromHex(name.toLowerCase(), 32);
}
