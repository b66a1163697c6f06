import { counted, ncuText, toHex } from '../../feeds/base/mod.ts';
import type { Coefficients, LedgerRules, LedgerTerms } from '../../feeds/ledger/mod.ts';
import { profileId } from '../../feeds/records/mod.ts';
import { NCU_METHOD } from '../../fingerprint/ncu/mod.ts';
import { ModelStore, readTable } from '../models/mod.ts';
import { coefficientFrom, coefficientsOf, grantsFrom, needsLedger } from '../network/mod.ts';

/** What a person said about the money of a new network. */
export interface LedgerWish {
  grants: readonly string[];
  coefficients: readonly string[];
}

/**
 * The part of a new network's file that is about money.
 * @param rules null: it is to have none
 * @param home folder whose models may be named, beside those that the program knows
 * @throws {NexusError} `RULE_INVALID`, `GRANT_INVALID`, `COEFFICIENT_INVALID`, `MODEL_UNKNOWN`
 */
export async function termsFrom(
  rules: LedgerRules | null,
  { grants, coefficients }: LedgerWish,
  self: Uint8Array,
  home: string,
): Promise<LedgerTerms | null> {
  if (rules === null) {
    if (grants.length > 0) throw needsLedger('--grant is about money, and this network has none');
    if (coefficients.length === 0) return null;
    throw needsLedger('--coefficient is about money, and this network has none');
  }
  const table = new Map<string, Coefficients>();
  const add = (one: Coefficients) => table.set(toHex(one.profile), one);
  for (const { entry } of await readTable()) add(coefficientsOf(entry));
  const store = new ModelStore(home);
  for (const text of coefficients) {
    const { model, prompt, output } = coefficientFrom(text);
    const { entry } = await store.resolve(model);
    add({ profile: profileId(entry.profile), prompt, output });
  }
  const all = [...table.values()];
  return { rules, genesis: grantsFrom(grants, self), coefficients: all, method: NCU_METHOD };
}

/** A network's money in a few lines, for people. */
export async function moneyLines(ledger: LedgerTerms | null): Promise<string[]> {
  if (ledger === null) return [];
  const { rules, genesis, coefficients, method } = ledger;
  const sum = genesis.reduce((sum, { amount }) => sum + amount, 0);
  const first = genesis.length === 0
    ? 'none'
    : `${ncuText(sum)} NCU of ${counted(genesis.length, 'identity', 'identities')}`;
  const known = new Map(
    (await readTable()).map(({ entry }) => [toHex(profileId(entry.profile)), entry.name]),
  );
  return [
    `first balances: ${first}; who comes is given ${
      rules.grant === 0 ? 'nothing' : `${ncuText(rules.grant)} NCU`
    }`,
    ...coefficients.map(({ profile, prompt, output }) => {
      const id = toHex(profile);
      const name = known.get(id) ?? `profile ${id.slice(0, 8)}`;
      return `${name}: ${prompt} micro-NCU a token of the prompt, ${output} of output`;
    }),
    ...(method === undefined ? [] : [`these follow from ${method}, where nobody gave others`]),
  ];
}
