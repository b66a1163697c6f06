import type { LedgerRules } from '../../feeds/ledger/mod.ts';
import type { RuleSpec } from './rules.ts';

const NCU = 1_000_000;
const MOST = 1_000_000_000 * NCU;
const ALL = 1_000_000;

/** Rules of the ledger: the usual values are those of an open network. */
export const LEDGER_RULES: Readonly<Record<keyof LedgerRules, RuleSpec>> = {
  grant: {
    value: 0,
    least: 0,
    most: 1_000_000 * NCU,
    reason: 'keys cost nothing: whoever is given money for one makes a thousand',
  },
  creditLimit: {
    value: 0,
    least: 0,
    most: MOST,
    reason: 'what is owed by a key that is thrown away is lost; never more than its bond',
  },
  feeShare: {
    value: 20_000,
    least: 0,
    most: 500_000,
    reason: 'two per cent pay the audits of a mature network; dealing with oneself costs as much',
  },
  auditFee: {
    value: 300_000,
    least: 0,
    most: 500_000,
    reason:
      'two auditors read an answer for some three tenths of what it cost: newcomers pay theirs',
  },
  emissionShare: {
    value: ALL,
    least: 0,
    most: ALL,
    reason: 'what is burned is paid out for audits and cuts, and never more',
  },
  rewardAuditors: { value: 900_000, least: 0, most: ALL, reason: 'audits are most of the work' },
  rewardWitnesses: { value: 80_000, least: 0, most: ALL, reason: 'cuts cost little but presence' },
  missedFine: {
    value: NCU / 1000,
    least: 0,
    most: 1000 * NCU,
    reason: 'a duty that is taken and not done keeps a verdict from coming',
  },
  faultFine: {
    value: NCU / 5,
    least: 0,
    most: 1000 * NCU,
    reason: 'more than a panel costs that has to be drawn because of it',
  },
  settleCuts: {
    value: 8,
    least: 2,
    most: 100_000,
    reason: 'a party may be restarting; escrow shall not stay locked for long',
  },
  silentTokens: {
    value: 96,
    least: 0,
    most: 65_536,
    reason: 'half more than the window of acknowledgements: silence costs more than it takes',
  },
  unbondCuts: {
    value: 120,
    least: 2,
    most: 1_000_000,
    reason: 'three challenge windows: a bond must outlive every audit that it stands for',
  },
  witnessBonds: {
    value: 0,
    least: 0,
    most: MOST,
    reason: 'bonds together from which on they make the witnesses; 0: those of this file for ever',
    optional: true,
  },
  slashLeast: {
    value: 4,
    least: 1,
    most: 10_000,
    reason: 'even where everything is audited, being caught must cost more than it could gain',
  },
  slashMost: {
    value: 200,
    least: 1,
    most: 100_000,
    reason: 'twice the inverse of the least rate of audits: more would only frighten the honest',
  },
  detection: {
    value: 800_000,
    least: 1_000,
    most: ALL,
    reason:
      'the cheat that is hardest to find and saves most of the work is found in 106 of 120 answers: 81 % at least',
  },
  slashAuditors: {
    value: 100_000,
    least: 0,
    most: ALL,
    reason: 'enough to be worth looking, too little to be worth lying for',
  },
  reputationHalf: {
    value: 20,
    least: 1,
    most: 1_000_000,
    reason: 'as many verified epochs as clean audits until fewer are audited',
  },
  probeTokens: {
    value: 0,
    least: 0,
    most: 65_536,
    reason: 'nothing unless a network says so; a plan for ninety tokens a second costs some 4,000',
    optional: true,
  },
  claimCost: {
    value: 0,
    least: 0,
    most: 1_000_000,
    reason: 'nothing unless a network says so; ten take half of what makes a reputation of a half',
    optional: true,
  },
  priceStep: { value: 50_000, least: 0, most: 500_000, reason: 'five per cent an epoch, no jumps' },
  utilLow: { value: 400_000, least: 0, most: ALL, reason: 'below it there is too much for sale' },
  utilHigh: { value: 600_000, least: 0, most: ALL, reason: 'above it jobs begin to queue' },
  priceLeast: {
    value: 100_000,
    least: 1_000,
    most: ALL,
    reason: 'a tenth of the reference energy: an efficient machine may still earn',
  },
  priceMost: {
    value: 10_000_000,
    least: ALL,
    most: 1_000_000_000,
    reason: 'ten times the reference energy: nobody is surprised by a price',
  },
  askBand: {
    value: 250_000,
    least: 0,
    most: ALL,
    reason: 'room to compete, none to charge a careless client anything',
  },
};

/** What a development network has otherwise: everybody may try everything at once. */
export const DEV_LEDGER: Partial<LedgerRules> = {
  grant: 1000 * NCU,
  creditLimit: 100 * NCU,
  settleCuts: 4,
  unbondCuts: 24,
  // With epochs of seconds the usual step would halve the price of a quiet minute.
  priceStep: 2_000,
};
/** Rules of audits on a development network: short epochs, short windows. */
export const DEV_AUDIT = { epochMs: 3000, challengeCuts: 20 } as const;
