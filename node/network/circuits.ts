import { NexusError } from '../../feeds/base/mod.ts';
import { PROOF_STATEMENTS, type ProofStatement } from '../../feeds/records/mod.ts';
import type { ProofTerms } from '../../feeds/sampling/mod.ts';
import { quoted } from '../home/mod.ts';
import { type Fail, hex, listOf, members, whole } from './check.ts';

const ALL = 10_000;
const MOST_CUTS = 100_000;

/** What a network asks for that wants proofs and says no more. */
const USUAL = { share: 500, withinCuts: 8 };

const REASONS = {
  share:
    'a proof takes a free core some seconds; five in a hundred show a sampler that cheats often',
  withinCuts: 'a proof is made when nothing else is to be done, and after others that wait',
  keys: 'whoever makes a key alone could forge proofs under it: a network names the keys it trusts',
  ceremony:
    'keys that several parties made, one of whom has destroyed its secret, as far as is known',
};

/** Why this part of a network file is as it is. */
export function circuitReasons(terms: ProofTerms): Record<string, string> {
  const { share, withinCuts, keys, ceremony } = REASONS;
  return {
    'sample.share': share,
    'sample.withinCuts': withinCuts,
    'circuits.keys': keys,
    ...(terms.ceremony === undefined ? {} : { 'circuits.ceremony': ceremony }),
  };
}

/** Validates the part of a network file that is about proofs; null where it has none. */
export function parseCircuits(value: unknown, fail: Fail): ProofTerms | null {
  if (value === null) return null;
  const from = members(value, ['sample', 'keys', 'ceremony?'], (what) => fail(`circuits: ${what}`));
  const bad = (what: string): never => fail(`circuits.sample: ${what}`);
  const { share, withinCuts } = members(from.sample, ['share', 'withinCuts'], bad);
  const named = members(from.keys, PROOF_STATEMENTS.map((name) => `${name}?`), (what) => {
    return fail(`circuits.keys: ${what}`);
  });
  const keys: ProofTerms['keys'] = {};
  for (const name of PROOF_STATEMENTS) {
    if (named[name] !== undefined) keys[name] = hex(named[name], 32, `the key of ${name}`, fail);
  }
  const ceremony = from.ceremony === undefined ? [] : ceremonyOf(from.ceremony, keys, fail);
  const terms = {
    share: whole(share, 0, ALL, 'circuits.sample.share', fail),
    withinCuts: whole(withinCuts, 1, MOST_CUTS, 'circuits.sample.withinCuts', fail),
    keys,
    ...(ceremony.length === 0 ? {} : { ceremony }),
  };
  return terms.share > 0 && keys.sample === undefined
    ? fail('proofs of sampling are asked for, and no key of theirs is named')
    : terms;
}

/** In their order, none twice, each with a key: one list has one hash. */
function ceremonyOf(value: unknown, keys: ProofTerms['keys'], fail: Fail): ProofStatement[] {
  const bad = () => fail('circuits.ceremony does not list statements with a key, in their order');
  const names = listOf(value, PROOF_STATEMENTS.length, 'circuits.ceremony', fail);
  const known = PROOF_STATEMENTS.filter((name) => names.includes(name) && keys[name] !== undefined);
  const same = names.length > 0 && names.length === known.length &&
    names.every((name, i) => name === known[i]);
  return same ? known : bad();
}

/** As plain JSON; {@link parseCircuits} reads it. */
export function circuitsToJson(terms: ProofTerms): Record<string, unknown> {
  const { share, withinCuts, keys, ceremony = [] } = terms;
  return {
    sample: { share, withinCuts },
    keys: { ...keys },
    // Left out where there is none: networks without keep the id that they had.
    ...(ceremony.length === 0 ? {} : { ceremony: [...ceremony] }),
  };
}

/** True if the network says that the key of a statement was made by several parties. */
export function isVouched(terms: ProofTerms | null, statement: ProofStatement): boolean {
  return terms?.ceremony?.includes(statement) ?? false;
}

/**
 * What a person asks for: `sample`, `sample:25%`, `sample:25%/12` (cuts within which it is to be
 * made); the keys are those of the program that makes the file.
 * @throws {NexusError} `PROVE_INVALID`
 */
export function circuitsFrom(text: string, keys: ProofTerms['keys']): ProofTerms {
  const [, statement, percent, cuts] =
    /^(sample)(?::(\d{1,3}(?:\.\d{1,2})?)%(?:\/(\d{1,6}))?)?$/.exec(text.trim()) ?? [];
  const share = percent === undefined ? USUAL.share : Math.round(Number(percent) * 100);
  const withinCuts = cuts === undefined ? USUAL.withinCuts : Number(cuts);
  const isGood = statement !== undefined && share <= ALL && withinCuts >= 1 &&
    withinCuts <= MOST_CUTS;
  if (isGood) return { share, withinCuts, keys };
  throw new NexusError('PROVE_INVALID', `${quoted(text.slice(0, 80))} asks for no proof`, {
    hint: 'give sample, or the share of answers to be proven and the cuts it may take: sample:5%/8',
  });
}
