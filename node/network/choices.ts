import { equalBytes, fromHex, NexusError } from '../../feeds/base/mod.ts';
import { quoted } from '../home/mod.ts';
import type { Witness } from './file.ts';
import { defaultRules, parseRules, type Rules } from './rules.ts';

const MAX_WEIGHT = 1_000_000;

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
    const key = name.toLowerCase() === 'self' ? self : fromHex(name, 32);
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
 * The usual rules with changes, each as `name=value`.
 * @throws {NexusError} `RULE_INVALID`
 */
export function rulesFrom(texts: readonly string[]): Rules {
  const changes = texts.map((text) => {
    const at = text.indexOf('=');
    const value = Number(text.slice(at + 1));
    if (at < 1 || text.length === at + 1 || !Number.isInteger(value)) fail(text);
    return [text.slice(0, at), value];
  });
  return parseRules({ ...defaultRules(), ...Object.fromEntries(changes) }, fail);
}

function fail(what: string): never {
  throw new NexusError('RULE_INVALID', `not a rule: ${what.slice(0, 120)}`, {
    hint: 'give name=value, e.g. epochMs=10000; nexus network show main lists the rules',
  });
}
