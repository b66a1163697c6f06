import { attemptCost, type LedgerTerms } from '../../feeds/ledger/mod.ts';
import { defaultLedgerRules, defaultRules, type Rules } from '../../node/network/mod.ts';
import { PROMPT_TOKENS } from './jobs.ts';
import { named, PROFILE } from './mesh.ts';

/** Millijoules a token of the model that everybody serves. */
export const COEFFICIENTS = { prompt: 60, output: 600 };
/** Of the reference energy: what an honest answer takes, what a cheated one, what an audit reads. */
export const HONEST = 0.7, CHEATED = 0.14, AUDIT = 0.15;
/**
 * Honest answers that auditors find wrong, all of them alike: the upper end of what was measured (none
 * of 6,100: docs/audit.md).
 */
export const FALSE_TRIGGERS = 0.0005;
/** Tokens of an answer, mean. */
export const TOKENS = 80;

/** What an answer of the mean length costs, micro-NCU. */
export const REFERENCE = attemptCost(COEFFICIENTS.output, COEFFICIENTS, PROMPT_TOKENS, TOKENS);

/** What is simulated. */
export interface Size {
  nodes: number;
  jobs: number;
  epochs: number;
  /** Chance of an audit that everybody has earned at the start, 0 to 1. */
  rate: number;
}

/**
 * The rules of an open network. Each executor has but a few jobs an epoch here, so that quiet times
 * do not count; windows are shortened with the run.
 */
export function rulesOf(): Rules {
  return { ...defaultRules(), auditLeast: 0, challengeCuts: 24 };
}

/** Jobs that each node decodes at once. */
export const SLOTS = 2;

/** Milliseconds a token, so that some half of what is for sale is used: prices stay. */
export function paceOf({ nodes, jobs, epochs }: Size): number {
  return 0.75 * SLOTS * rulesOf().epochMs * nodes * epochs / (jobs * TOKENS);
}

/** Epochs after the last job until all is settled, audited and released. */
export const DRAIN = 48;

/**
 * Epochs until a bond that was asked back is free: longer than any challenge, and short enough for
 * who leaves to have it back while there are jobs.
 */
const UNBOND = 36;

/** Everybody's bond and purse, and the money of the network. */
export function termsOf({ nodes, jobs, epochs, rate }: Size): { terms: LedgerTerms; bond: number } {
  const rules = { ...defaultLedgerRules(), settleCuts: 6, unbondCuts: UNBOND };
  const { challengeCuts } = rulesOf();
  const caught = rate * rules.detection / 1e6;
  const n = Math.min(rules.slashMost, Math.max(rules.slashLeast, Math.ceil((1 - caught) / caught)));
  const each = jobs / nodes, window = Math.min(each, each * (challengeCuts + 8) / epochs);
  // Three times the mean: the busiest node, too, stays covered.
  const bond = Math.ceil(3 * n * REFERENCE * (window + 1));
  const purse = Math.ceil(REFERENCE * (4 * each + 400));
  const genesis = Array.from({ length: nodes }, (_, i) => ({
    key: named('node', i),
    amount: bond + purse,
  }));
  return { terms: { rules, genesis, coefficients: [{ profile: PROFILE, ...COEFFICIENTS }] }, bond };
}
