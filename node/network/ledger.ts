import { fromHex, toHex } from '../../feeds/base/mod.ts';
import { SEATS_EVERY, SEATS_LAG } from '../../feeds/agreement/mod.ts';
import type { LedgerRules, LedgerTerms } from '../../feeds/ledger/mod.ts';
import { closest } from '../home/mod.ts';
import { type Fail, hex, listOf, members, whole } from './check.ts';
import { LEDGER_RULES } from './ledger_rules.ts';
import { reasonOf } from './rules.ts';

const NAMES = Object.keys(LEDGER_RULES) as (keyof LedgerRules)[];
const MAX_GENESIS = 4096;
const MAX_PROFILES = 256;
/** All first balances together: far below where whole numbers end. */
const MOST_GENESIS = 2 ** 50;
/** How the coefficients were worked out. */
const METHOD = /^[a-z][a-z0-9-]{0,31}\/\d{1,6}$/;
/** micro-NCU a token: a kilojoule. */
const MOST_COEFFICIENT = 1_000_000_000;

/** The usual rules of a ledger. */
export function defaultLedgerRules(): LedgerRules {
  return Object.fromEntries(
    NAMES.map((name) => [name, LEDGER_RULES[name].value]),
  ) as unknown as LedgerRules;
}

/** Why each rule is as it usually is. */
export function ledgerReasons(rules: LedgerRules): Record<keyof LedgerRules, string> {
  const reasons = NAMES.map((name) => [name, reasonOf(LEDGER_RULES[name], rules[name])]);
  return Object.fromEntries(reasons) as Record<keyof LedgerRules, string>;
}

/** Validates rules of a ledger: each must be there unless optional, and none that is unknown. */
export function parseLedgerRules(value: unknown, fail: Fail): LedgerRules {
  if (typeof value === 'object' && value !== null) {
    for (const name of Object.keys(value)) {
      if (Object.hasOwn(LEDGER_RULES, name)) continue;
      const meant = closest(name, NAMES);
      fail(`unknown rule "${name.slice(0, 40)}"${meant ? `; did you mean "${meant}"?` : ''}`);
    }
  }
  const names = NAMES.map((name) => LEDGER_RULES[name].optional ? `${name}?` : name);
  const from = members(value, names, (what) => fail(`rules of the ledger: ${what}`));
  const rules = {} as LedgerRules;
  for (const name of NAMES) {
    const { least, most, optional, value: usual } = LEDGER_RULES[name];
    const given = optional && from[name] === undefined ? usual : from[name];
    rules[name] = whole(given, least, most, name, fail);
  }
  if (rules.rewardAuditors + rules.rewardWitnesses > 1_000_000) fail('rewards are more than all');
  if (rules.utilLow > rules.utilHigh) fail('utilLow is above utilHigh');
  if (rules.slashLeast > rules.slashMost) fail('slashLeast is above slashMost');
  return rules;
}

/** Whoever votes with a bond must still have it when what it voted comes to light. */
export function demandLastingBonds(
  { witnessBonds, unbondCuts }: LedgerRules,
  { challengeCuts }: { challengeCuts: number },
  fail: Fail,
): void {
  // Who asks a bond back has its seat until the ledger two cuts back says so, two cuts after a cut
  // states it, which may have to wait for its turn.
  const least = challengeCuts + 2 * SEATS_LAG + SEATS_EVERY;
  if (witnessBonds === 0 || unbondCuts > least) return;
  fail(`unbondCuts is ${unbondCuts}; where bonds make witnesses it must be above ${least}`);
}

/** Validates the part of a network file that is about money; null where it has none. */
export function parseLedger(value: unknown, fail: Fail): LedgerTerms | null {
  if (value === null) return null;
  const from = members(value, ['rules', 'genesis', 'coefficients', 'method?'], fail);
  const genesis = listOf(from.genesis, MAX_GENESIS, 'genesis', fail).map((entry) => {
    const { key, amount } = members(entry, ['key', 'amount'], fail);
    return {
      key: fromHex(hex(key, 32, 'a key of genesis', fail)),
      amount: whole(amount, 1, MOST_GENESIS, 'an amount of genesis', fail),
    };
  });
  unique(genesis.map(({ key }) => key), 'genesis', fail);
  if (genesis.reduce((sum, { amount }) => sum + amount, 0) > MOST_GENESIS) fail('genesis is huge');
  const coefficients = listOf(from.coefficients, MAX_PROFILES, 'coefficients', fail).map(
    (entry) => {
      const { profile, prompt, output } = members(entry, ['profile', 'prompt', 'output'], fail);
      return {
        profile: fromHex(hex(profile, 32, 'a profile of the coefficients', fail)),
        prompt: whole(prompt, 0, MOST_COEFFICIENT, 'prompt', fail),
        output: whole(output, 1, MOST_COEFFICIENT, 'output', fail),
      };
    },
  );
  unique(coefficients.map(({ profile }) => profile), 'coefficients', fail);
  const terms = { rules: parseLedgerRules(from.rules, fail), genesis, coefficients };
  if (from.method === undefined) return terms;
  const { method } = from;
  return typeof method === 'string' && METHOD.test(method)
    ? { ...terms, method }
    : fail('method is no name with a version');
}

/** As plain JSON; {@link parseLedger} reads it. */
export function ledgerToJson({ rules, genesis, coefficients, method }: LedgerTerms) {
  const written = NAMES.filter((name) =>
    !LEDGER_RULES[name].optional || rules[name] !== LEDGER_RULES[name].value
  );
  return {
    rules: Object.fromEntries(written.map((name) => [name, rules[name]])),
    genesis: genesis.map(({ key, amount }) => ({ key: toHex(key), amount })),
    coefficients: coefficients.map(({ profile, prompt, output }) => ({
      profile: toHex(profile),
      prompt,
      output,
    })),
    // Left out where it is not told: networks that are older than it keep their id.
    ...(method === undefined ? {} : { method }),
  };
}

function unique(keys: readonly Uint8Array[], what: string, fail: Fail): void {
  if (new Set(keys.map(toHex)).size < keys.length) fail(`${what} names one twice`);
}
